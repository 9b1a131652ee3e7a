"""Figures for papers: one function each, drawn with matplotlib, readable in grey.

Every function takes an ``ax`` to draw on (a new one is made without) and returns it; save with
``ax.figure.savefig("figure.svg")`` (or .pdf, .png). Marks, dashes and hatches go with every colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.district.location import link_location, locate
from netklynge.district.pipelines import partner_counts
from netklynge.findings import NetklyngeError
from netklynge.language import Language, language
from netklynge.pages.pages import ink
from netklynge.pages.views import tie_reach
from netklynge.study.ties import district_ties
from netklynge.study.zones import CUTS, RINGS, UNKNOWN
from netklynge.typology.anchors import TYPES, load_anchors
from netklynge.typology.decisions import decide
from netklynge.typology.stability import replicates
from netklynge.typology.verdicts import TYPE_WORDS, Verdict, classify

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from netklynge.study.study import Study

__all__ = [
    "alluvial",
    "as_svg",
    "boundary_curve",
    "distribution",
    "link_location_bars",
    "ring_figure",
    "ternary",
    "time_line",
    "triangle",
]

# Okabe & Ito's colours in an order of falling lightness contrast; each type has its own mark and dash.
_LOOKS: Mapping[str, tuple[str, str, Any]] = {
    "small_firm": ("#009e73", "^", "-"),
    "hub_and_spoke": ("#0072b2", "o", "--"),
    "satellite": ("#d55e00", "s", "-."),
    "state_anchored": ("#4d4d4d", "D", ":"),
}
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#4d4d4d", "#cc79a7")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_RING_FILL = {"local": "#1b5e8c", "regional": "#5a9bc7", "national": "#b9d3e6", "international": "#ededed"}
_RING_HATCH = {"local": "", "regional": "//", "national": "..", "international": ""}
_CORNERS = {"small_firm": (0.5, np.sqrt(3) / 2), "hub_and_spoke": (0.0, 0.0), "satellite": (1.0, 0.0)}


def _axes(ax: Axes | None, size: tuple[float, float] = (6.4, 4.2)) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    made: Axes = plt.subplots(figsize=size, layout="constrained")[1]
    return made


def as_svg(ax: Axes) -> bytes:
    """The figure that `ax` is on as SVG, the same bytes each time, and closed."""
    import io

    import matplotlib.pyplot as plt

    out = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with plt.rc_context({"svg.hashsalt": "netklynge", "svg.fonttype": "path"}):
        ax.figure.savefig(out, format="svg", metadata=nothing)
    plt.close(ax.figure)
    return out.getvalue()


def _plain(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)


def link_location_bars(study: Study, layer: str = "supply", lang: str = "en", ax: Axes | None = None) -> Axes:
    """Link-location bars of a layer: a stacked bar per item that covers every ring, its share inside with its interval.

    Items that tell only some rings are left out; the ties in force always have a bar.

    Raises
    ------
    NetklyngeError
        The layer has neither ties nor published answers with every ring.
    """
    say = language(lang)
    table = locate(study, layer)
    table = table[table["ring"].isin(RINGS)]
    blocks = []
    for (item, group, source), part in table.groupby(["item", "group", "source"], sort=False, dropna=False):
        rows = part.groupby("ring").first()
        if set(RINGS) <= set(rows.index) or source == "ties":
            blocks.append((item, group, source, rows.reindex(RINGS)))
    if not blocks:
        raise NetklyngeError(f"the layer '{layer}' of {study.name} has no ties and no answers that cover every ring")
    ax = _axes(ax, (7.2, 0.9 + 0.62 * len(blocks)))
    for y, (_, _, _, rows) in enumerate(blocks):
        left = 0.0
        for ring in RINGS:
            width = rows["share"].fillna(0).get(ring, 0.0)
            ax.barh(
                y, width, 0.62, left, color=_RING_FILL[ring], hatch=_RING_HATCH[ring], edgecolor="#333", linewidth=0.5
            )
            left += width
        low, high = (rows[side].get("local") for side in ("low", "high"))
        if pd.notna(low):
            ax.plot([low, high], [y, y], color="black", linewidth=1.6, solid_capstyle="butt", marker="|", markersize=6)
    ax.set_yticks(range(len(blocks)), [_item(item, rows["n"].max(), source, say) for item, _, source, rows in blocks])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda x, _: say.percent(x))
    ax.legend(
        [_patch(ring) for ring in RINGS],
        [say.text(ring) for ring in RINGS],
        ncols=4,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        fontsize="small",
    )
    _plain(ax)
    return ax


def _item(item: str, n: float, source: str, say: Language) -> str:
    import textwrap

    words = say.text(item) if source == "ties" else str(item)
    count = "" if pd.isna(n) else f" (n = {say.number(float(n))})"
    return textwrap.fill(words + count, 38)


def _patch(ring: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=_RING_FILL[ring], hatch=_RING_HATCH[ring], edgecolor="#333", linewidth=0.5)


def ring_figure(study: Study, layer: str | None = None, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The network on its rings, as in the interactive view: the district in the middle, the world outside."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Arc, Circle

    from netklynge.pages.layout import ring_layout

    say = language(lang)
    ties = district_ties(study, layer)
    shown = study.actors[study.actors["actor"].isin(ties["source"]) | study.actors["actor"].isin(ties["target"])]
    shown = shown.reset_index(drop=True)
    ties = ties.reset_index(drop=True)
    layout = ring_layout(shown, ties, seed=0)
    points = layout[["x", "y"]].to_numpy(float) * (1, -1)
    places = dict(zip(layout["actor"], points, strict=True))
    ax = _axes(ax, (6.4, 6.4))
    for ring, radius in layout.groupby("ring")["radius"].first().items():
        if ring == UNKNOWN:  # apart, below the picture: unknown is not beyond the world
            size, words = 2 * radius, say.text("Where unknown")
            ax.add_patch(
                Arc((0, 0), size, size, theta1=225, theta2=315, edgecolor="#bbb", linewidth=0.8, linestyle=(0, (2, 4)))
            )
            ax.annotate(words, (0, -radius), ha="center", va="top", fontsize=7, color="#555")
            continue
        ax.add_patch(Circle((0, 0), radius, fill=False, edgecolor="#bbb", linewidth=0.8))
        ax.annotate(say.text(ring), (0, radius), ha="center", va="bottom", fontsize=7, color="#555")
    reach = tie_reach(replace(study, relations=ties))
    for name, sort, colour, dash in (
        ("outside", "pipeline", ink("far"), (0, (4, 2))),
        ("unknown", "unknown", ink("nowhere"), (0, (1, 2))),
        ("inside", "inside", ink("in"), "-"),
    ):
        some = ties.loc[reach == sort, ["source", "target"]]
        lines = [(places[a], places[b]) for a, b in some.itertuples(index=False)]
        label = f"{say.text(name)} ({len(lines)})"
        ax.add_collection(
            LineCollection(
                lines,
                colors=colour,
                linestyles=dash,
                linewidths=0.6,
                alpha=0.6,
                zorder=1,
                label=label if lines else None,
            )
        )
    if len(ties):
        ax.legend(frameon=False, fontsize="small", loc="lower left")
    category = (shown["kind"] == "category").fillna(False).to_numpy(bool)
    ax.scatter(*points[~category].T, s=16, color="#222", zorder=2)
    ax.scatter(*points[category].T, s=16, facecolors="white", edgecolors="#222", linewidths=0.7, zorder=2)
    ax.set_aspect("equal")
    ax.axis("off")
    ax.autoscale_view()
    return ax


def alluvial(study: Study, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Which layer's ties go to which ring: bands from layers (left) to rings (right), as wide as ties in force.

    Layers are side by side, never added up; ties without a ring end in a band of their own.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    say = language(lang)
    counts = link_location(district_ties(study))
    ax = _axes(ax, (6.8, 5.2))
    layers = list(dict.fromkeys(layer for layer in study.layers if layer in set(counts["layer"])))
    ends = [ring for ring in (*RINGS, "unknown") if ring in set(counts["ring"])]
    gap = 0.025 * counts["count"].sum()
    left, right = (
        _stack(counts.groupby(key)["count"].sum(), order, gap) for key, order in (("layer", layers), ("ring", ends))
    )
    fill = {**_RING_FILL, "unknown": "#ffffff"}
    used = {**{k: v[0] for k, v in left.items()}, **{("ring", k): v[0] for k, v in right.items()}}
    for layer in layers:
        for ring in ends:
            found = counts[(counts["layer"] == layer) & (counts["ring"] == ring)]["count"].sum()
            if not found:
                continue
            a, b = used[layer], used["ring", ring]
            used[layer], used["ring", ring] = a + found, b + found
            points = [
                (0, a),
                (0.5, a),
                (0.5, b),
                (1, b),
                (1, b + found),
                (0.5, b + found),
                (0.5, a + found),
                (0, a + found),
                (0, a),
            ]
            codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
            hatch = _RING_HATCH.get(ring, "")
            ax.add_patch(
                PathPatch(
                    Path(points, codes), facecolor=fill[ring], edgecolor="#666", linewidth=0.4, alpha=0.85, hatch=hatch
                )
            )
    for names, stack, x, side in ((layers, left, -0.02, "right"), (ends, right, 1.02, "left")):
        for name in names:
            low, high = stack[name]
            ax.annotate(
                f"{say.text(name)} ({high - low:g})",
                (x, (low + high) / 2),
                ha=side,
                va="center",
                fontsize=8,
                annotation_clip=False,
            )
    ax.set_xlim(-0.35, 1.3)
    ax.set_ylim(max(h for _, h in (*left.values(), *right.values())) + gap, -gap)
    ax.axis("off")
    return ax


def _stack(sizes: pd.Series, order: Sequence[str], gap: float) -> dict[str, tuple[float, float]]:
    out, here = {}, 0.0
    for name in order:
        out[name] = (here, here + float(sizes[name]))
        here += float(sizes[name]) + gap
    return out


def triangle(memberships: Mapping[str, Any]) -> tuple[Any, Any]:
    """Place of memberships in the triangle of small-firm, hub-and-spoke and satellite.

    Full membership in one type is its corner, none in any is the centre: the mean of the corners weighted by the
    memberships, to which the centre adds what they lack of 1.

    Examples
    --------
    >>> triangle({"small_firm": 0, "hub_and_spoke": 1, "satellite": 0})
    (0.0, 0.0)
    """
    parts = {t: np.asarray(memberships[t], dtype=float) for t in _CORNERS}
    total = np.asarray(sum(parts.values()))
    rest = np.clip(1 - total, 0, None) / len(_CORNERS)
    x, y = (
        sum((parts[t] + rest) * corner[axis] for t, corner in _CORNERS.items()) / np.maximum(total, 1)
        for axis in (0, 1)
    )
    return (float(x), float(y)) if np.ndim(x) == 0 else (x, y)


def ternary(
    studies: Study | Iterable[Study],
    number: int = 300,
    seed: int = 0,
    landmarks: bool = True,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Small-firm, hub-and-spoke and satellite membership in a triangle, each study with the cloud of its replicates.

    Parameters
    ----------
    studies : Study or several
    number, seed : int
        Replicates in a cloud, see :func:`netklynge.replicates`; 0 draws none.
    landmarks : bool
        Draw the three bundled towns too, at the local cut.
    lang : {"en", "nb"}
    ax : Axes, optional
    """
    from netklynge.study.loading import load
    from netklynge.study.study import Study as StudyClass

    say = language(lang)
    several = [studies] if isinstance(studies, StudyClass) else list(studies)
    ax = _axes(ax, (6.0, 5.4))
    outline = np.array([_CORNERS[t] for t in ("hub_and_spoke", "satellite", "small_firm", "hub_and_spoke")])
    ax.plot(*outline.T, color="#333", linewidth=1)
    for t, (x, y) in _CORNERS.items():
        ax.annotate(
            say.text(TYPE_WORDS[t]), (x, y), (0, 8 if y else -14), textcoords="offset points", ha="center", fontsize=9
        )
    if landmarks:
        for name in ("horten", "kongsberg", "raufoss"):
            if name not in {study.name for study in several}:
                x, y = triangle(_known(classify(load(name))))
                ax.plot(x, y, marker="+", color="#888", markersize=9, linestyle="none")
                ax.annotate(name.capitalize(), (x, y), (6, 4), textcoords="offset points", fontsize=8, color="#666")
    rules = load_anchors()
    for study, colour, mark in zip(several, cycle(_COLOURS), cycle(_MARKS), strict=False):
        if number:
            drawn = {name: rules.membership(name, v) for name, v in replicates(study, number, seed).items()}
            low = decide(drawn, rules)[0]
            ax.scatter(*triangle({t: low[t] for t in TYPES}), s=6, color=colour, alpha=0.15, linewidths=0)
        x, y = triangle(_known(classify(study)))
        words = f"{study.name}, {study.when}, {say.text(study.boundary)}" if study.when else study.name
        ax.plot(x, y, marker=mark, color=colour, markeredgecolor="white", markersize=9, linestyle="none", label=words)
    ax.legend(frameon=False, fontsize="small", loc="upper left")
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _known(verdict: Verdict) -> dict[str, float]:
    return {t: verdict.bounds[t][0] for t in TYPES}


