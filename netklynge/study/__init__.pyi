from .loading import bundled as bundled
from .loading import check as check
from .loading import load as load
from .loading import surveys as surveys
from .study import Study as Study
