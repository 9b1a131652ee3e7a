"""Missing respondents: what the other side says of them, and how many answered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, overload

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import (
    Groups,
    IndexedTies,
    Ties,
    frame_like,
    group_table,
    index_ties,
    name_order,
    simple_ties,
)
from netklynge.networks.inputs import Others

__all__ = ["reconstruct", "response_rates"]


@overload
def reconstruct(
    reports: IntoFrameT, respondents: Iterable[Hashable], actors: Iterable[Hashable] | None = ..., mutual: bool = ...
) -> IntoFrameT: ...
@overload
def reconstruct(
    reports: Others, respondents: Iterable[Hashable], actors: Iterable[Hashable] | None = ..., mutual: bool = ...
) -> pd.DataFrame: ...
def reconstruct(
    reports: Ties,
    respondents: Iterable[Hashable],
    actors: Iterable[Hashable] | None = None,
    mutual: bool = True,
) -> Any:
    """Ties of a network in which some did not answer, by what those who did say of them.

    Whoever answered has told all its ties. A tie between two who answered is taken from its source. A tie
    with one who did not is taken from the other side: for relations that are the same seen from both ends
    (`mutual`: we cooperate, we know each other) the report is turned round to fill in the missing row.
    Between two who did not answer nothing is known, which is not the same as no tie.

    Parameters
    ----------
    reports : frame
        Columns ``source`` (who reports) and ``target`` (with whom); loops are left out, repeats count once.
    respondents : iterable
        Who answered, also those that named nobody.
    actors : iterable, optional
        Everybody who was asked; by default all in `reports` and `respondents`.
    mutual : bool
        False: keep the ties as reported, only marked.

    Returns
    -------
    frame like `reports`
        ``source``, ``target``, ``told_by`` (``both``: the other answered too and says the same; ``source``:
        it answered and does not; ``source_only``: it did not answer; ``other_side``: filled in). Sorted by
        order of first appearance.

    Raises
    ------
    NetklyngeError
        A column is missing, or somebody who did not answer reports a tie.

    References
    ----------
    Stork, D. & Richards, W. D. (1992). Nonrespondents in communication network studies. *Group & Organization
    Management* 17(2), 193-209. Before using the other side's word, compare the two where both answered:
    ``agreement`` of :func:`response_rates`.

    Examples
    --------
    >>> reports = pd.DataFrame({"source": ["a", "b", "a"], "target": ["b", "a", "c"]})
    >>> reconstruct(reports, ["a", "b"]).values.tolist()
    [['a', 'b', 'both'], ['a', 'c', 'source_only'], ['b', 'a', 'both'], ['c', 'a', 'other_side']]
    """
    network, answered = _told(reports, respondents, actors)
    source, target = network.source, network.target
    told_by = np.full(len(source), "source", dtype=object)
    told_by[_returned(network)] = "both"
    silent = ~answered[target]
    told_by[silent] = "source_only"
    if mutual:
        source, target = np.concatenate([source, target[silent]]), np.concatenate([target, source[silent]])
        told_by = np.concatenate([told_by, np.full(int(silent.sum()), "other_side", dtype=object)])
    order = np.lexsort((target, source))
    table = pd.DataFrame(
        {
            "source": network.actors[source[order]],
            "target": network.actors[target[order]],
            "told_by": told_by[order],
        }
    )
    return frame_like(table.infer_objects(), reports)


@overload
def response_rates(
    reports: IntoFrameT,
    respondents: Iterable[Hashable],
    actors: Iterable[Hashable] | None = ...,
    groups: Groups | None = ...,
) -> IntoFrameT: ...
@overload
def response_rates(
    reports: Others,
    respondents: Iterable[Hashable],
    actors: Iterable[Hashable] | None = ...,
    groups: Groups | None = ...,
) -> pd.DataFrame: ...
def response_rates(
    reports: Ties,
    respondents: Iterable[Hashable],
    actors: Iterable[Hashable] | None = None,
    groups: Groups | None = None,
) -> Any:
    """Response rates: of actors, and of the pairs of actors that somebody has told of.

    Parameters
    ----------
    reports, respondents, actors
        As in :func:`reconstruct`.
    groups : frame or mapping, optional
        Columns ``actor`` and ``group``, or actor to group: a row for each group follows that of the network,
        counting its own actors and the pairs between them.

    Returns
    -------
    frame like `reports`
        ``level`` (network, group), ``group``, ``actors``, ``respondents``, ``response_rate``, ``pairs``,
        ``pairs_both``, ``pairs_one``, ``pairs_none`` (told of by so many of their two actors),
        ``known_share`` (``(pairs_both + pairs_one) / pairs``), ``tied`` (pairs in which both answered and
        either names the other), ``agreed`` (both do), ``agreement`` (``agreed / tied``).

    Raises
    ------
    NetklyngeError
        As in :func:`reconstruct`.

    References
    ----------
    Stork & Richards (1992), as in :func:`reconstruct`. Kossinets, G. (2006). Effects of missing data in
    social networks. *Social Networks* 28, 247-268.

    Examples
    --------
    >>> reports = pd.DataFrame({"source": ["a", "b", "a"], "target": ["b", "a", "c"]})
    >>> response_rates(reports, ["a", "b"])[["actors", "respondents", "pairs_none", "known_share"]].values.tolist()
    [[3.0, 2.0, 0.0, 1.0]]
    """
    network, answered = _told(reports, respondents, actors)
    parts: list[tuple[str, Any, Any]] = [("network", None, np.ones(network.size, dtype=bool))]
    if groups is not None:
        named, of_actor = group_table(groups)
        lookup = dict(zip(named.tolist(), of_actor.tolist(), strict=True))
        group = np.array([lookup.get(actor) for actor in network.actors.tolist()], dtype=object)
        known = np.array([*{label: None for label in of_actor.tolist() if label is not None}], dtype=object)
        labels = known[name_order(known)].tolist()
        parts += [("group", label, group == label) for label in labels]
    both_answered = answered[network.source] & answered[network.target]
    returned = _returned(network)
    rows = []
    for level, label, part in parts:
        n, told = int(part.sum()), int((part & answered).sum())
        pairs, pairs_both, pairs_none = (
            n * (n - 1) // 2,
            told * (told - 1) // 2,
            (n - told) * (n - told - 1) // 2,
        )
        counted = both_answered & part[network.source] & part[network.target]
        agreed = int((counted & returned).sum()) // 2
        tied = int(counted.sum()) - agreed
        rows.append(
            (
                level,
                label,
                n,
                told,
                told / n if n else np.nan,
                pairs,
                pairs_both,
                pairs - pairs_both - pairs_none,
                pairs_none,
                1 - pairs_none / pairs if pairs else np.nan,
                tied,
                agreed,
                agreed / tied if tied else np.nan,
            )
        )
    columns = [
        "level",
        "group",
        "actors",
        "respondents",
        "response_rate",
        "pairs",
        "pairs_both",
        "pairs_one",
        "pairs_none",
        "known_share",
        "tied",
        "agreed",
        "agreement",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return frame_like(table.assign(group=table["group"].convert_dtypes()), reports)


def _told(
    reports: Ties, respondents: Iterable[Hashable], actors: Iterable[Hashable] | None
) -> tuple[IndexedTies, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Distinct reports, and who answered."""
    answering = list(respondents)
    indexed = index_ties(reports, [*(actors if actors is not None else ()), *answering], as_given=True)
    answered = np.isin(
        np.arange(indexed.size),
        pd.Index(indexed.actors, tupleize_cols=False).get_indexer(pd.Index(answering, tupleize_cols=False)),
    )
    network = simple_ties(indexed)
    silent = network.source[~answered[network.source]]
    if len(silent):
        raise NetklyngeError(
            f"reports: '{network.actors[silent[0]]}' reports a tie but is not among the respondents; "
            "respondents are all who answered"
        )
    return network, answered


def _returned(network: IndexedTies) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each tie runs the other way too."""
    forth = network.source * network.size + network.target
    return np.isin(forth, network.target * network.size + network.source)