def boundary_curve(study: Study, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Membership in each type against the cut: what happens when the boundary moves outwards."""
    found = [classify(study.cut(cut)) for cut in CUTS]
    say = language(lang)
    ax = _curves(_axes(ax), list(range(len(CUTS))), found, say)
    ax.set_xticks(range(len(CUTS)), [say.text(cut) for cut in CUTS])
    ax.set_xlabel(say.text("last ring that counts as inside"))
    return ax


def time_line(study: Study, years: Iterable[int] | None = None, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Membership in each type against the year; years that no verdict can be given for leave a gap.

    Parameters
    ----------
    study : Study
    years : iterable of int, optional
        Default: every year in which a size was taken, and the reference year.
    lang : {"en", "nb"}
    ax : Axes, optional

    Raises
    ------
    NetklyngeError
        The study has no years.
    """
    if years is None:
        taken = set(study.actors.loc[study.actors["employees"].notna(), "employees_year"].dropna().astype(int))
        years = sorted(taken | ({study.reference_year} if study.reference_year else set()))
    years = list(years)
    if not years:
        raise NetklyngeError(f"{study.name} has no years: give employees_year, a reference_year, or years of your own")
    say = language(lang)
    ax = _curves(_axes(ax), years, [classify(study.at(year)) for year in years], say)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel(say.text("year"))
    return ax


def _curves(ax: Axes, x: Sequence[float], found: Sequence[Verdict], say: Language) -> Axes:
    for t, (colour, mark, dash) in _LOOKS.items():
        y = [np.nan if v.memberships[t] is None else v.memberships[t] for v in found]
        ax.plot(x, y, marker=mark, linestyle=dash, color=colour, label=say.text(TYPE_WORDS[t]))
    ax.axhline(0.5, color="#999", linewidth=0.8)
    ax.set_ylim(-0.02, 1.02)
    ax.set_ylabel(say.text("membership in the type"))
    ax.yaxis.set_major_formatter(lambda v, _: say.number(v, 1))
    ax.legend(frameon=False, fontsize="small", ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    _plain(ax)
    return ax


def distribution(study: Study, what: str = "outside", lang: str = "en", ax: Axes | None = None) -> Axes:
    """How partners are spread over the actors inside: number of actors by number of partners.

    Parameters
    ----------
    study : Study
    what : {"outside", "inside"}
        Distinct named partners outside (pipelines) or inside (degree).
    lang : {"en", "nb"}
    ax : Axes, optional
    """
    if what not in ("outside", "inside"):
        raise NetklyngeError(f"what '{what}' is unknown; choose outside or inside")
    say = language(lang)
    counts = partner_counts(study)[what].value_counts().sort_index()
    ax = _axes(ax)
    ax.bar(counts.index, counts.to_numpy(), color="#5a9bc7", edgecolor="#333", linewidth=0.6)
    ax.set_xlabel(say.text("partners outside" if what == "outside" else "partners inside"))
    ax.set_ylabel(say.text("actors inside"))
    ax.xaxis.get_major_locator().set_params(integer=True)
    _plain(ax)
    return ax
