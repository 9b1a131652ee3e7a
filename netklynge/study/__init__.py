"""The study: zones, contracts, tables, and every rule on which ties count."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
