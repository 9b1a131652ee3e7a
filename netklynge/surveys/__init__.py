"""Surveys to studies: files of any tool, codebooks, answers, rosters, and made-up answers that keep margins."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
