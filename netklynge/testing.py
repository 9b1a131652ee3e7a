"""Metamorphic checks: what must not change a study's numbers, and which number moved all the same.

The same tie gives the same number, whoever typed it and wherever it stands. Each *change* of a study says the same in
other words: undirected ties turned round, rows shuffled, actors called otherwise, a table put together from two halves,
ties between two outsiders and an outsider without ties added. :func:`moved` measures a study before and after and lists
every cell that differs; where it is empty, the measures keep their word. Other packages may pass their own measures.

References
----------
Chen, T. Y. et al. (2018). Metamorphic testing: a review of challenges and opportunities. *ACM Computing Surveys*
51(1), article 4.

Examples
--------
>>> import netklynge as nk
>>> from netklynge.testing import moved
>>> moved(nk.load("horten"), measures=["locate"], changes=["shuffled", "turned_round"]).empty
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import netklynge as nk
from netklynge.findings import NetklyngeError
from netklynge.study.zones import RINGS

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["CHANGES", "MEASURES", "Changed", "assert_unmoved", "moved"]

Measure = Callable[["Study"], pd.DataFrame]
TOLERANCE = 1e-9  # relative; what the order of a sum of floating numbers may change

_COLUMNS = ["change", "measure", "row", "column", "before", "after"]
_ADDED = "zz-added"  # how the actors that a change adds are called
_COUNT = 40  # ties between outsiders that are added


@dataclass(frozen=True)
class Changed:
    """A study said in other words.

    Attributes
    ----------
    study : Study
        The changed study.
    called : mapping
        The old name of each actor that has a new one.
    may_move : frozenset of str
        Columns that the change is meant to move.
    """

    study: Study
    called: Mapping[str, str]
    may_move: frozenset[str] = frozenset()


def turned_round(study: Study, rng: np.random.Generator) -> Changed:
    """Every undirected tie with its ends the other way round."""
    ties = study.relations.copy()
    undirected = ties["directed"].eq(0).fillna(False).to_numpy(dtype=bool)
    ties.loc[undirected, ["source", "target"]] = ties.loc[undirected, ["target", "source"]].to_numpy()
    return Changed(replace(study, relations=ties), {})


def shuffled(study: Study, rng: np.random.Generator) -> Changed:
    """Every table with its rows in another order."""
    tables = {name: frame.iloc[rng.permutation(len(frame))] for name, frame in _tables(study).items()}
    return Changed(replace(study, **{name: frame.reset_index(drop=True) for name, frame in tables.items()}), {})


def renamed(study: Study, rng: np.random.Generator) -> Changed:
    """Every actor with another id, in another order of the alphabet; names that people read stay."""
    old = sorted(set(study.actors["actor"]) | set(study.relations["source"]) | set(study.relations["target"]))
    order = rng.permutation(len(old))
    new = {actor: f"a{number:05d}" for actor, number in zip(old, order, strict=True)}
    tables = {}
    for name, frame in _tables(study).items():
        frame = frame.copy()
        for column in {"actor", "source", "target", "subject", "branch_of", "respondent"} & set(frame.columns):
            frame[column] = frame[column].map(lambda value: new.get(value, value), na_action="ignore").astype("string")
        tables[name] = frame
    meta = _renamed_meta(study.meta, new)
    return Changed(replace(study, meta=meta, **tables), {now: then for then, now in new.items()})


def split(study: Study, rng: np.random.Generator) -> Changed:
    """Every table put together from two halves that number their rows alike, the later half first."""
    tables = {}
    for name, frame in _tables(study).items():
        half = len(frame) // 2
        parts = [frame.iloc[half:].reset_index(drop=True), frame.iloc[:half].reset_index(drop=True)]
        tables[name] = pd.concat(parts, ignore_index=True) if len(frame) > 1 else frame
    return Changed(replace(study, **tables), {})


def between_outsiders(study: Study, rng: np.random.Generator) -> Changed:
    """Ties between two new actors elsewhere, in every layer: they are not the district's."""
    rows = [{"actor": f"{_ADDED}-{k}", "name": f"Elsewhere {k}", "kind": "firm", "scale": RINGS[-1]} for k in range(10)]
    actors = _with_rows(study.actors, rows)
    pairs = [(f"{_ADDED}-{i}", f"{_ADDED}-{j}") for i in range(10) for j in range(i)]
    ties = [
        {"source": a, "target": b, "layer": layer, "directed": 1, "scale": RINGS[-1], "current": 1}
        for layer in study.layers
        for a, b in pairs[:_COUNT]
    ]
    changed = replace(study, actors=actors, relations=_with_rows(study.relations, ties))
    return Changed(changed, {}, frozenset({"between_outsiders"}))


