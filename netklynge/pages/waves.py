"""Two waves of a district side by side on one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.district.waves import (
    KEPT,
    LOST,
    NEW,
    TIE_KEY,
    actor_changes,
    present_actors,
    respondent_test,
    tie_changes,
    wave_measures,
    wave_table,
)
from netklynge.files.outputs import refuse_overwrite, write_text
from netklynge.files.plain import records
from netklynge.language import Language, language
from netklynge.pages.layout import ring_layout
from netklynge.study.zones import UNKNOWN

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["union_layout", "waves_page", "write_waves"]


def union_layout(before: Study, after: Study, seed: int = 0) -> pd.DataFrame:
    """Places on the rings for the actors that have a tie in either wave, found once for both pictures.

    An actor that moved stands on its later ring in both. Columns as of :func:`netklynge.pages.layout.ring_layout`.

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> union_layout(raufoss.at(1985), raufoss.at(2005)).columns.tolist()
    ['actor', 'ring', 'community', 'x', 'y', 'radius']
    """
    changes = tie_changes(before, after)
    actors = pd.concat([after.actors, before.actors]).drop_duplicates("actor")
    shown = actors[actors["actor"].isin(changes["source"]) | actors["actor"].isin(changes["target"])]
    return ring_layout(shown.sort_values("actor", ignore_index=True), changes, seed=seed)


_LOOKS: Mapping[str, Mapping[str, str]] = {
    KEPT: {"stroke": "currentColor", "stroke-width": "1.5", "opacity": ".5"},
    NEW: {"stroke": "#00795a", "stroke-width": "2", "opacity": ".85"},
    LOST: {"stroke": "#a23b82", "stroke-width": "2", "opacity": ".85", "stroke-dasharray": "7 4"},
}


_NAMED = 10  # actors with the most ties, whose names stand in the picture


_LABEL = (380.0, 26.0)  # width and height that a name takes there


def waves_page(before: Study, after: Study, lang: str = "en", seed: int = 0) -> str:
    """Both waves on one page: two pictures with the same places, the tables, and what cannot be told.

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> waves_page(raufoss.at(1985), raufoss.at(2005)).count("<figure>")
    2
    """
    from netklynge.pages.pages import facts_of_several, render_page

    say = language(lang)
    names = _names(before, after, say)
    changes, layout = tie_changes(before, after), union_layout(before, after, seed)
    people = actor_changes(before, after)
    known = dict(zip(people["actor"], people["name"], strict=True))
    pictures = [
        _picture(layout, changes[changes["state"] != gone], known, present_actors(wave))
        for wave, gone in ((before, NEW), (after, LOST))
    ]
    table = wave_table(before, after)
    told = respondent_test(before, after)
    return render_page(
        "waves.html",
        say,
        title=after.title,
        names=names,
        meta=facts_of_several([before, after]),
        cut=after.boundary,
        pictures=pictures,
        looks=_LOOKS,
        circles=layout[layout["ring"] != UNKNOWN].groupby("ring")["radius"].first().to_dict(),
        reach=float(np.hypot(layout["x"], layout["y"]).max() + 40) if len(layout) else 100.0,
        table=records(table),
        measures=records(wave_measures(before, after)),
        people=records(people[(people[[KEPT, NEW, LOST]].sum(axis=1) > 0) | people["moved"].fillna(False)]),
        states=people["state"].value_counts().reindex(["stayed", "joined", "left"], fill_value=0).to_dict(),
        moved=int(people["moved"].fillna(False).sum()),
        test=records(told),
        assessable=bool((told["finding"] != "not assessable").any()),
    )


def _names(before: Study, after: Study, say: Language) -> list[str]:
    """What the waves are called: name and year, or which came first where these are the same."""
    names = [study.name if study.when is None else f"{study.name}, {study.when}" for study in (before, after)]
    if names[0] == names[1]:
        names = [f"{name}, {say.text(word)}" for name, word in zip(names, ("before", "after"), strict=True)]
    return names


def _picture(layout: pd.DataFrame, ties: pd.DataFrame, names: Mapping[str, str], there: pd.DataFrame) -> dict[str, Any]:
    """Lines, marks and names of one wave; who is not there yet, or no more, is an empty mark."""
    at = {a: (float(x), float(y)) for a, x, y in layout[["actor", "x", "y"]].itertuples(index=False)}
    degree = pd.concat([ties["source"], ties["target"]]).value_counts()
    lines = [
        {"state": state, "layer": layer, "a": at[s], "b": at[t], "from": names.get(s, s), "to": names.get(t, t)}
        for layer, s, t, state in ties[[*TIE_KEY, "state"]].itertuples(index=False)
    ]
    order = ties["state"].value_counts()
    named: list[str] = []
    for actor in sorted(degree.index, key=lambda a: (-degree[a], a)):
        x, y = at[actor]
        free = all(abs(x - at[a][0]) > _LABEL[0] or abs(y - at[a][1]) > _LABEL[1] for a in named)
        if free and len(named) < _NAMED:
            named.append(actor)
    present = set(there["actor"])
    marks = [{"at": at[a], "name": names.get(a, a), "here": a in present, "named": a in named} for a in layout["actor"]]
    lines.sort(key=lambda line: line["state"] != KEPT)  # what changed lies on top
    return {"lines": lines, "marks": marks, "counts": {s: int(order.get(s, 0)) for s in (KEPT, NEW, LOST)}}


def write_waves(before: Study, after: Study, path: str | Path, lang: str = "en", force: bool = False) -> Path:
    """Write :func:`waves_page` to a file; return its path.

    Raises
    ------
    NetklyngeError
        The file is there already and `force` is not given, it cannot be written, or the waves cannot be compared.
    """
    refuse_overwrite([path], force)
    return write_text(Path(path), waves_page(before, after, lang))
