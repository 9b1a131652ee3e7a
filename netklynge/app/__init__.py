"""The local app: pages on one's own machine for whoever never writes a command."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
