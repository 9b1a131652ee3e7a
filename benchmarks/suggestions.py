"""Tests the order of suggestions by hidden ties, on the towns and on simulated districts; writes docs/suggestions.md.

python benchmarks/suggestions.py            # some minutes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

import netklynge as nk
from netklynge.facilitation.affinity import adamic_adar, preferential_attachment
from netklynge.facilitation.backtest import METHODS, evaluate_suggestions
from netklynge.facilitation.suggestions import open_pairs, suggestion_reasons
from netklynge.study.ties import members
from netklynge.typology.anchors import TYPES

TOWNS = ("horten", "kongsberg", "raufoss")
HIDDEN = 0.2
REPEATS = 60  # on a town
DISTRICTS = 12  # of each type, hidden once each
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "suggestions.md"
MARK = "<!-- written by benchmarks/suggestions.py: do not edit below -->"


def features(study: nk.Study) -> np.ndarray:
    """What the learnt model sees of each two members: members by members by four."""
    known = np.sqrt(np.diag(preferential_attachment(study)))
    low, high = np.minimum.outer(known, known), np.maximum.outer(known, known)
    kind = members(study)["kind"].fillna("firm").to_numpy()
    return np.stack([adamic_adar(study), np.log1p(low), np.log1p(high), kind[:, None] != kind[None, :]], axis=-1)


def learnt(studies: Iterable[nk.Study]) -> tuple[Callable[[nk.Study], np.ndarray], pd.Series]:
    """A logistic regression that has seen hidden ties of `studies`, as a scorer, and its coefficients."""
    from sklearn.linear_model import LogisticRegression

    seen: list[tuple[np.ndarray, np.ndarray]] = []

    def take(left: nk.Study) -> np.ndarray:
        seen.append((features(left), open_pairs(left)))
        return np.zeros(2 * (len(members(left)),))

    X, y = [], []
    for study in studies:
        untied = open_pairs(study)
        evaluate_suggestions(study, HIDDEN, 1, seed=1, methods={"take": take})
        if seen:
            what, candidates = seen.pop()
            rows = np.triu(candidates)
            X.append(what[rows])
            y.append(~untied[rows])
    data, truth = np.concatenate(X), np.concatenate(y)
    mean, spread = data.mean(axis=0), data.std(axis=0)
    model = LogisticRegression(class_weight="balanced").fit((data - mean) / spread, truth)
    names = ["shared partners", "partners of the lesser", "partners of the greater", "different kinds"]
    return lambda study: ((features(study) - mean) / spread) @ model.coef_[0], pd.Series(model.coef_[0], names)


def number_of_reasons(study: nk.Study) -> np.ndarray:
    """How many reasons each two members have to meet."""
    place = {actor: k for k, actor in enumerate(members(study)["actor"])}
    found = suggestion_reasons(study)
    counts = np.zeros((len(place), len(place)))
    np.add.at(counts, tuple(found[end].map(place).to_numpy(dtype=int) for end in ("actor", "alter")), 1)
    return counts + counts.T


def table(found: pd.DataFrame, digits: int = 3) -> str:
    """A frame as Markdown, with fixed digits."""
    shown = found.copy()
    for column in shown.select_dtypes("float"):
        shown[column] = shown[column].map(lambda v: "" if pd.isna(v) else f"{v:.{digits}f}")
    return str(shown.to_markdown(index=False, disable_numparse=True))


def with_interval(row: pd.Series, name: str) -> str:
    """A mean with its interval."""
    low, high = (row[f"{name.split('_')[0]}_{side}"] for side in ("low", "high"))
    mean = f"{row[name]:.3f}"
    return mean if pd.isna(low) else f"{mean} ({low:.2f}-{high:.2f})"


def towns(methods: dict[str, Callable[[nk.Study], np.ndarray]]) -> pd.DataFrame:
    """Every method on every town."""
    rows = []
    for town in TOWNS:
        found = evaluate_suggestions(nk.load(town), HIDDEN, REPEATS, methods=methods)
        for _, row in found.iterrows():
            rows.append(
                {
                    "town": town,
                    "method": row["method"].replace("_", " "),
                    "precision at 10": with_interval(row, "precision_at_10"),
                    "at best": f"{row['ceiling']:.1f}",
                    "area under the curve": with_interval(row, "auc"),
                    "hidden of tied": f"{row['hidden']} of {row['tied']}",
                    "pairs": str(row["pairs"]),
                }
            )
    return pd.DataFrame(rows)


def simulated(methods: dict[str, Callable[[nk.Study], np.ndarray]]) -> pd.DataFrame:
    """Every method on simulated districts from the other intervals, mean over the districts of each type."""
    parts = []
    for kind in TYPES:
        for k in range(DISTRICTS):
            found = evaluate_suggestions(nk.simulate(kind, [77, k], "other"), HIDDEN, 1, methods=methods)
            parts.append(found.assign(kind=kind))
    whole = pd.concat(parts, ignore_index=True).dropna(subset="auc")
    order = [*methods, "chance"]
    area = whole.pivot_table(index="method", columns="kind", values="auc").loc[order, list(TYPES)]
    precision = whole.groupby("method")["precision_at_10"].mean().loc[order]
    area.insert(0, "precision at 10, all", precision)
    area.index = area.index.str.replace("_", " ")
    return area.rename(
        columns=lambda c: c if c.startswith("precision") else f"area: {c.replace('_', ' ')}"
    ).reset_index()


def main() -> None:
    """Run everything and write the tables under the prose of the document."""
    trained = [nk.simulate(kind, [5, k]) for kind in TYPES for k in range(DISTRICTS)]
    model, coefficients = learnt(trained)
    methods = {**METHODS, "learnt on simulated districts": model}
    on_towns = towns({**methods, "number_of_reasons": number_of_reasons})
    weights = ", ".join(f"{name} {value:.2f}" for name, value in coefficients.items())
    parts = [
        MARK,
        f"### The three towns\n\n{REPEATS} repeats, a fifth of the tied pairs hidden each time; in brackets 95 % of "
        "the repeats.",
        table(on_towns),
        f"### Simulated districts\n\n{DISTRICTS} districts of each type from the *other* intervals, a fifth hidden "
        "once each; those with fewer than two tied pairs are left out.",
        table(simulated(methods)),
        f"The learnt model is a logistic regression on {len(trained)} districts from the *reference* intervals. Its "
        f"coefficients, per standard deviation: {weights}. It is not part of the package.",
    ]
    prose = DOCUMENT.read_text(encoding="utf-8").split(MARK)[0].rstrip()
    DOCUMENT.write_text("\n\n".join([prose, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
