from .study import Study as Study
from .study import bundled as bundled
from .study import check as check
from .study import load as load
from .study import surveys as surveys
