"""Measures the second opinion and the verdict on simulated districts of known type and writes docs/second-opinion.md.

python benchmarks/second_opinion.py            # a minute or two
python benchmarks/second_opinion.py --table    # first makes the reference table again (ten minutes)
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

import netklynge as nk
from netklynge.typology.anchors import load_anchors
from netklynge.typology.classifier import calibration_error, forget, named, opinions, second_opinion, trained
from netklynge.typology.decisions import decide
from netklynge.typology.hallmarks import HALLMARKS
from netklynge.typology.levels import levels, reference_levels
from netklynge.typology.simulation import KINDS_OF_DISTRICT, TYPES, measured, vectors

HELD_OUT = 300  # districts of each kind
PER_KIND = 120  # in the reference table
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "second-opinion.md"


def make_table() -> None:
    """Draw, build and measure the districts that the classifier is trained on; write them beside the code."""
    table = measured(KINDS_OF_DISTRICT, PER_KIND, progress=True)
    shares = sorted(set(table.columns) - {"kind", *HALLMARKS})
    target = Path(str(resources.files("netklynge.typology"))) / "districts.csv.gz"
    table[["kind", *HALLMARKS, *shares]].to_csv(
        target, index=False, float_format="%.9g", lineterminator="\n", compression={"method": "gzip", "mtime": 0}
    )


def learnt(X: pd.DataFrame, truth: np.ndarray) -> tuple[dict[str, float], np.ndarray, np.ndarray]:
    """How good the classifier is on districts of known kind; its probabilities; the kinds it names."""
    model = trained()
    p = opinions(X)
    hits = model.classes_[p.argmax(axis=1)] == truth
    known = X.notna().mean(axis=1)
    names = np.array([named(dict(zip(model.classes_, row, strict=True)), k) for row, k in zip(p, known, strict=True)])
    told = names != "undetermined"
    figures = {
        "accuracy": hits.mean(),
        "Brier score": ((p - (truth[:, None] == model.classes_)) ** 2).sum(axis=1).mean(),
        "calibration error": calibration_error(p.max(axis=1), hits),
        "named": told.mean(),
        "right when named": (names == truth)[told].mean() if told.any() else np.nan,
    }
    return figures, p, names


def fuzzy(X: pd.DataFrame) -> np.ndarray:
    """The verdict's names for hallmark vectors, as netklynge.typology.verdicts.classify gives them."""
    rules = load_anchors()
    return decide({name: rules.membership(name, X[name]) for name in HALLMARKS}, rules)[2]


def deciding(X: pd.DataFrame, truth: np.ndarray, names: np.ndarray) -> pd.DataFrame:
    """For each type, which of its essential or known hallmarks is lowest where the verdict misses it."""
    rules = load_anchors()
    rows = []
    for kind, ideal in rules.types.items():
        missed = X[(truth == kind) & (names != kind)]
        parts = {
            ("not " if p.negated else "") + " or ".join(p.hallmarks): p.membership(
                {h: rules.membership(h, missed[h]) for h in p.hallmarks}
            )
            for p in ideal.deciding
        }
        frame = pd.DataFrame(parts)
        lowest = frame.dropna(how="all").idxmin(axis=1).value_counts()
        rows.append((kind, len(missed), "; ".join(f"{name} {count}" for name, count in lowest.head(4).items())))
    return pd.DataFrame(rows, columns=["type", "missed", "lowest membership, times"])


def markdown(frame: pd.DataFrame, index: bool = True) -> str:
    whole = frame.convert_dtypes()
    return whole.map(lambda v: "–" if pd.isna(v) else f"{v:.3f}" if isinstance(v, float) else v).to_markdown(
        index=index, disable_numparse=True
    )


def confusion(truth: np.ndarray, names: np.ndarray) -> pd.DataFrame:
    table = pd.crosstab(pd.Series(truth, name="simulated as"), pd.Series(names))
    order = [*KINDS_OF_DISTRICT, "no_type_fits", "undetermined"]
    return table.reindex(index=list(KINDS_OF_DISTRICT), columns=[c for c in order if c in table.columns], fill_value=0)