def isolated_outsider(study: Study, rng: np.random.Generator) -> Changed:
    """One actor more elsewhere, without any tie."""
    row = {"actor": f"{_ADDED}-0", "name": "Elsewhere", "kind": "firm", "scale": RINGS[-1]}
    return Changed(replace(study, actors=_with_rows(study.actors, [row])), {})


CHANGES: Mapping[str, Callable[[Study, np.random.Generator], Changed]] = {
    "turned_round": turned_round,
    "shuffled": shuffled,
    "renamed": renamed,
    "split": split,
    "between_outsiders": between_outsiders,
    "isolated_outsider": isolated_outsider,
}


def _verdict(study: Study) -> pd.DataFrame:
    """What the verdict rests on, one row a hallmark or membership."""
    found = nk.classify(study)
    told = {"type": found.type, **{f"membership of {name}": value for name, value in found.memberships.items()}}
    rows = [{"what": what, "value": value} for what, value in told.items()]
    marks = found.hallmarks[["name", "value", "n"]].rename(columns={"name": "what"}).astype(object)
    return pd.concat([pd.DataFrame(rows, columns=["what", "value"], dtype=object), marks], ignore_index=True)


MEASURES: Mapping[str, Measure] = {
    "locate": nk.locate,
    "profile": nk.profile,
    "firms": nk.firms,
    "verdict": _verdict,
}


