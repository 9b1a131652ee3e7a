from .identities import merge_actors as merge_actors
from .matching import match_names as match_names
from .places import ring_of as ring_of
from .suppliers import import_ledger as import_ledger