def main() -> None:
    if "--table" in sys.argv:
        make_table()
    sets = {
        "reference ranges, new seeds": vectors(KINDS_OF_DISTRICT, HELD_OUT, seed=101),
        "other ranges": vectors(KINDS_OF_DISTRICT, HELD_OUT, seed=102, which="other"),
    }
    X = {name: table[list(HALLMARKS)] for name, table in sets.items()}
    truth = sets["other ranges"]["kind"].to_numpy()
    X["other ranges, 0-80 % of hallmarks blanked"] = forget(X["other ranges"], 0.8, seed=103)
    results = {name: learnt(frame, truth) for name, frame in X.items()}
    pure = np.isin(truth, TYPES)
    results["other ranges, four pure types only"] = learnt(X["other ranges"][pure], truth[pure])
    summary = pd.DataFrame({name: figures for name, (figures, _, _) in results.items()}).T
    _, _, second = results["other ranges"]
    _, p_gaps, second_gaps = results["other ranges, 0-80 % of hallmarks blanked"]

    first = {name: fuzzy(frame) for name, frame in X.items()}
    verdicts = pd.DataFrame(
        {
            name: {
                "right": (names == truth)[pure].mean(),
                "undetermined": (names == "undetermined")[pure].mean(),
                "another type": np.isin(names[pure], TYPES).mean() - (names == truth)[pure].mean(),
            }
            for name, names in first.items()
        }
    ).T
    ours = first["other ranges"]
    both = pure & (second == ours) & np.isin(ours, TYPES)
    known = X["other ranges, 0-80 % of hallmarks blanked"].notna().mean(axis=1).to_numpy()
    bands = pd.cut(known, [-0.01, 0.25, 0.5, 0.75, 1.0], labels=["up to 1/4", "1/4 to 1/2", "1/2 to 3/4", "over 3/4"])
    hits = trained().classes_[p_gaps.argmax(axis=1)] == truth
    gaps = pd.DataFrame(
        {
            "hallmarks known": bands,
            "districts": 1,
            "mean top probability": p_gaps.max(axis=1),
            "accuracy": hits,
            "named by the second opinion": second_gaps != "undetermined",
            "named by the verdict": np.isin(first["other ranges, 0-80 % of hallmarks blanked"], TYPES),
        }
    )
    gaps = gaps.groupby("hallmarks known", observed=True).agg(
        {"districts": "sum", **dict.fromkeys(gaps.columns[2:], "mean")}
    )

    towns = []
    for name in nk.bundled():
        for cut in ("local", "regional"):
            opinion = second_opinion(nk.load(name).cut(cut))
            best = max(opinion.probabilities, key=lambda t: opinion.probabilities[t])
            towns.append(
                (
                    name,
                    cut,
                    opinion.verdict,
                    opinion.type,
                    best,
                    opinion.probabilities[best],
                    opinion.known,
                    opinion.agreement,
                )
            )
    told = pd.concat([levels(nk.load(name)).assign(study=name) for name in nk.bundled()])
    told["layer"] = told["layer"].fillna("all: mean position")
    told = told.pivot_table(index=["side", "layer"], columns="study", values="level", aggfunc="first").fillna("")
    heads = ["study", "cut", "verdict", "second opinion", "most probable", "probability", "known", "agreement"]
    DOCUMENT.write_text(
        TEXT.format(
            per_kind=PER_KIND,
            held_out=HELD_OUT,
            summary=markdown(summary),
            confusion=markdown(confusion(truth, second)),
            towns=markdown(pd.DataFrame(towns, columns=heads), index=False),
            gaps=markdown(gaps),
            verdicts=markdown(verdicts),
            fuzzy=markdown(confusion(truth, ours)),
            levels=markdown(reference_levels().merge(told.reset_index(), how="right"), index=False),
            missed=markdown(deciding(X["other ranges"][pure], truth[pure], ours[pure]), index=False),
            agree=both.sum(),
            agree_right=(ours == truth)[both].mean(),
            pure=int(pure.sum()),
            ece=summary.loc["other ranges", "calibration error"],
            aim="meets" if summary.loc["other ranges", "calibration error"] < 0.05 else "misses",
        ),
        encoding="utf-8",
    )


