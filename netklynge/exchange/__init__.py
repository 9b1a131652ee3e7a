"""Network files in and out: what other programs write and read, and graphs held in memory."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
