"""Regional statistics: registers, quotients, growth, dynamics; the checker of published tables."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