def moved(
    study: Study,
    measures: Mapping[str, Measure] | Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure a study before and after each change that must not matter; return what moved.

    Parameters
    ----------
    study : Study
        Seen at any cut and year.
    measures : mapping or names, optional
        Name to function from a study to a frame, or names among :data:`MEASURES`; default all of these.
    changes : names, optional
        Among :data:`CHANGES`; default all.
    seed : int
        Draws the order of rows and the new names.

    Returns
    -------
    DataFrame
        ``change``, ``measure``, ``row`` (its text cells), ``column``, ``before``, ``after``: one row per cell that
        differs by more than 1e-9 of its size, or that is there only before or only after. Empty when nothing moved.

    Raises
    ------
    NetklyngeError
        A measure or change is not known.

    Examples
    --------
    >>> import netklynge as nk
    >>> def in_order_typed(study):
    ...     return study.relations[["source", "target"]].head(1)
    >>> moved(nk.load("raufoss"), {"first": in_order_typed}, ["split"])["change"].unique().tolist()
    ['split']
    """
    functions = _chosen(measures)
    rng = np.random.default_rng(seed)
    before = {name: measure(study) for name, measure in functions.items()}
    rows: list[dict[str, Any]] = []
    for change in CHANGES if changes is None else changes:
        if change not in CHANGES:
            raise NetklyngeError(f"no change '{change}'; there are {', '.join(CHANGES)}")
        changed = CHANGES[change](study, rng)
        for name, measure in functions.items():
            after = _called(measure(changed.study), changed.called)
            for difference in _differences(before[name], after, changed.may_move):
                rows.append({"change": change, "measure": name, **difference})
    return pd.DataFrame(rows, columns=_COLUMNS)


def assert_unmoved(
    study: Study,
    measures: Mapping[str, Measure] | Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    seed: int = 0,
) -> None:
    """Raise an AssertionError that prints which number moved, if :func:`moved` finds any; parameters as there.

    Examples
    --------
    >>> import netklynge as nk
    >>> assert_unmoved(nk.load("kongsberg"), ["locate"], ["renamed"])
    """
    found = moved(study, measures, changes, seed)
    if len(found):
        shown = found.head(20).to_string(index=False)
        raise AssertionError(f"{len(found)} numbers moved that must not:\n{shown}")


# -- tables before and after -------------------------------------------------------------------------------


def _chosen(measures: Mapping[str, Measure] | Iterable[str] | None) -> Mapping[str, Measure]:
    if measures is None:
        return MEASURES
    if isinstance(measures, Mapping):
        return measures
    names = list(measures)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise NetklyngeError(f"no measure '{unknown[0]}'; there are {', '.join(MEASURES)}")
    return {name: MEASURES[name] for name in names}


def _tables(study: Study) -> dict[str, pd.DataFrame]:
    names = ("actors", "relations", "links", "answers", "statements")
    return {name: getattr(study, name) for name in names if isinstance(getattr(study, name, None), pd.DataFrame)}


def _renamed_meta(meta: Any, new: Mapping[str, str]) -> Any:
    """The study's own settings, with the actors that its coverage lists called as they are now."""
    return {key: _renamed_coverage(value, new) if key == "coverage" else value for key, value in meta.items()}


def _renamed_coverage(coverage: Any, new: Mapping[str, str]) -> Any:
    if isinstance(coverage, Mapping):
        return {key: _renamed_coverage(value, new) for key, value in coverage.items()}
    if isinstance(coverage, list):
        return [new.get(actor, actor) for actor in coverage]
    return coverage


def _with_rows(frame: pd.DataFrame, rows: list[dict[str, Any]]) -> pd.DataFrame:
    more = pd.DataFrame(rows).reindex(columns=frame.columns)
    return pd.concat([frame, more.astype(frame.dtypes.to_dict())], ignore_index=True)


def _called(frame: pd.DataFrame, called: Mapping[str, str]) -> pd.DataFrame:
    """A table after a change, with its actors called as before."""
    if not called:
        return frame
    text = [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    return frame.assign(**{c: frame[c].map(lambda v: called.get(v, v) if isinstance(v, str) else v) for c in text})


def _differences(before: pd.DataFrame, after: pd.DataFrame, may_move: frozenset[str]) -> list[dict[str, Any]]:
    """Cells that differ between two tables whose rows are told apart by their text, whatever their order."""
    keys = [c for c in before.columns if not pd.api.types.is_numeric_dtype(before[c]) and c not in ("value", "n")]
    if "actor" in keys:
        keys = ["actor"]
    then, now = _by_key(before, keys), _by_key(after, keys)
    found = []
    for key in sorted(set(then) | set(now)):
        if any(_ADDED in part for part in key[:-1]):
            continue
        old, new = then.get(key), now.get(key)
        row = " · ".join(part for part in key[:-1] if part)
        if old is None and new is not None and may_move and _says_nothing_else(new, keys, may_move):
            continue
        if old is None or new is None:
            found.append({"row": row, "column": "", "before": old is not None, "after": new is not None})
            continue
        for column in before.columns:
            if column in may_move or column in keys:
                continue
            if column not in new or not _same(old[column], new[column]):
                found.append({"row": row, "column": column, "before": old[column], "after": new.get(column)})
    return found


def _says_nothing_else(row: Mapping[str, Any], keys: Iterable[str], may_move: frozenset[str]) -> bool:
    """Whether a new row tells only what was meant to move: all its other numbers are 0 or blank."""
    rest = (value for column, value in row.items() if column not in keys and column not in may_move)
    return all(value is None or value == 0 for value in rest)


def _by_key(frame: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    ordered = sorted(records, key=lambda row: tuple(str(row[c]) for c in frame.columns))
    for record in ordered:
        key = tuple("" if record.get(k) is None else str(record[k]) for k in keys)
        same = sum(1 for other in rows if other[:-1] == key)
        rows[(*key, str(same))] = {str(k): v for k, v in record.items()}
    return rows


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, int | float | np.number) and isinstance(new, int | float | np.number):
        return math.isclose(float(old), float(new), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(old == new)
