"""Sources to studies: surveys, ledgers, network files, rosters; who is who and where."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
