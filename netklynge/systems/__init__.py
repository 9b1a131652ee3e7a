"""Is it a cluster, is it an innovation system: flows, barriers, helices, property sheet."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
