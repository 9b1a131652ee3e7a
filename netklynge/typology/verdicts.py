"""District types: fuzzy-set ideal-type analysis of the hallmarks.

Each hallmark becomes a membership between 0 and 1 by Ragin's direct calibration with three anchors; a type's
membership is the minimum over its essential hallmarks (Kvist's ideal types); the highest names the district.
Anchors, types and rules are data in ``anchors.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.district.hubs import find_hubs
from netklynge.files.plain import plain
from netklynge.language import language
from netklynge.study.zones import CUTS
from netklynge.typology.anchors import TYPES, Anchors, load_anchors
from netklynge.typology.counts import Count
from netklynge.typology.decisions import Box, draw_box, members_of, what_would_decide, worded
from netklynge.typology.hallmarks import hallmarks, measure

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["TYPE_WORDS", "Verdict", "classify", "verdicts"]

SHOWN = 0.1  # share of draws from which an answer is told as possible
SURE: Mapping[str, str] = {
    "certain": "certain",
    "very_likely": "very likely",
    "likely": "likely",
    "leans_to": "leans to it",
    "undetermined": "undetermined",
}
TYPE_WORDS: Mapping[str, str] = {
    "small_firm": "small-firm district",
    "hub_and_spoke": "hub-and-spoke district",
    "satellite": "satellite district",
    "state_anchored": "state-anchored district",
    "mixed": "mixed district",
    "no_local_system": "no local system",
    "no_type_fits": "no type fits",
    "undetermined": "undetermined",
}


@dataclass(frozen=True)
class Verdict:
    """The district type of a study at one cut and year, with its evidence.

    Attributes
    ----------
    type : str
        One of :data:`TYPES`, ``mixed``, ``no_local_system``, ``no_type_fits`` or ``undetermined``.
    word : str
        How sure that is: certain, very_likely, likely, leans_to, undetermined.
    certainty : float
        Share of draws that give that answer (of the best one where it is undetermined).
    candidates : mapping
        Answer to its share of draws, the most frequent first.
    would_decide : tuple of mapping
        The questions that would tell most, each with ``hallmark``, ``question``, ``to`` and ``bits``.
    hubs : int
        Number of hubs, see :func:`netklynge.district.hubs.find_hubs`.
    memberships : mapping
        Type to the median of its drawn memberships.
    bounds : mapping
        Type to the least and greatest membership that the evidence allows.
    hallmarks : DataFrame
        ``name``, ``value``, ``n``, ``of``, ``unit``, ``source``, ``anchors`` (out, crossover, in), ``membership`` with
        ``least`` and ``most`` (what its bounds allow); for each type its membership, negated where the
        type wants that, and its role.
    operative : mapping
        ``level``, ``grade`` and the three ``criteria``.
    """

    study: str
    at: int | None
    cut: str
    type: str
    hubs: int
    memberships: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    hallmarks: pd.DataFrame
    missing: tuple[str, ...]
    operative: Mapping[str, Any]
    word: str = "undetermined"
    certainty: float = 0.0
    candidates: Mapping[str, float] = field(default_factory=dict)
    would_decide: tuple[Mapping[str, Any], ...] = ()
    draws: int = 0
    stability: Mapping[str, Any] = field(default_factory=lambda: {"replicates": 0, "share_by_type": {}})

    @property
    def label(self) -> str:
        """The type in English words, with its traits."""
        return self.words("en")

    def words(self, lang: str) -> str:
        """The type in words, with its traits, in a language of :data:`netklynge.language.LANGUAGES`."""
        say = language(lang)
        label = say.text(TYPE_WORDS[self.type])
        if self.type == "hub_and_spoke":
            if self.hubs:
                label += " " + say.plural("with one hub", "with {n} hubs", self.hubs).format(n=self.hubs)
            trade = self.hallmarks.loc[self.hallmarks["name"] == "local_trade", "membership"].iloc[0]
            if trade <= 0.5:
                label += " " + say.text("and satellite traits")
        elif self.type == "mixed":
            high = [say.text(TYPE_WORDS[t]) for t in TYPES if self.memberships[t] > 0.5]
            label += f" ({' + '.join(high)})" if high else ""
        elif self.type == "undetermined":
            open_ = [
                say.text(TYPE_WORDS[t]) for t, share in self.candidates.items() if t in TYPE_WORDS and share >= SHOWN
            ]
            if len(open_) > 1:
                label += " " + say.text("between {} and {}").format(", ".join(open_[:-1]), open_[-1])
        return label

    def headline(self, lang: str = "en") -> str:
        """The type in words, how sure it is, and what stands against it."""
        say = language(lang)
        others = {t: share for t, share in self.candidates.items() if t != self.type and share >= SHOWN / 10}
        told = ", ".join(f"{say.text(TYPE_WORDS[t])} {say.percent(share)}" for t, share in others.items())
        if self.type == "undetermined":
            return f"{self.words(lang)} ({told})" if told else self.words(lang)
        sure = say.text("{word}, {share} of {n} draws").format(
            word=say.text(SURE[self.word]), share=say.percent(self.certainty), n=say.number(self.draws)
        )
        against = "; " + say.text("against it: {others}").format(others=told) if told else ""
        return f"{self.words(lang)} ({sure}{against})"

    def weakest(self, anchors: Anchors | None = None) -> str | None:
        """The hallmark that sets the named type's membership; None where no type is named."""
        if self.type not in TYPES:
            return None
        table = self.hallmarks.set_index("name")
        known = {n: np.array([m]) for n, m in table["membership"].items() if m == m}
        least: tuple[float, str] | None = None
        for part in (anchors or load_anchors()).types[self.type].deciding:
            names = [n for n in part.hallmarks if n in known]
            if not names:
                continue
            best = max(names, key=lambda n: float(known[n][0]))
            m = 1 - float(known[best][0]) if part.negated else float(known[best][0])
            least = min(least, (m, best)) if least else (m, best)
        return least[1] if least else None

    def _repr_html_(self) -> str:
        """The verdict in a notebook: the label, the memberships, the hallmarks."""
        from html import escape

        told = ", ".join(f"{t} {'?' if m is None else f'{m:.2f}'}" for t, m in self.memberships.items())
        columns = ["name", "value", "n", "unit", "anchors", "membership", "source"]
        table = self.hallmarks[columns].to_html(index=False, float_format="{:.3g}".format, na_rep="–", border=0)
        head = escape(f"{self.study}, {self.at or 'undated'}, {self.cut} cut: {self.headline()}")
        return f"<p><b>{head}</b><br>{escape(told)}</p>{table}"

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data, in the shape that ``classify --format json`` prints."""
        return {
            "study": self.study,
            "at": self.at,
            "cut": self.cut,
            "type": self.type,
            "label": self.label,
            "certainty": plain(self.certainty),
            "draws": self.draws,
            "word": self.word.replace("_", " "),
            "candidates": dict(self.candidates),
            "memberships": {t: plain(m) for t, m in self.memberships.items()},
            "bounds": {t: [plain(b) for b in pair] for t, pair in self.bounds.items()},
            "hallmarks": [
                {
                    "name": row.name,
                    "value": plain(row.value),
                    "n": plain(row.n),
                    "of": plain(row.of),
                    "low": plain(row.low),
                    "high": plain(row.high),
                    "known": plain(row.known),
                    "known_not": plain(row.known_not),
                    "untold": plain(row.untold),
                    "evidence": row.evidence,
                    "unit": row.unit,
                    "source": row.source,
                    "anchors": list(row.anchors),
                    "membership": plain(row.membership),
                    "memberships": {t: plain(getattr(row, t)) for t in TYPES if getattr(row, t + "_role")},
                    "roles": {t: getattr(row, t + "_role") for t in TYPES if getattr(row, t + "_role")},
                }
                for row in self.hallmarks.itertuples(index=False)
            ],
            "missing": list(self.missing),
            "would_decide": [dict(ask) for ask in self.would_decide],
            "operative": dict(self.operative),
            "stability": dict(self.stability),
        }


def classify(
    study: Study, anchors: str | Path | Anchors | None = None, draws: int | None = None, seed: int = 0
) -> Verdict:
    """The district type of a study at its cut and year, with the evidence.

    Parameters
    ----------
    study : Study
        Its cut and year count: ``classify(study.at(1985).cut("regional"))``.
    anchors : path or Anchors, optional
        An anchors file of one's own, see :func:`load_anchors`.
    draws : int, optional
        How often what the evidence allows is drawn; default as the anchors file says.
    seed : int

    Returns
    -------
    Verdict

    References
    ----------
    Kvist, J. (2007). Fuzzy set ideal type analysis. Journal of Business Research 60(5), 474-481.
    Manski, C. F. (2003). Partial Identification of Probability Distributions. Springer.
    Markusen, A. (1996). Sticky places in slippery space: a typology of industrial districts. Economic Geography
    72(3), 293-313.

    Examples
    --------
    >>> import netklynge as nk
    >>> verdict = nk.classify(nk.load("kongsberg"))
    >>> verdict.type, verdict.certainty > 0.5
    ('satellite', True)
    """
    rules = anchors if isinstance(anchors, Anchors) else load_anchors(anchors)
    found = measure(study)
    box = draw_box(found, rules, int(draws or rules.rules["draws"]), seed)
    ends = members_of(found, rules)
    table = _calibrated(hallmarks(study), box, ends, rules)
    name, word, certainty = worded(box.shares(), found, rules)
    return Verdict(
        study=study.name,
        at=study.when,
        cut=study.boundary,
        type=name,
        hubs=int(find_hubs(study)["hub"].sum()),
        memberships={t: float(np.median(box.types[t])) for t in TYPES},
        bounds=_bounds(ends, rules),
        hallmarks=table,
        missing=tuple(table.loc[table["evidence"] == "", "name"]),
        operative=_operative(found, ends, box, rules),
        word=word,
        certainty=certainty,
        candidates=box.shares(),
        draws=len(box.names),
        would_decide=tuple(what_would_decide(found, box, rules)),
    )


def _bounds(ends: Mapping[str, tuple[float, float]], rules: Anchors) -> dict[str, tuple[float, float]]:
    """Types at the corners of the box: a type is a minimum of conditions that each rise or fall in their hallmarks."""
    out = {}
    least, most = ({name: np.array([pair[k]]) for name, pair in ends.items()} for k in (0, 1))
    for t, ideal in rules.types.items():
        low = high = 1.0
        for part in ideal.deciding:
            one, other = (part.membership(side) for side in ((most, least) if part.negated else (least, most)))
            if np.isnan(one).any():
                one, other = (np.array([0.0]), np.array([1.0])) if part in ideal.essential else (np.ones(1), np.ones(1))
            low, high = min(low, float(one[0])), min(high, float(other[0]))
        out[t] = (low, high)
    return out


def verdicts(study: Study, anchors: str | Path | Anchors | None = None) -> list[Verdict]:
    """The verdict at every cut that leaves something outside."""
    return [classify(study.cut(cut), anchors) for cut in CUTS]


def _calibrated(
    measured: pd.DataFrame, box: Box, ends: Mapping[str, tuple[float, float]], rules: Anchors
) -> pd.DataFrame:
    table = measured.assign(
        unit=[str(rules.hallmarks[name]["unit"]) for name in measured["name"]],
        anchors=[tuple(float(a) for a in rules.hallmarks[name]["anchors"]) for name in measured["name"]],
        membership=[
            float("nan") if silent else float(np.median(box.members[name]))
            for name, silent in zip(measured["name"], measured["evidence"] == "", strict=True)
        ],
        least=[ends[name][0] for name in measured["name"]],
        most=[ends[name][1] for name in measured["name"]],
    )
    for name, ideal in rules.types.items():
        roles = [ideal.role(hallmark) for hallmark in table["name"]]
        table[name] = [
            float("nan") if found is None else 1 - m if found[1].negated else m
            for found, m in zip(roles, table["membership"], strict=True)
        ]
        table[name + "_role"] = [
            "" if found is None else ("not " if found[1].negated else "") + found[0] for found in roles
        ]
    return table


def _operative(found: Mapping[str, Count], ends: Mapping[str, tuple[float, float]], box: Box, rules: Anchors) -> Any:
    """How operative the cluster is: operative when two of three memberships are high; the grade is their mean.

    A criterion that nothing is told of stands in the middle of the grade, and leaves the level open.
    """
    names = rules.operative
    pairs = [(0.0, 1.0) if np.isnan(ends[h]).any() else ends[h] for h in names.values()]
    least, most = (sorted((pair[k] for pair in pairs), reverse=True)[1] for k in (0, 1))
    limit = rules.rules["operative_above"]
    level = "operative" if least > limit else "latent" if most <= limit else "latent_or_operative"
    told = {name: found[h].evidence != "" for name, h in names.items()}
    drawn = np.stack([box.members[h] if told[name] else np.full(len(box.names), 0.5) for name, h in names.items()])
    return {
        "level": level,
        "grade": plain(np.median(drawn.mean(axis=0))),
        "share": plain((np.sort(drawn, axis=0)[-2] > limit).mean()),
        "low": plain(least),
        "high": plain(most),
        "criteria": {name: plain(np.median(box.members[h])) if told[name] else None for name, h in names.items()},
    }
