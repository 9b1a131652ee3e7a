"""Profiles: a study's measures side by side, per layer and per actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.chance import wilson
from netklynge.district.hubs import find_hubs
from netklynge.district.location import amounts, currency, inside_share, tie_share
from netklynge.district.pipelines import mean_pipelines_around, partner_counts, partners
from netklynge.networks.concentration import gini
from netklynge.study.ties import between_outsiders, both_ways, district_ties, inside_ties, named_ties
from netklynge.study.views import once_at_any_cut
from netklynge.study.zones import inside

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["FEWEST", "PROFILE_COLUMNS", "firms", "profile"]

FEWEST = 5  # actors from which a net has a shape: of three or four the degrees leave hardly a choice


def profile(study: Study, weight: str | None = None) -> pd.DataFrame:
    r"""Buzz and pipelines of a study at its cut, layer by layer.

    Parameters
    ----------
    study : Study
    weight : str, optional
        A column of numbers in the relations, such as ``amount``: what the ties are worth, beside how many they are.

    Returns
    -------
    DataFrame
        One row per layer with ties in force or published answers, or that the study's coverage says was asked for;
        layers never pooled:

        ``share``, ``low``, ``high``, ``n``, ``source``
            share of links inside the cut from the best source (see
            :func:`netklynge.district.location.inside_share`), its Wilson
            interval where the source counts links or respondents, the base and where it is from;
        ``n_effective``
            the number of unweighted answers that tells as much as the n weighted ones; n without weights. The interval
            rests on it;
        ``inside``, ``outside``, ``unknown``, ``between_outsiders``
            ties in force by side of the cut, categories counted, and those whose ring is blank; and those with both
            ends outside the cut, which are not the district's and counted nowhere else;
        ``ei``, ``ei_expected``
            E-I index of those ties, (outside - inside) / (outside + inside), and its value under random ties
            between the named actors inside and outside (Krackhardt & Stern 1988);
        ``actors``, ``pairs``, ``density``, ``reciprocity``, ``centralization``
            the net of named actors inside: actors with a tie in it, tied pairs, pairs over all pairs of named insiders
            (blank where no named actor is in the net: undefined, not zero), share of the ``directed`` ties that are
            returned (of two ties it says little), Freeman's degree centralisation (blank below :data:`FEWEST` actors);
        ``components``, ``assortativity``, ``coleman``
            pieces of the net of all named actors in the layer; by side of the cut, Newman's assortativity and Coleman's
            homophily of the insiders. An undirected tie stands in both directions;
        ``pipelines``, ``holders``, ``top_share``, ``hhi``, ``gini``
            named partners outside summed over insiders, insiders that have one, the largest holder's share of them,
            their Herfindahl index :math:`\sum_i s_i^2`, and their Gini coefficient over all insiders;
        ``gatekeepers``
            insiders with a partner on both sides in this layer (a category counts as one);
        ``amount_inside``, ``amount_outside``, ``amount_share``, ``priced``, ``unpriced``, ``currency``
            with `weight`: what the ties with a ring are worth by side of the cut, the share inside, and how many of all
            ties tell an amount.

    References
    ----------
    Krackhardt, D. & Stern, R. N. (1988). Informal networks and organizational crises. Social Psychology Quarterly
    51(2), 123-140.
    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. Social Networks 1(3), 215-239.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = nk.profile(nk.load("horten")).set_index("layer")
    >>> table.loc[["supply"], ["inside", "outside", "ei"]].round(3).values.tolist()
    [[22.0, 17.0, -0.128]]
    """
    layers = [layer for layer in study.layers if len(study.ties(layer))]
    layers += [layer for layer in dict.fromkeys(study.links["layer"].dropna()) if layer not in layers]
    layers += [layer for layer, of in study.meta.coverage.items() if of.of != "none" and layer not in layers]
    sides = partners(study)
    rows = [_layer_row(study, layer, sides[sides["layer"] == layer]) for layer in layers]
    table = pd.DataFrame(rows, columns=PROFILE_COLUMNS)
    if weight is None:
        return table
    worth = pd.DataFrame([_worth(study, layer, weight) for layer in layers], columns=_WORTH)
    return table.join(worth)


_WORTH = ["amount_inside", "amount_outside", "amount_share", "priced", "unpriced", "currency"]


def _worth(study: Study, layer: str, weight: str) -> dict[str, Any]:
    """What the layer's ties are worth by side of the cut."""
    ties = district_ties(study, layer)
    worth = amounts(ties, weight)
    placed = worth[ties["scale"].notna()]
    near = placed[ties["scale"].isin(study.rings_inside())].sum(min_count=1)
    whole = placed.sum(min_count=1)
    told = int(worth.notna().sum())
    return dict(
        zip(
            _WORTH,
            (near if near == near else 0.0 * whole, whole - (near if near == near else 0.0), near / whole, told,
             len(ties) - told, currency(ties, worth)),
            strict=True,
        )
    )  # fmt: skip


