"""netklynge: networks of regional industry clusters, their local buzz, pipelines and district types.

>>> import netklynge as nk
>>> study = nk.load("horten")
>>> study.cut("regional").boundary
'regional'
"""

import lazy_loader

__version__ = "0.1.0"

# What is public stands in __init__.pyi, for readers, editors and type checkers alike; rooms open when asked for.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
