"""Synthetic national ledgers: who buys from whom, in the shape of a VAT register.

Sizes are stated after two published ones: the Belgian business-to-business transactions register (13.9 million
links) and the Hungarian VAT network (38.6 million links). Numbers of suppliers and of customers are heavy-tailed,
labour-market regions are of very unequal size, and firms buy more at home than chance would have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

REGIONS = 160  # labour-market regions
PARTS = 5  # parts of the country, each of 32 regions
TIES_PER_ACTOR = 10
LAYERS = ("supply", "service", "licence")
RINGS = ("local", "regional", "national", "international")
SCHEMA = pa.schema([("source", pa.int64()), ("target", pa.int64()), ("layer", pa.string()), ("scale", pa.string())])
_BLOCK = 5_000_000  # ties made at a time


def regions_of(ties: int, seed: int = 1) -> np.ndarray:
    """Region of each actor of a ledger of so many ties; actors of one region stand side by side."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, REGIONS + 1) ** 0.8
    return np.sort(rng.choice(REGIONS, size=ties // TIES_PER_ACTOR, p=share / share.sum()))


def blocks(ties: int, seed: int = 1) -> Iterator[pa.Table]:
    """Arrow tables of about `ties` ties in all; the few draws that are loops are left out."""
    region = regions_of(ties, seed)
    rng = np.random.default_rng(seed + 1)
    # the k-th largest of n draws grows as (n / k) ** (1 / 1.3); capped so that a giant has at most 1 % of a side
    weight = {side: np.minimum(rng.pareto(1.3, len(region)) + 0.2, len(region) ** 0.6) for side in ("out", "in")}
    total = {side: np.concatenate([[0], np.cumsum(values)]) for side, values in weight.items()}
    start, stop = np.searchsorted(region, np.arange(REGIONS)), np.searchsorted(region, np.arange(REGIONS), "right")
    for done in range(0, ties, _BLOCK):
        size = min(_BLOCK, ties - done)
        source = _draw(rng.random(size), total["out"], 0, total["out"][-1])
        home = rng.random(size) < 0.4
        own = region[source]
        low = np.where(home, total["in"][start[own]], 0)
        high = np.where(home, total["in"][stop[own]], total["in"][-1])
        target = _draw(rng.random(size), total["in"], low, high)
        there = region[target]
        same_part = own // (REGIONS // PARTS) == there // (REGIONS // PARTS)
        ring = np.where(own == there, 0, np.where(same_part, 1, 2))
        ring = np.where((own != there) & (rng.random(size) < 0.05), 3, ring)
        layer = np.searchsorted([0.7, 0.95], rng.random(size))  # 70, 25 and 5 per cent
        apart = source != target
        columns = [
            pa.array(source[apart]),
            pa.array(target[apart]),
            *(
                pa.DictionaryArray.from_arrays(codes[apart].astype(np.int32), names).cast(pa.string())
                for codes, names in ((layer, LAYERS), (ring, RINGS))
            ),
        ]
        yield pa.table(columns, schema=SCHEMA)


def _draw(uniform: np.ndarray, total: np.ndarray, low: Any, high: Any) -> np.ndarray:
    """Actors drawn in proportion to their weight, between two points of the running total."""
    return np.minimum(np.searchsorted(total, low + uniform * (high - low), "right"), len(total) - 1) - 1


def write(path: Path, ties: int, seed: int = 1) -> Path:
    """Write the ledger as one Parquet file, block by block; one that is there already is kept."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with pq.ParquetWriter(part, SCHEMA) as writer:
            for block in blocks(ties, seed):
                writer.write_table(block)
        part.rename(path)
    return path
