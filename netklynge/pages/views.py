"""The interactive view of a study: ties inside and out of the district on rings round it, in one HTML file.

Everything that is a number is computed here, once for each cut, and embedded; the page's script shows it and
computes none. The page loads nothing: vis-network comes from pyvis and is written into the file.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.district.profiles import firms, profile
from netklynge.exchange.opening import as_study
from netklynge.files.outputs import write_text
from netklynge.files.plain import plain, records
from netklynge.language import Language, language
from netklynge.pages.layout import communities, ring_layout
from netklynge.pages.pages import page_environment, policy_hash, styled, template_text
from netklynge.study.contracts import CATEGORY, KINDS
from netklynge.study.layers import BUZZ_LAYERS, EVENT_LAYERS, LAYER_TABLE, OWN_LOOKS, PIPELINE_LAYERS, UNSTATED
from netklynge.study.ties import held as held_in
from netklynge.study.zones import CUTS, RINGS, UNKNOWN, inside
from netklynge.typology.verdicts import TYPE_WORDS, Verdict, classify

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "Measured",
    "View",
    "actor_looks",
    "layer_looks",
    "left_out",
    "measured",
    "partners_text",
    "tie_reach",
    "view",
    "years_held",
]

# Okabe & Ito's colours, told apart in every common form of colour-blindness; a shape or dash goes with each.
_BLACK, _ORANGE, _SKY, _GREEN = "#4d4d4d", "#e69f00", "#56b4e9", "#009e73"
_YELLOW, _BLUE, _RED, _PURPLE = "#d9c400", "#0072b2", "#d55e00", "#cc79a7"

# Outlines in a square from -1 to 1 (SVG path syntax, the same on screen, in the legend and in files).
_SHAPES = {
    "circle": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "square": "M-.88 -.88H.88V.88H-.88Z",
    "diamond": "M0 -1.2L1.1 0L0 1.2L-1.1 0Z",
    "triangle": "M0 -1.15L1.1 .8H-1.1Z",
    "wedge": "M0 1.15L1.1 -.8H-1.1Z",
    "star": "M0 -1.3L.32 -.42L1.24 -.4L.52 .17L.76 1.05L0 .54L-.76 1.05L-.52 .17L-1.24 -.4L-.32 -.42Z",
    "hexagon": "M-.56 -1H.56L1.13 0L.56 1H-.56L-1.13 0Z",
    "group": "M.95 -.42A.5 .5 0 1 1 -.05 -.42A.5 .5 0 1 1 .95 -.42ZM-.02 -.42A.5 .5 0 1 1 -1.02 -.42A.5 .5 0 1 1"
    " -.02 -.42ZM.48 .45A.5 .5 0 1 1 -.52 .45A.5 .5 0 1 1 .48 .45Z",
    "cross": "M-.3 -1H.3V-.3H1V.3H.3V1H-.3V.3H-1V-.3H-.3Z",
}
_KIND_LOOKS: Mapping[str, tuple[str, str]] = {
    "firm": (_BLUE, "circle"),
    "research": (_GREEN, "diamond"),
    "education": (_SKY, "triangle"),
    "public": (_PURPLE, "square"),
    "investor": (_ORANGE, "star"),
    "network_org": (_RED, "hexagon"),
    "parent": (_BLACK, "wedge"),
    CATEGORY: ("#8a8a8a", "group"),
    UNKNOWN: ("#8a8a8a", "cross"),
}
_PALETTE = {
    "black": _BLACK,
    "orange": _ORANGE,
    "sky": _SKY,
    "green": _GREEN,
    "blue": _BLUE,
    "red": _RED,
    "purple": _PURPLE,
}  # the colours that looks of layers name
_LAYER_LOOKS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    **{layer.name: (_PALETTE[layer.look.color], layer.look.dash) for layer in LAYER_TABLE},
    UNSTATED: ("#8a8a8a", (1, 4)),
}
_LEVELS = {
    "operative": "an operative cluster",
    "latent": "a latent cluster",
    "latent_or_operative": "latent or operative: too little is known",
}
_BROKERAGE = {
    "coordinator": "coordinator",
    "itinerant": "itinerant broker",
    "gatekeeper_role": "gatekeeper",
    "representative": "representative",
    "liaison": "liaison",
}  # columns of nk.firms, by Gould & Fernandez's names
_ENGLISH = {"rd": "R&D", "spin_off": "spin-off", "network_org": "network organisation", "parent": "owner group"}
_CONFIDENCE = ("high", "medium", "low")
_MOST_ACTORS, _MOST_TIES = 2_000, 10_000  # more are drawn as groups that open on a click
_MOST_COMMUNITIES = 30  # those beyond stand together in one group per ring
_SMALLEST, _LARGEST = 5.5, 12.0  # radius of actors, in the units of the rings


@dataclass(frozen=True)
class View:
    """A page that shows a study; it shows itself in a notebook.

    Parameters
    ----------
    html : str
        The whole page.
    title : str
    """

    html: str
    title: str

    def save(self, path: str | Path) -> Path:
        """Write the page to `path` in UTF-8; return the path."""
        return write_text(Path(path), self.html)

    def __repr__(self) -> str:
        return f"View({self.title!r}, {len(self.html) // 1024} kB; save it with .save('view.html'))"

    def _repr_html_(self) -> str:
        source = html.escape(self.html, quote=True)
        style = "width:100%;height:720px;border:0"
        return f'<iframe title="{html.escape(self.title, quote=True)}" style="{style}" srcdoc="{source}"></iframe>'


class Measured(NamedTuple):
    """What the page says of a study at one cut."""

    profile: pd.DataFrame
    firms: pd.DataFrame
    verdict: Verdict


def measured(study: Study) -> dict[str, Measured]:
    """The measures that the page shows, at each cut that leaves something outside.

    Examples
    --------
    >>> import netklynge as nk
    >>> measured(nk.load("kongsberg"))["local"].verdict.type
    'satellite'
    """
    views = {cut: study.cut(cut) for cut in CUTS}
    return {cut: Measured(profile(seen), firms(seen), classify(seen)) for cut, seen in views.items()}


def view(study: Study, *, lang: str = "en", measures: Mapping[str, Measured] | None = None, seed: int = 0) -> View:
    """The study as an interactive page: actors on rings, ties in layers, the boundary to be moved.

    Parameters
    ----------
    study : Study, or anything that :func:`netklynge.load` opens
        Its cut is the boundary that the page opens with; a study seen :meth:`~netklynge.study.study.Study.at` a year
        shows the ties of that year only.
    lang : {"en", "nb"}
    measures : mapping, optional
        What :func:`measured` gives, when it is at hand already.
    seed : int
        Of the places on the rings.

    Returns
    -------
    View

    Examples
    --------
    >>> import netklynge as nk
    >>> view(nk.load("horten")).title
    'Electronics and ICT industry in the Horten area'
    """
    said = language(lang)
    study = as_study(study)
    study = replace(
        study,
        actors=study.actors.reset_index(drop=True),
        relations=study.relations.reset_index(drop=True),
    )
    crowded = len(study.actors) > _MOST_ACTORS or len(study.relations) > _MOST_TIES
    layout = _grouped_layout(study, seed) if crowded else ring_layout(study.actors, study.relations, seed=seed)
    known = measured(study) if measures is None else measures
    ties = _edges(study)
    data = {
        "lang": lang,
        "title": study.title,
        "name": study.name,
        "cut": study.boundary if study.boundary in CUTS else CUTS[-1],
        "year": study.when,
        "synthetic": study.meta.synthetic,
        "unringed": not study.knows_rings,
        "public": study.meta.public,
        "source": _citation(study),
        "rings": _rings(study, layout, said),
        "shapes": _SHAPES,
        "kinds": _kinds(study, said),
        "layers": [
            {**look, "buzz": look["id"] in BUZZ_LAYERS, "pipeline": look["id"] in PIPELINE_LAYERS}
            for look in layer_looks(study, said)
        ],
        "confidence": [{"id": c, "label": said.text(c)} for c in _CONFIDENCE],
        "numbers": {cut: _numbers(known[cut], said) for cut in CUTS},
        "groups": _groups(study, layout) if crowded else None,
        "actors": _nodes(study, layout),
        "opens": _opening_layer(ties),
        "leftOut": undated(study, said),
        "ties": ties,
    }
    return View(_page(data, said), study.title)


# -- what the page is told ---------------------------------------------------------------------------


def tie_reach(study: Study) -> pd.Series[str]:
    """Where each tie reaches, seen from the district that the study's cut draws.

    Returns
    -------
    Series of str
        Indexed as ``relations``: ``inside``, ``pipeline`` (out of the district from an actor in it), ``outside``
        (no end in the district) or ``unknown`` (nobody has said where the other end sits).

    Notes
    -----
    The ring is the one coded for the tie, as :func:`netklynge.profile` counts it, else the outer of its two ends.

    Examples
    --------
    >>> import netklynge as nk
    >>> reach = tie_reach(nk.load("raufoss"))
    >>> supply = nk.load("raufoss").ties("supply").index
    >>> int((reach[supply] == "inside").sum())
    19
    """
    ties = study.relations
    ends = [inside(ties[end].map(study.rings).astype("string"), study.boundary) for end in ("source", "target")]
    within = inside(ties["scale"], study.boundary).fillna(ends[0] & ends[1])
    touching = (ends[0] | ends[1]).fillna(True).astype(bool)
    reach = pd.Series("outside", index=ties.index, dtype="string").mask(touching, "pipeline")
    return reach.mask(within.fillna(False).astype(bool), "inside").mask(within.isna(), "unknown")


def years_held(study: Study) -> dict[int, list[tuple[int, int]]]:
    """The years in which each tie holds, as :meth:`~netklynge.study.study.Study.at` tells them.

    Returns
    -------
    dict
        Index of ``relations`` to ranges of years, both ends included; the last year is the latest that the study
        names. Empty when the study names no year, or is itself the view of one.

    Examples
    --------
    >>> import netklynge as nk
    >>> spans = years_held(nk.load("raufoss"))
    >>> sum(any(a <= 1985 <= b for a, b in s) for s in spans.values()) == len(nk.load("raufoss").at(1985).relations)
    True
    """
    ties, actors = study.relations, study.actors
    named = pd.concat([ties["start"], ties["end"]]).dropna()
    if study.year is not None or named.empty:
        return {}
    reference = [] if study.reference_year is None else [study.reference_year]
    last = max([int(named.max()), *reference])
    closed = actors.set_index("actor")["closed"]
    dates = {
        f"{end}_{date}": ties[end].map(actors.set_index("actor")[date])
        for end in ("source", "target")
        for date in ("founded", "closed")
    }
    alike = ties[["start", "end", "current", "status"]].assign(
        event=ties["layer"].isin(EVENT_LAYERS), **dates
    )  # all that the years of a tie depend on; one tie of each sort is enough to ask about
    sort = alike.groupby(list(alike.columns), dropna=False).ngroup()
    asked = replace(study, relations=ties[~sort.duplicated()])
    changes = {
        *named,
        *(named + 1),
        *(closed.dropna() + 1),
        *actors["founded"].dropna(),
        *reference,
        *(y + 1 for y in reference),
    }
    years = sorted(int(y) for y in changes if int(named.min()) <= y <= last)
    spans: dict[int, list[tuple[int, int]]] = {int(k): [] for k in sort.unique()}
    for year, following in zip(years, [*years[1:], last + 1], strict=True):
        told = held_in(asked, year)
        for tie in told.index[told]:
            held = spans[int(sort[tie])]
            if held and held[-1][1] == year - 1:
                held[-1] = (held[-1][0], following - 1)
            else:
                held.append((year, following - 1))
    return {tie: spans[int(k)] for tie, k in sort.items()}


def _citation(study: Study) -> str:
    """The report that the study was coded from, in one line."""
    return study.meta.report.cite()


def _label(key: str, said: Language) -> str:
    """A coded value (kind, layer, ring) as readers call it."""
    text = said.text(key)
    return text if text != key else _ENGLISH.get(key, key.replace("_", " "))


def _rings(study: Study, layout: pd.DataFrame, said: Language) -> list[dict[str, Any]]:
    radii = layout.groupby("ring")["radius"].first()
    return [
        {
            "id": ring,
            "label": said.text("Where unknown") if ring == UNKNOWN else _label(ring, said).capitalize(),
            "meaning": study.meta.zones.get(ring, ""),
            "radius": float(radii[ring]) if ring in radii else None,
            "count": int((layout["ring"] == ring).sum()),
        }
        for ring in (*RINGS, UNKNOWN)
    ]


def _kinds(study: Study, said: Language) -> list[dict[str, Any]]:
    told = set(study.actors["kind"].fillna(UNKNOWN))
    return [
        {"id": k, "label": _label(k, said), "color": _KIND_LOOKS[k][0], "shape": _KIND_LOOKS[k][1]}
        for k in (*KINDS, UNKNOWN)
        if k in told
    ]


def actor_looks() -> Mapping[str, tuple[str, str]]:
    """Colour and shape of each kind of actor."""
    return _KIND_LOOKS


def layer_looks(study: Study, said: Language) -> list[dict[str, Any]]:
    """Name, colour and dash of each layer that the study has ties in."""
    own = {
        layer: (_PALETTE[look.color], look.dash)
        for layer, look in zip(study.meta.own_layers, cycle(OWN_LOOKS), strict=False)
    }
    looks = {**_LAYER_LOOKS, **own}
    return [
        {"id": k, "label": k if k in own else _label(k, said), "color": looks[k][0], "dash": looks[k][1]}
        for k in study.layers
    ]


def _nodes(study: Study, layout: pd.DataFrame) -> list[dict[str, Any]]:
    actors = study.actors
    degree = _degrees(study)
    span = max(float(degree.max()), 1.0) if len(degree) else 1.0
    size = _SMALLEST + (_LARGEST - _SMALLEST) * (degree / span) ** 0.5
    columns = ["name", "aka", "role", "sector", "place", "employees", "employees_year", "founded", "closed", "lines"]
    rows = pd.concat([layout[["actor", "ring", "x", "y"]], actors[columns]], axis=1)
    rows["kind"] = actors["kind"].fillna(UNKNOWN)
    rows["name"] = actors["name"].fillna(actors["actor"])
    rows["r"] = actors["actor"].map(size).astype(float).round(1)
    if "group" in layout:
        rows[["group", "r"]] = layout[["group", "r"]]
    rows.insert(0, "id", rows.pop("actor"))
    return records(rows, blanks=False)


def _grouped_layout(study: Study, seed: int) -> pd.DataFrame:
    """Places as :func:`~netklynge.pages.layout.ring_layout` gives, for groups; actors fill the disc of their group.

    A group is a community's actors on one ring. Besides ``ring_layout``'s columns: ``group``, its ``group_x``,
    ``group_y`` and ``group_r``, and ``r``, the size of the actor's mark.
    """
    actors = study.actors
    ring = actors["scale"].fillna(UNKNOWN).astype(str)
    community = communities(study.relations, actors["actor"]).clip(upper=_MOST_COMMUNITIES).to_numpy()
    group = ring + " " + pd.Series(community, index=actors.index).astype(str)
    of = dict(zip(actors["actor"], group, strict=True))
    heads = pd.DataFrame({"actor": group, "scale": actors["scale"], "kind": "firm"}).drop_duplicates("actor")
    ends = {end: study.relations[end].map(of) for end in ("source", "target")}
    places = ring_layout(heads, pd.DataFrame(ends), seed=seed).set_index("actor")
    count = group.map(group.value_counts())
    size = 6 + 9 * (count / count.max()) ** 0.5
    place = group.groupby(group).cumcount() + 0.5
    angle, away = place * np.pi * (3 - np.sqrt(5)), 0.92 * size * (place / count) ** 0.5  # as a sunflower's seeds
    x, y = group.map(places["x"]), group.map(places["y"])
    return pd.DataFrame(
        {
            "actor": actors["actor"],
            "ring": ring,
            "community": community,
            "x": (x + away * np.cos(angle)).round(2),
            "y": (y + away * np.sin(angle)).round(2),
            "radius": group.map(places["radius"]),
            "group": group,
            "group_x": x,
            "group_y": y,
            "group_r": size.round(1),
            "r": (0.42 * size / count**0.5).round(3),
        }
    )


def _groups(study: Study, layout: pd.DataFrame) -> list[dict[str, Any]]:
    """The groups of a crowded picture, each named after its member with the most partners."""
    names = study.actors["name"].fillna(study.actors["actor"])
    degree = _degrees(study).to_numpy()
    order = pd.Series(-degree, index=layout.index).sort_values(kind="stable").index
    first = layout.loc[order].drop_duplicates("group").sort_index()
    rows = first[["group", "ring", "group_x", "group_y", "group_r"]].set_axis(["id", "ring", "x", "y", "r"], axis=1)
    return records(rows.assign(name=names[rows.index], group=True), blanks=False)


def _degrees(study: Study) -> pd.Series[int]:
    """Distinct partners of each actor, whatever the layer; for the size of the marks only."""
    ties = study.relations
    both = pd.concat([ties[["source", "target"]], ties[["target", "source"]].set_axis(["source", "target"], axis=1)])
    return both.groupby("source")["target"].nunique().reindex(study.actors["actor"], fill_value=0)


def _edges(study: Study) -> list[dict[str, Any]]:
    ties = study.relations
    spans = years_held(study)
    now = study.at(study.when).relations.index if study.year is None and study.when is not None else ties.index
    if study.when is None:
        now = study.ties().index
    columns = ["layer", "scale", "strategic", "start", "end", "content", "confidence", "lines"]
    rows = ties[["source", "target", *columns]].rename(columns={"source": "from", "target": "to"})
    rows["layer"] = rows["layer"].fillna(UNSTATED)
    rows["directed"] = ties["directed"].fillna(True).astype(int)
    rows["now"] = ties.index.isin(now).astype(int)
    reaches = [tie_reach(study.cut(cut)).str[0] for cut in CUTS]
    rows["reach"] = reaches[0].str.cat(reaches[1:])
    told = records(rows, blanks=False)
    for index, row in zip(ties.index, told, strict=True):
        if spans.get(index):
            row["years"] = spans[index]
    return told


def _opening_layer(ties: Sequence[Mapping[str, Any]]) -> str | None:
    """The layer that the page opens on, since layers are not pooled unasked: supply, else that with most in force."""
    in_force = Counter(tie["layer"] for tie in ties if tie["now"]) or Counter(tie["layer"] for tie in ties)
    if not in_force:
        return None
    return "supply" if "supply" in in_force else in_force.most_common(1)[0][0]


def _numbers(known: Measured, said: Language) -> dict[str, Any]:
    """Every number that the page shows for one cut: bare, and as text in its language."""
    verdict = known.verdict
    level = str(verdict.operative["level"])
    return {
        "type": verdict.type,
        "label": verdict.headline(said.code),
        "level": said.text(_LEVELS[level]),
        "memberships": [
            {"type": name, "label": said.text(TYPE_WORDS[name]), "value": plain(m), "text": said.number(m, 2)}
            for name, m in verdict.memberships.items()
        ],
        "leftOut": left_out(known.profile, said),
        "profile": [_profile_row(row, said) for row in known.profile.to_dict("records")],
        "roles": {str(row["actor"]): _role(row, said) for row in known.firms.to_dict("records")},
    }


def _profile_row(row: Mapping[str, Any], said: Language) -> dict[str, Any]:
    kind, _, where = str(row["source"]).partition(": ")
    n = plain(row["n"])
    base = said.text("number of answers not published") if n is None else f"n = {said.number(n)}"
    source = f"{said.text(kind)}: {where} ({base})" if where else ""
    return {
        "layer": row["layer"],
        "inside": plain(row["inside"]),
        "outside": plain(row["outside"]),
        "share": plain(row["share"]),
        "ei": plain(row["ei"]),
        "shareText": said.percent(plain(row["share"])),
        "eiText": said.number(plain(row["ei"]), 2),
        "source": source,
    }


def _role(row: Mapping[str, Any], said: Language) -> dict[str, Any]:
    """What an insider is: hub, gatekeeper, its partners inside and out, how well connected its neighbours are."""
    neighbours = plain(row["neighbours_pipelines"])
    facts = {
        "Partners inside the district": partners_text(row["inside"], row["inside_groups"], said),
        "Partners outside the district": partners_text(row["outside"], row["outside_groups"], said),
        "Mean partners outside of its neighbours": said.number(neighbours, 1),
    }
    played = {said.text(name): plain(row.get(column)) for column, name in _BROKERAGE.items()}
    paths = ", ".join(f"{name} {said.number(count)}" for name, count in played.items() if count)
    if paths:
        facts["Brokerage in supply (paths between two others)"] = paths
    return {
        "hub": bool(row["hub"]),
        "gatekeeper": bool(row["gatekeeper"]),
        "facts": [[said.text(name), value] for name, value in facts.items()],
    }


def partners_text(named: int, groups: int, said: Language) -> str:
    """Partners told by name, and beside them how many groups were told without names: at least one partner each."""
    text = said.number(named)
    return text if not groups else text + " " + said.plural("+ {n} group", "+ {n} groups", groups).format(n=groups)


def left_out(rows: pd.DataFrame, said: Language) -> list[str]:
    """Which ties of each layer no share counts, one sentence for each reason; `rows` as nk.profile gives them."""
    reasons = {
        "between_outsiders": "Not counted, since both ends sit outside: {ties}.",
        "unknown": "Not counted, since nobody says where the other end sits: {ties}.",
    }
    told = {
        column: [
            f"{_label(str(layer), said)} {n}" for layer, n in zip(rows["layer"], rows[column], strict=True) if n > 0
        ]
        for column in reasons
    }
    return [said.text(reasons[column]).format(ties=", ".join(ties)) for column, ties in told.items() if ties]


def undated(study: Study, said: Language) -> list[str]:
    """What a study seen at a year leaves out since no date says that it was there, one sentence each."""
    told = {
        "Ties left out of this year, since nobody says when they began: {k}.": study.undated,
        "Actors left out of this year, since they have neither a founding year nor a tie of the year: {k}.": (
            study.undated_actors
        ),
    }
    return [said.text(words).format(k=said.number(count)) for words, count in told.items() if count]


# -- the page ----------------------------------------------------------------------------------------


def _page(data: dict[str, Any], said: Language) -> str:
    from pyvis.network import Network

    script, library = template_text("view.js"), _vis_network()
    data["texts"] = {message: said.text(message) for message in _messages(script)}
    net = Network(directed=True, cdn_resources="in_line", heading=data["title"])
    # Filled at once: pyvis looks through all nodes again for every edge that is added one by one.
    net.nodes, net.edges = data["actors"], data["ties"]
    net.templateEnv = page_environment(said)
    net.templateEnv.globals.update(
        data=data,
        scripts=[library, script],
        script_hashes=[policy_hash(library), policy_hash(script)],
        **styled("view"),
    )
    net.path = "view.html"
    return str(net.generate_html())


def _messages(script: str) -> Sequence[str]:
    """The messages that the script says: what stands in t("...") and fill("...")."""
    return sorted(set(re.findall(r'\b(?:t|fill)\("([^"]+)"', script)))


def _vis_network() -> str:
    """vis-network as pyvis brings it, without outside addresses and without code made from text."""
    bundle = resources.files("pyvis").joinpath("templates", "lib", "vis-9.1.2", "vis-network.min.js")
    text = bundle.read_text("utf-8").replace("\r\n", "\n")
    text = text.replace('Function("return this")()', "globalThis")
    text = text.replace('Function("r","regeneratorRuntime = r")(e)', "void 0")
    return re.sub(r"https?://(?!www\.w3\.org/)", "", text)
