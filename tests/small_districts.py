"""Small districts to test with: any that the format allows, and plain Python rows to count them by hand."""

import pandas as pd
from hypothesis import Phase, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.study.contracts import TABLES
from netklynge.study.layers import LAYERS
from netklynge.study.zones import RINGS

# a study takes a while to make: few of them, the same every time, and none made smaller
FEW = settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
RING = st.sampled_from([*RINGS, None])
KIND = st.sampled_from(["firm", "firm", "firm", "network_org", "research", "public", "parent", None])


FIRM = {"kind": "firm", "scale": "local"}
AWAY = {"kind": "firm", "scale": "international"}


def district(actors, ties, **more):
    """A study of a list of actor rows and a list of tie rows (dicts)."""
    frames = {"actors": _frame("actors", actors), "relations": _frame("relations", ties), **more}
    return nk.load(frames)


def _frame(table, rows):
    return pd.DataFrame(rows, columns=list(TABLES[table]), dtype=object)


def records(frame):
    """The rows of a frame as dicts, blanks as None."""
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


def star(**outside):
    """Local firms with so many suppliers abroad each."""
    actors = [{"actor": firm, **FIRM} for firm in outside]
    ties = []
    for firm, count in outside.items():
        actors += [{"actor": f"{firm}-{k}", **AWAY} for k in range(count)]
        ties += [{"source": f"{firm}-{k}", "target": firm, "layer": "supply"} for k in range(count)]
    return actors, ties


@st.composite
def tables(draw):
    """Rows of actors (some of them categories) and of ties between them."""
    names = [f"a{k}" for k in range(draw(st.integers(2, 6)))]
    groups = [f"cat-{k}" for k in range(draw(st.integers(0, 2)))]
    actors = [
        {
            "actor": name,
            "kind": draw(KIND),
            "role": draw(st.sampled_from(["core", "science park", "source_only", None])),
            "scale": draw(st.sampled_from(["local", "local", *RINGS, None])),
            "employees": draw(st.sampled_from([None, 5, 99, 100, 400])),
            "closed": draw(st.sampled_from([None, None, None, 1990])),
            "owner_scale": draw(RING),
        }
        for name in names
    ]
    actors += [{"actor": name, "kind": "category", "scale": draw(RING)} for name in groups]
    pairs = [(a, b) for a in names + groups for b in names + groups if a != b or a in groups]
    layers = ["supply", "supply", "rd", "ownership", "membership", "informal", *LAYERS, None]
    ties = [
        {
            "source": source,
            "target": target,
            "layer": draw(st.sampled_from(layers)),
            "directed": draw(st.sampled_from([1, 0, None])),
            "scale": draw(RING),
            "current": draw(st.sampled_from([1, 1, 0, None])),
            "content": draw(st.sampled_from([None, "lineage: merger"])),
        }
        for source, target in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=12))
    ]
    return actors, ties


def insiders(study):
    """Actors inside, by the words of the format: named, inside the cut, open, no mere source."""
    within = RINGS[: RINGS.index(study.boundary) + 1]
    return [
        row
        for row in records(study.actors)
        if row["kind"] != "category"
        and row["scale"] in within
        and row["closed"] is None
        and row["role"] != "source_only"
    ]


def in_force(study, *layers, events=False):
    """The district's ties that are not over, of these layers or of all; those between two outsiders are not its own."""
    within = RINGS[: RINGS.index(study.boundary) + 1]
    rings = {row["actor"]: row["scale"] for row in records(study.actors)}
    away = {actor for actor, ring in rings.items() if ring is not None and ring not in within}
    return [
        tie
        for tie in records(study.relations)
        if (events or tie["current"] is not False) and (not layers or tie["layer"] in layers)
        if not {tie["source"], tie["target"]} <= away
    ]


def sides(study, *layers):
    """Each tie as its inside actors see it: (actor, partner, layer, gives, partner inside or unknown, category)."""
    within = RINGS[: RINGS.index(study.boundary) + 1]
    rings = {row["actor"]: row["scale"] for row in records(study.actors)}
    groups = {row["actor"] for row in records(study.actors) if row["kind"] == "category"}
    own = {row["actor"] for row in insiders(study)}
    seen = []
    for tie in in_force(study, *layers):
        for actor, partner in ((tie["source"], tie["target"]), (tie["target"], tie["source"])):
            if actor in own:
                ring = rings[partner] if partner in own else tie["scale"] or rings[partner]
                side = None if ring is None else ring in within
                seen.append((actor, partner, tie["layer"], actor == tie["source"], side, partner in groups))
    return seen