PROFILE_COLUMNS = [
    "layer",
    "cut",
    "share",
    "low",
    "high",
    "n",
    "unit",
    "source",
    "n_effective",
    "inside",
    "outside",
    "unknown",
    "between_outsiders",
    "ei",
    "ei_expected",
    "actors",
    "pairs",
    "density",
    "directed",
    "reciprocity",
    "centralization",
    "components",
    "assortativity",
    "coleman",
    "pipelines",
    "holders",
    "top_share",
    "hhi",
    "gini",
    "gatekeepers",
]


def _layer_row(study: Study, layer: str, sides: pd.DataFrame) -> dict[str, Any]:
    best = inside_share(study, layer)
    ties = tie_share(study, layer)
    n = float("nan") if best.unit == "percent_of_value" else best.n_effective
    low, high = wilson(best.share * n, n)
    near = sides["inside"].fillna(False).astype(bool)
    far = (~sides["inside"]).fillna(False).astype(bool)
    held = sides[far & ~sides["category"]].groupby("actor")["partner"].nunique()
    shares = held / held.sum()
    return {
        "layer": layer,
        "cut": study.boundary,
        "share": best.share,
        "low": low,
        "high": high,
        "n": best.n,
        "unit": best.unit,
        "source": best.source,
        "n_effective": best.n_effective,
        "inside": int(ties.inside),
        "outside": int(ties.total - ties.inside),
        "unknown": int(ties.unknown),
        "between_outsiders": between_outsiders(study, layer),
        "ei": 1 - 2 * ties.share,
        **_sides(study, layer),
        **_inside_net(study, layer),
        "pipelines": int(held.sum()),
        "holders": len(held),
        "top_share": float(shares.max()) if len(held) else float("nan"),
        "hhi": float((shares**2).sum()) if len(held) else float("nan"),
        "gini": gini(held.reindex(study.insiders["actor"], fill_value=0)) if len(held) else float("nan"),
        "gatekeepers": len(set(sides.loc[near, "actor"]) & set(sides.loc[far, "actor"])),
    }


def _sides(study: Study, layer: str) -> dict[str, float]:
    """What the layer's named ties say of insiders and outsiders as two groups; blanks where one side is empty."""
    from netklynge.networks.communities import components
    from netklynge.networks.homophily import assortativity, coleman, ei_index

    ties = named_ties(study, layer)
    side = inside(study.rings, study.boundary).dropna()
    pairs = tuple(zip(ties["source"], ties["target"], strict=True))
    ends = set(ties["source"]) | set(ties["target"])
    groups = {actor: bool(within) for actor, within in side.items() if actor in ends}
    found = dict.fromkeys(("ei_expected", "assortativity", "coleman"), float("nan"))
    if len(set(groups.values())) == 2:
        both = both_ways(ties)
        homophily = coleman(both, groups).set_index("group")["coleman"]
        found = {
            "ei_expected": float(ei_index(both, groups)["expected"].iloc[0]),
            "assortativity": float(assortativity(both, groups)),
            "coleman": float(homophily.get(True, float("nan"))),
        }
    return {**found, "components": _of_pairs(study, components, pairs)["component"].nunique() if len(ties) else 0}


