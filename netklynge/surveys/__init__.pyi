from .microdata import answer_table as answer_table
from .microdata import import_survey as import_survey
from .rosters import read_roster as read_roster
from .rosters import write_roster as write_roster
from .surveyfiles import read_survey as read_survey
from .synthetic import synthesize as synthesize
