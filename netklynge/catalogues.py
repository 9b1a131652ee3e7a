"""A language's catalogues, one per room, compiled into one; the build does it, so that no start has to.

Imports nothing of netklynge: the build loads this file alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["COMPILED", "compiled"]

COMPILED = "netklynge.mo"


def compiled(catalogues: Iterable[bytes], code: str) -> bytes:
    """Catalogues (.po) in order as one that is ready to be read (.mo); of two texts for a message the later counts."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    day = datetime(2000, 1, 1, tzinfo=UTC)  # the same catalogues give the same bytes
    merged = Catalog(locale=code, fuzzy=False, creation_date=day, revision_date=day)
    for content in catalogues:
        for message in read_po(io.BytesIO(content), locale=code):
            if message.id:
                merged[message.id] = message
    out = io.BytesIO()
    write_mo(out, merged)
    return out.getvalue()