def _inside_net(study: Study, layer: str) -> dict[str, Any]:
    """Shape of the net of named actors inside; blanks where there is no net."""
    from netklynge.networks.centrality import centralization, reciprocity

    ties = inside_ties(study, layer)
    actors = pd.unique(pd.concat([ties["source"], ties["target"]]))
    pairs = {frozenset(pair) for pair in zip(ties["source"], ties["target"], strict=True)}
    insiders = len(study.insiders)
    possible = insiders * (insiders - 1) / 2
    directed = ties[ties["directed"].fillna(True).astype(bool)]
    return {
        "actors": len(actors),
        "pairs": len(pairs),
        "density": len(pairs) / possible if possible and len(actors) else float("nan"),
        "directed": len(directed),
        "reciprocity": float(reciprocity(directed)) if len(directed) else float("nan"),
        "centralization": float(centralization(both_ways(ties), "degree")) if len(actors) >= FEWEST else float("nan"),
    }


def firms(study: Study, layer: str = "supply", progress: bool = False, weight: str | None = None) -> pd.DataFrame:
    """One row per named actor inside the cut that is still open: size, owner, partners inside and outside, roles.

    Parameters
    ----------
    study : Study
    layer : str
        The layer whose structure the columns after ``hub`` describe; layers are never pooled.
    progress : bool
        Show on stderr which part is being worked on.
    weight : str, optional
        A column of numbers in the relations, such as ``amount``: what the ties of `layer` are worth.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``kind``, ``role``, ``ring``, ``employees`` (blank unless taken near the year of the view),
        ``owner_ring``; ``inside`` and ``outside`` distinct named partners, ``inside_groups`` and ``outside_groups``,
        and the same per layer (see :func:`netklynge.partner_counts`); ``gatekeeper``; ``neighbours_pipelines`` (see
        :func:`netklynge.mean_pipelines_around`); ``hub`` (see :func:`netklynge.district.hubs.find_hubs`); and for
        named ties of `layer`, an undirected one both ways: ``coordinator``, ``itinerant``, ``gatekeeper_role``,
        ``representative``, ``liaison`` (Gould-Fernandez roles between inside and outside), ``constraint``,
        ``effective_size``, ``efficiency``, ``hierarchy`` (Burt), ``core``, ``coreness`` (Borgatti-Everett),
        ``community`` (Leiden), and of the actor's partners ``partner_kinds``, ``blau``, ``iqv`` (kinds of actors, see
        :func:`netklynge.partner_diversity`) and ``breadth`` (kinds by rings, :func:`netklynge.partner_breadth`); blank
        for actors without a tie in it. With `weight` also ``amount_inside``, ``amount_outside`` and ``amount_share`` of
        its ties of the layer, categories among them, and how many are ``priced`` and ``unpriced``. Firms first, then by
        partners outside.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = nk.firms(nk.load("raufoss"))
    >>> table.loc[table["actor"] == "nammo", ["outside", "gatekeeper", "hub"]].values.tolist()
    [[9, True, False]]
    """
    counts = partner_counts(study)
    hub = find_hubs(study).set_index("actor")["hub"]
    rows = study.insiders.set_index("actor")
    table = pd.DataFrame(
        {
            "name": rows["name"],
            "kind": rows["kind"],
            "role": rows["role"],
            "ring": rows["scale"],
            "employees": study.sizes().reindex(rows.index).astype("Float64"),
            "owner_ring": rows["owner_scale"],
        }
    ).join(counts.set_index("actor").drop(columns=["has_inside", "has_outside"]))
    table["neighbours_pipelines"] = mean_pipelines_around(study)
    table["hub"] = hub.reindex(table.index).fillna(False).astype(bool)
    table = table.join(_structure(study, layer, progress))
    if weight is not None:
        table = table.join(_worth_of_actors(study, layer, weight))
    firm = (table["kind"] == "firm").fillna(False).astype(int)
    table = table.assign(_firm=firm).sort_values(["_firm", "outside"], ascending=False, kind="stable")
    return table.drop(columns="_firm").reset_index()


