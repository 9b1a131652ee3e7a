"""Makes the table of selectively told districts that the second opinion learns from; measures it into docs/told.md.

python benchmarks/told.py --table   # makes the table and the exponents again, then measures; two minutes
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from netklynge.files.outputs import write_text
from netklynge.typology.classifier import BANDS, calibration_error, exponents, forget, opinions, trained
from netklynge.typology.hallmarks import HALLMARKS
from netklynge.typology.simulation import KINDS_OF_DISTRICT, vectors
from netklynge.typology.telling import told_vectors

HOME = Path(str(resources.files("netklynge.typology")))
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "told.md"
H = list(HALLMARKS)


def make() -> None:
    """The training table (reference ranges), then the exponents on a calibration set (other ranges, other seeds)."""
    table = told_vectors(KINDS_OF_DISTRICT, 60, 7301, "reference")
    table.to_csv(HOME / "told.csv.gz", index=False, float_format="%.6g", compression={"method": "gzip", "mtime": 0})
    trained.cache_clear()
    told, full = told_vectors(KINDS_OF_DISTRICT, 80, 7401), vectors(KINDS_OF_DISTRICT, 80, seed=7402, which="other")
    near = vectors(KINDS_OF_DISTRICT, 80, seed=7403)
    X = pd.concat([told[H], full[H], forget(full[H], 0.8, seed=6), near[H]], ignore_index=True)
    y = pd.concat([told["kind"], full["kind"], full["kind"], near["kind"]]).to_numpy()
    p, known = trained().predict_proba(X), X.notna().mean(axis=1).to_numpy()
    found = []
    for band in range(len(BANDS) + 1):
        here = np.searchsorted(BANDS, known) == band
        truth = np.searchsorted(trained().classes_, y[here])
        steps = np.arange(0.3, 2.6, 0.05)
        loss = [
            -np.log((q := p[here] ** g / (p[here] ** g).sum(1, keepdims=True))[np.arange(len(q)), truth] + 1e-9).mean()
            for g in steps
        ]
        found.append(round(float(steps[int(np.argmin(loss))]), 2))
    write_text(HOME / "exponents.yaml", EXPONENTS.format(found=found))
    exponents.cache_clear()


EXPONENTS = """# By benchmarks/told.py: what probabilities are raised to, by the share of hallmarks that is known.
exponents: {found}
"""


def main() -> None:
    if "--table" in sys.argv:
        make()
    test = told_vectors(KINDS_OF_DISTRICT, 100, 9801)
    sets = dict(iter(test.groupby("telling", sort=False)))
    other = vectors(KINDS_OF_DISTRICT, 150, seed=9802, which="other")
    sets |= {"other ranges": other, "reference ranges": vectors(KINDS_OF_DISTRICT, 150, seed=9803)}
    sets["other ranges, 0-80 % blanked"] = other.assign(**forget(other[H], 0.8, seed=9804))
    rows = []
    for name, part in sets.items():
        p = opinions(part[H])
        hits = trained().classes_[p.argmax(axis=1)] == part["kind"].to_numpy()
        rows.append((name, len(part), hits.mean(), p.max(axis=1).mean(), calibration_error(p.max(axis=1), hits)))
    table = pd.DataFrame(rows, columns=["set", "districts", "accuracy", "mean top probability", "calibration error"])
    write_text(DOCUMENT, TEXT.format(table=table.to_markdown(index=False, floatfmt=".3f")))
    print(table.to_string())


TEXT = """# The second opinion on districts that are told selectively

Written by `benchmarks/told.py`; do not edit by hand. The ways of telling are those of [certainty.md](certainty.md).

The classifier learns from districts of the *reference* ranges, a part of them told selectively. Its probabilities are
raised to an exponent by the share of hallmarks that is known, fitted on a calibration set of other ranges; the sets
below have seeds of their own. Six kinds: chance is 0.167. The aim is a calibration error under 0.05.

{table}
"""


if __name__ == "__main__":
    main()
