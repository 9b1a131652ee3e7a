"""The local app: pages on one's own machine for whoever never writes a command."""

import lazy_loader

from netklynge.files.extras import require

require("app", "the local app")

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
