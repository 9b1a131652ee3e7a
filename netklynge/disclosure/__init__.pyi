from .anonymity import public_study as public_study
from .protection import protect_table as protect_table