def _worth_of_actors(study: Study, layer: str, weight: str) -> pd.DataFrame:
    """What each insider's ties of a layer are worth by side of the cut."""
    ties = district_ties(study, layer)
    rows = partners(study, ["supply" if layer == "customer" else layer])
    worth = rows["tie"].map(amounts(ties, weight))
    near = rows["inside"].fillna(False).astype(bool)
    far = (~rows["inside"]).fillna(False).astype(bool)
    told = worth.notna()
    table = pd.DataFrame(
        {
            "amount_inside": worth.where(near).groupby(rows["actor"]).sum(min_count=1),
            "amount_outside": worth.where(far).groupby(rows["actor"]).sum(min_count=1),
            "priced": told.groupby(rows["actor"]).sum().astype("Int64"),
            "unpriced": (~told).groupby(rows["actor"]).sum().astype("Int64"),
        }
    )
    whole = table[["amount_inside", "amount_outside"]].sum(axis=1, min_count=1)
    return table.assign(amount_share=table["amount_inside"].fillna(0) / whole)


STRUCTURE = (
    "coordinator",
    "itinerant",
    "gatekeeper_role",
    "representative",
    "liaison",
    "constraint",
    "effective_size",
    "efficiency",
    "hierarchy",
    "core",
    "coreness",
    "community",
    "partner_kinds",
    "blau",
    "iqv",
    "breadth",
)
MANY = 1000  # actors above which one start of the core search and two rounds of Leiden must do


def _partners_told(study: Study, ties: pd.DataFrame, actors: Any) -> pd.DataFrame:
    """How varied each actor's partners in one layer are, by kind and by kind and ring."""
    from netklynge.networks.diversity import partner_breadth, partner_diversity

    known = study.actors.set_index("actor")
    kinds, rings = (known[c].reindex(actors).dropna().to_dict() for c in ("kind", "scale"))
    table = pd.DataFrame({"actor": actors})
    if kinds:
        varied = partner_diversity(ties, kinds).rename(columns={"kinds": "partner_kinds"})
        table = table.merge(varied[["actor", "partner_kinds", "blau", "iqv"]], on="actor", how="left")
    if kinds and rings:
        table = table.merge(partner_breadth(ties, kinds, rings)[["actor", "breadth"]], on="actor", how="left")
    return table


def _structure(study: Study, layer: str, progress: bool) -> pd.DataFrame:
    """Roles, holes, core and community of named actors in one layer."""
    from rich.console import Console
    from rich.progress import track

    from netklynge.networks.brokers import brokerage
    from netklynge.networks.communities import leiden
    from netklynge.networks.cores import core_periphery
    from netklynge.networks.holes import constraint

    ties = both_ways(named_ties(study, layer))
    if not len(ties):
        return pd.DataFrame(columns=STRUCTURE, index=pd.Index([], name="actor", dtype="string"))
    actors = pd.unique(pd.concat([ties["source"], ties["target"]]))
    side = inside(study.rings, study.boundary).reindex(actors).dropna().map({True: "inside", False: "outside"})
    pairs, large = tuple(zip(ties["source"], ties["target"], strict=True)), len(actors) > MANY
    parts: dict[str, Callable[[], pd.DataFrame]] = {
        "brokerage": lambda: brokerage(ties, side.to_dict()) if len(side) else pd.DataFrame({"actor": actors}),
        "structural holes": lambda: _of_pairs(study, constraint, pairs),
        "core and periphery": lambda: _of_pairs(study, core_periphery, pairs, restarts=1 if large else 50),
        "communities": lambda: _of_pairs(study, leiden, pairs, rounds=2 if large else -1),
        "partners": lambda: _partners_told(study, ties, actors),
    }
    steps = track(parts.items(), "firms", console=Console(stderr=True), disable=not progress, transient=True)
    found = [make().set_index("actor") for _, make in steps]
    joined = pd.concat([part.loc[:, ~part.columns.isin(["group"])] for part in found], axis=1)
    return joined.rename(columns={"gatekeeper": "gatekeeper_role"}).reindex(columns=STRUCTURE)


@once_at_any_cut
def _of_pairs(
    study: Study, measure: Callable[..., pd.DataFrame], pairs: tuple[tuple[str, str], ...], /, **how: int
) -> pd.DataFrame:
    """A measure that asks for tied pairs alone: cuts that leave the same ties share its answer."""
    return measure(pd.DataFrame(list(pairs), columns=["source", "target"], dtype="string"), **how)
