"""Measures of a study: where links go, buzz, pipelines, hubs, profiles, waves."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