TEXT = """# The second opinion, measured

Written by `benchmarks/second_opinion.py`; do not edit by hand.

The verdict of `netklynge classify` comes from stated anchors. Would another method agree?
`nk.second_opinion(study)` asks a classifier that has seen no anchors, only simulated districts of known type:
{per_kind} of each of the four types, of mixtures of two and of ordinary places, drawn from the *reference* intervals in
`netklynge/typology/districts.yaml`, built as full studies (answers, refusals, categories, blanks and all) and measured
with the same hallmark functions as any study; and as many again that are told of selectively ([told.md](told.md)), from
which it knows what prose looks like. It is tested here on {held_out} new districts of each kind
drawn from the *other* intervals, which rest on other sources or are moved towards the neighbouring types. A
verdict by luck of the simulation would fall there.

## How good it is

Accuracy counts the most probable of six kinds (four types, mixed, an ordinary place of no type). The Brier score is
the sum over the kinds of squared errors (0 best; always guessing 1/6 gives 0.83). The calibration error is the mean
gap between the highest probability and the share of hits, in ten bins. A kind is *named* when its probability is above
one half and more than half of the hallmarks are known.

{summary}

The aim was a calibration error under 0.05 on other ranges; at {ece:.3f} it {aim} that aim. The step from
reference to other ranges is the honest part: real districts are drawn from ranges that nobody knows, and may
be further off than these.

Rows: what was simulated (other ranges); columns: what is named.

{confusion}

## When hallmarks are missing

The same districts with 0 to 80 per cent of their hallmarks blanked at random.

{gaps}

## The verdict on the same districts

Fuzzy-set verdicts on the four pure types, by the bundled anchors; mixtures are left out, since a mixture may
rightly be called mixed or after its stronger part.

{verdicts}

Other ranges, all kinds; columns are the verdict's names:

{fuzzy}

Where the verdict misses a type, the hallmark with the lowest membership in it:

{missed}

Where the two methods name the same type ({agree} of {pure} pure districts), that type is right in
{agree_right:.1%} of cases.

## The three towns

No interval was taken from them. The report calls Horten and Raufoss hub-and-spoke districts with several
hubs, Raufoss with traits of a satellite, and Kongsberg at the narrow cut a satellite district. At cuts wider
than local the opinion says which type the wider district resembles.

{towns}

## Buzz and pipelines: low, middle, high

Shares of firms with a partner inside (buzz) and outside (pipelines), layer by layer, against the simulated
districts of the four types: low up to the first tercile, high from the second. Layers are not pooled; a
side's own level is the mean of its layers' positions among the simulated districts.

{levels}

## A third opinion, from jobs

`nk.labour_systems(jobs)` applies the rule of Sforzi and ISTAT to jobs by area, sector, industry and size class
of a whole country. The report prints technology industries alone, in other size bands, so the rule cannot be
applied to its towns.

## What this cannot say

- The simulation holds what the literature says of the types. If the types are wrong, both methods are wrong
  together.
- Figures exist for sizes, ownership and purchases; for cooperation among peers, bodies and the shape of nets
  most intervals are reasoning, marked so in `districts.yaml`.
- Ties between firms are drawn one by one. Real districts have families, owner groups with several units, and
  histories.
- A satellite that the verdict calls "no local system" is counted as missed above, though that is half of the
  answer.
- A mixture is two types side by side, not firms that are something between.
- The random numbers are NumPy's default generator's; another version of NumPy may draw others.
"""

if __name__ == "__main__":
    main()
