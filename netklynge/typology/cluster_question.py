"""Clusters: whether a district is specialised, its cluster operative, and whether it is glocal.

A district type says how a district hangs together; this says whether it is a cluster at all, by the rules that the
founding study uses (NIBR-rapport 2005:11, chapters 2 and 7), each graded and with its evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.district.location import inside_share
from netklynge.typology.anchors import Anchors, calibrate, load_anchors
from netklynge.typology.levels import levels
from netklynge.typology.verdicts import Verdict, classify

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["cluster", "national_overlap"]


def cluster(
    study: Study, verdict: Verdict | None = None, quotients: pd.DataFrame | None = None, anchors: Anchors | None = None
) -> pd.DataFrame:
    """Whether a district is a cluster: one row per question, with its answer, membership and evidence.

    Parameters
    ----------
    study : Study
    verdict : Verdict, optional
        That of :func:`netklynge.classify` on the same study, if it is at hand.
    quotients : DataFrame, optional
        Location quotients of the district's industries, see :func:`netklynge.location_quotients`; without them
        nobody can say whether the district is specialised.
    anchors : Anchors, optional

    Returns
    -------
    DataFrame
        ``question`` (specialised, operative, glocal, buzz, pipelines), ``answer`` (yes, no, or not assessed; operative,
        latent or latent_or_operative; low, middle or high), ``membership`` and ``evidence``.

    Notes
    -----
    *Specialised*: an industry with a location quotient whose 95 % interval lies above 1. *Operative*: two of three of
    trade inside, joint innovation inside and joint bodies. *Glocal*: firms sit in international production networks
    (supply links outside the nation) and innovate with partners up to the nation; the lower of the two memberships.
    *Buzz* and *pipelines*: the place among simulated districts, see :func:`netklynge.typology.levels.levels`.

    References
    ----------
    Onsager, K. (ed.) (2005). Teknologibyene. NIBR-rapport 2005:11, chapters 2 and 7.

    Examples
    --------
    >>> import netklynge as nk
    >>> cluster(nk.load("horten")).set_index("question")["answer"].tolist()
    ['not assessed', 'latent_or_operative', 'yes', 'middle', 'middle']
    """
    rules = anchors or load_anchors()
    verdict = verdict or classify(study, rules)
    rows = [_specialised(quotients), _operative(verdict), _glocal(study, rules), *_levels(study)]
    return pd.DataFrame(rows, columns=["question", "answer", "membership", "evidence"])


def _specialised(quotients: pd.DataFrame | None) -> tuple[str, str, float, str]:
    """Answered by the industry that is most surely over-represented: the one with the highest lower bound."""
    if quotients is None or not quotients["low"].notna().any():
        return "specialised", "not assessed", float("nan"), "needs jobs by industry, here and in the nation"
    best = quotients.loc[quotients["low"].astype(float).idxmax()]
    evidence = (
        f"{best['industry']}: location quotient {best['lq']:.2f} ({best['low']:.2f} to {best['high']:.2f}; "
        f"{best['jobs']:.0f} of {best['region_jobs']:.0f} jobs)"
    )
    return "specialised", "yes" if best["low"] > 1 else "no", float("nan"), evidence


def _operative(verdict: Verdict) -> tuple[str, str, float, str]:
    grade = verdict.operative["grade"]
    told = ", ".join(f"{name} {'?' if m is None else f'{m:.2f}'}" for name, m in verdict.operative["criteria"].items())
    return "operative", verdict.operative["level"], float("nan") if grade is None else grade, told


def _glocal(study: Study, rules: Anchors) -> tuple[str, str, float, str]:
    nation = study.cut("national")
    trade, innovation = inside_share(nation, "supply"), inside_share(nation, "rd")
    shares = {"global_trade": 1 - trade.share, "anchored_innovation": innovation.share}
    members = {name: float(calibrate(share, rules.cluster[name]["anchors"])) for name, share in shares.items()}
    least = min(members.values()) if not any(m != m for m in members.values()) else float("nan")
    answer = "not assessed" if least != least else "yes" if least > rules.rules["named_above"] else "no"
    evidence = (
        f"supply links abroad {_percent(shares['global_trade'])} ({trade.source}); "
        f"innovation partners in the country {_percent(shares['anchored_innovation'])} ({innovation.source})"
    )
    return "glocal", answer, least, evidence


def _levels(study: Study) -> list[tuple[str, str, float, str]]:
    """Buzz and pipelines against simulated districts; neither can be placed without a layer that has a reference."""
    found = levels(study)
    sides = found[found["layer"].isna() & found["position"].notna()]
    told = {row["side"]: row for row in sides.to_dict("records")}
    return [
        (
            side,
            str(told[side]["level"]),
            float("nan"),
            f"above {_percent(told[side]['position'])} of simulated districts",
        )
        if side in told
        else (side, "not assessed", float("nan"), "no ties in the layers that simulated districts have")
        for side in ("buzz", "pipelines")
    ]


def _percent(share: float) -> str:
    return "?" if share != share else f"{100 * share:.0f} %"


def national_overlap(study: Study) -> pd.DataFrame:
    """How much of each layer the national level carries: the overlap of buzz and pipelines that the report finds.

    Returns
    -------
    DataFrame
        One row per layer with a known share at both cuts: ``layer``, ``inside`` (at the study's cut), ``national``
        (outside it, yet in the country), ``abroad``, ``n``, ``source``; the three add up to 1. A layer whose source
        differs between the cuts is left out.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = national_overlap(nk.load("kongsberg")).set_index("layer")
    >>> table.loc["rd", ["inside", "national", "abroad"]].round(2).tolist()
    [0.3, 0.3, 0.4]
    """
    rows: list[dict[str, Any]] = []
    for layer in study.layers:
        here, nation = inside_share(study, layer), inside_share(study.cut("national"), layer)
        if here.source == nation.source and here.total > 0:
            rows.append(
                {
                    "layer": layer,
                    "inside": here.share,
                    "national": nation.share - here.share,
                    "abroad": 1 - nation.share,
                    "n": here.n,
                    "source": here.source,
                }
            )
    return pd.DataFrame(rows, columns=["layer", "inside", "national", "abroad", "n", "source"])
