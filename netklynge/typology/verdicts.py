"""District types: fuzzy-set ideal-type analysis of the hallmarks.

Each hallmark becomes a membership between 0 and 1 by Ragin's direct calibration with three anchors; a type's
membership is the minimum over its essential hallmarks (Kvist's ideal types); the highest names the district.
Anchors, types and rules are data in ``anchors.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.district.hubs import find_hubs
from netklynge.files.plain import plain
from netklynge.files.settings import bundled_settings, read_settings
from netklynge.findings import InputError, NetklyngeError
from netklynge.language import language
from netklynge.study.zones import CUTS
from netklynge.typology.hallmarks import HALLMARKS, hallmarks

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["TYPES", "TYPE_WORDS", "Anchors", "Verdict", "calibrate", "classify", "decide", "load_anchors", "verdicts"]

TYPES: tuple[str, ...] = ("small_firm", "hub_and_spoke", "satellite", "state_anchored")
TYPE_WORDS: Mapping[str, str] = {
    "small_firm": "small-firm district",
    "hub_and_spoke": "hub-and-spoke district",
    "satellite": "satellite district",
    "state_anchored": "state-anchored district",
    "mixed": "mixed district",
    "no_local_system": "no local system",
    "undetermined": "undetermined",
}
LOGIT = 3.0  # log odds at the outer anchors: Ragin's own choice, memberships .0474 and .9526 there

Floats = npt.NDArray[np.float64]


def calibrate(values: Any, anchors: Sequence[float] | Floats, logit: float = LOGIT) -> Floats:
    r"""Membership of each value in a fuzzy set, by the direct method.

    :math:`m = 1 / (1 + e^{-z})` with :math:`z = L (x - c)/(i - c)` on the inner side of the crossover :math:`c` and
    :math:`z = L (x - c)/(c - e)` on the outer, for anchors :math:`e` (out), :math:`c`, :math:`i` (in); decreasing
    sets have :math:`e > i`.

    Parameters
    ----------
    values : array-like
        Any shape; nan stays nan.
    anchors : sequence of three numbers, or array of shape (..., 3)
        Out, crossover, in; strictly rising or strictly falling.
    logit : float
        L; 3 is Ragin's, ``log(19)`` gives memberships .05 and .95 at the outer anchors.

    Returns
    -------
    array
        Between 0 and 1, of the broadcast shape.

    Raises
    ------
    NetklyngeError
        The anchors do not rise or fall strictly.

    References
    ----------
    Ragin, C. C. (2008). Redesigning Social Inquiry: Fuzzy Sets and Beyond. University of Chicago Press, ch. 5.

    Examples
    --------
    >>> calibrate([400, 550, 900], (400, 550, 900)).round(4).tolist()
    [0.0474, 0.5, 0.9526]
    """
    x = np.asarray(values, dtype=float)
    out, cross, full = np.moveaxis(np.asarray(anchors, dtype=float), -1, 0)
    if not np.all(((out < cross) & (cross < full)) | ((out > cross) & (cross > full))):
        raise NetklyngeError(f"anchors {list(np.ravel(anchors))}: out, crossover and in must rise or fall strictly")
    rising = np.sign(full - cross)
    z = logit * (x - cross) / np.where(rising * (x - cross) >= 0, full - cross, cross - out)
    return np.asarray((1 + np.tanh(z / 2)) / 2)  # the logistic function, without overflow


class Part(NamedTuple):
    """One hallmark in a type: its name, whether the type wants it absent, anchors of its own if it has any."""

    hallmark: str
    negated: bool
    anchors: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Ideal:
    """A type as a corner of the property space."""

    essential: tuple[Part, ...]
    when_known: tuple[Part, ...]
    supporting: tuple[Part, ...]

    def role(self, hallmark: str) -> tuple[str, Part] | None:
        """The first role of a hallmark in this type, and its part; None if it has none."""
        for role in ("essential", "when_known", "supporting"):
            for part in getattr(self, role):
                if part.hallmark == hallmark:
                    return role, part
        return None


@dataclass(frozen=True)
class Anchors:
    """What an anchors file says: anchors by hallmark, types, rules, criteria of a cluster."""

    hallmarks: Mapping[str, Mapping[str, Any]]
    types: Mapping[str, Ideal]
    rules: Mapping[str, float]
    operative: Mapping[str, str]
    cluster: Mapping[str, Mapping[str, Any]]

    def of(self, hallmark: str) -> tuple[float, float, float]:
        """Out, crossover and in of a hallmark, on its scale (natural logarithms for ``scale: log``)."""
        out, cross, full = (float(a) for a in self.hallmarks[hallmark]["anchors"])
        return tuple(np.log([out, cross, full])) if self.logarithmic(hallmark) else (out, cross, full)

    def logarithmic(self, hallmark: str) -> bool:
        """Whether the hallmark is calibrated on the logarithm of its value."""
        return self.hallmarks[hallmark].get("scale") == "log"

    def membership(self, hallmark: str, values: Any) -> Floats:
        """Membership of values in a hallmark's set."""
        x = np.asarray(values, dtype=float)
        with np.errstate(divide="ignore"):
            return calibrate(np.log(x) if self.logarithmic(hallmark) else x, self.of(hallmark))

    def value(self, hallmark: str, membership: Any) -> Floats:
        """The value that has a membership in a hallmark's set: calibration turned round."""
        m = np.asarray(membership, dtype=float)
        out, cross, full = self.of(hallmark)
        with np.errstate(divide="ignore"):
            z = np.log(m / (1 - m)) / LOGIT
        x = cross + z * np.where(z >= 0, full - cross, cross - out)
        return np.asarray(np.exp(x) if self.logarithmic(hallmark) else x)

    def part(self, part: Part, members: Any) -> Floats:
        """Membership in a type's part, from memberships in its hallmark's set."""
        m = np.asarray(members, dtype=float)
        if part.anchors is not None:
            m = calibrate(self.value(part.hallmark, m), part.anchors)
        return 1 - m if part.negated else m


def load_anchors(path: str | Path | None = None) -> Anchors:
    """Read an anchors file; without a path, the one that comes with netklynge.

    A user's file may hold a part only, such as one hallmark's anchors: what it leaves out stays as bundled.

    Raises
    ------
    InputError
        The file cannot be read, or names a hallmark or type that there is not, or anchors that are no three
        strictly rising or falling numbers.
    """
    if path is None:
        return _bundled_anchors()
    own = read_settings(path, "anchors (hallmarks, types, rules)")
    return _anchors(_merged(bundled_settings("netklynge.typology", "anchors.yaml"), own, str(path)), str(path))


@lru_cache
def _bundled_anchors() -> Anchors:
    return _anchors(bundled_settings("netklynge.typology", "anchors.yaml"), "anchors.yaml")


def _merged(base: Mapping[str, Any], own: Mapping[str, Any], where: str) -> dict[str, Any]:
    both = dict(base)
    for key, value in own.items():
        old = both.get(key)
        if isinstance(old, Mapping) and not isinstance(value, Mapping):
            raise InputError(f"{where}: {key}: '{value}': a mapping is needed, of {', '.join(map(str, old))}")
        both[key] = _merged(old, value, f"{where}: {key}") if isinstance(old, Mapping) else value
    return both


def _anchors(content: Mapping[str, Any], file: str) -> Anchors:
    for name, entry in content["hallmarks"].items():
        if name not in HALLMARKS:
            raise InputError(f"{file}: hallmarks: '{name}' is no hallmark; there are {', '.join(HALLMARKS)}")
        _three(entry.get("anchors"), f"{file}: hallmarks: {name}")
    types = {}
    for name, entry in content["types"].items():
        if name not in TYPES:
            raise InputError(f"{file}: types: '{name}' is no type; there are {', '.join(TYPES)}")
        for role in ("essential", "when_known", "supporting"):
            if not isinstance(entry.get(role) or [], list):
                raise InputError(f"{file}: types: {name}: {role}: '{entry[role]}': a list of hallmarks is needed")
        roles = {
            role: tuple(_part(text, file) for text in entry.get(role) or ())
            for role in ("essential", "when_known", "supporting")
        }
        types[name] = Ideal(**roles)
    for name, value in content["rules"].items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{file}: rules: {name}: '{value}': a number is needed")
    for name, entry in content["cluster"].items():
        _three(entry.get("anchors"), f"{file}: cluster: {name}")
    return Anchors(content["hallmarks"], types, content["rules"], content["operative"], content["cluster"])


def _part(entry: Any, file: str) -> Part:
    """A part as written: a hallmark's name, with "not " before it, or a mapping with anchors of its own."""
    own = entry.get("anchors") if isinstance(entry, Mapping) else None
    text = str(entry.get("hallmark") if isinstance(entry, Mapping) else entry)
    name = text.removeprefix("not ").strip()
    if name not in HALLMARKS:
        raise InputError(
            f"{file}: types: '{text}' is no hallmark; write one of {', '.join(HALLMARKS)}, or 'not' before it"
        )
    return Part(name, text.startswith("not "), None if own is None else _three(own, f"{file}: types: {name}"))


def _three(anchors: Any, where: str) -> tuple[float, float, float]:
    try:
        out, cross, full = (float(a) for a in anchors)
        calibrate([0.0], (out, cross, full))
    except (NetklyngeError, TypeError, ValueError):
        raise InputError(
            f"{where}: anchors: '{anchors}': not out, crossover, in; three numbers that rise or fall strictly"
        ) from None
    return out, cross, full


# -- from memberships to a type --------------------------------------------------------------------


def decide(
    members: Mapping[str, Floats], anchors: Anchors
) -> tuple[dict[str, Floats], dict[str, Floats], npt.NDArray[Any]]:
    """Type memberships and the name they give, for one district or many at once.

    Parameters
    ----------
    members : mapping
        Hallmark to its memberships, arrays of one shape; nan where the hallmark is not known.
    anchors : Anchors

    Returns
    -------
    low, high, names
        Type to the least and the greatest membership that the missing essential hallmarks allow, and the names.

    Notes
    -----
    A type is named when its membership is known, above ``named_above`` and not below what any other type could
    reach. Two such types within ``mixed_within`` make "mixed". When no type can reach ``named_above``, the district
    is "no_local_system" if its local trade is out too, else "mixed". When what is missing could change the name, or
    no more than ``known_above`` of the hallmarks are known, it is "undetermined".
    """
    arrays = {name: np.atleast_1d(np.asarray(m, dtype=float)) for name, m in members.items()}
    shape = np.broadcast_shapes(*(m.shape for m in arrays.values()))
    low, high = {}, {}
    for name, ideal in anchors.types.items():
        least = np.ones(shape)
        most = np.ones(shape)
        for part in (*ideal.essential, *ideal.when_known):
            m = anchors.part(part, arrays[part.hallmark])
            unknown = np.isnan(m)
            most = np.minimum(most, np.where(unknown, 1.0, m))
            least = np.minimum(least, np.where(unknown, 0.0 if part in ideal.essential else 1.0, m))
        low[name], high[name] = least, most
    names = _names(low, high, arrays, anchors, shape)
    return low, high, names


def _names(
    low: Mapping[str, Floats],
    high: Mapping[str, Floats],
    members: Mapping[str, Floats],
    anchors: Anchors,
    shape: tuple[int, ...],
) -> npt.NDArray[Any]:
    above, within = anchors.rules["named_above"], anchors.rules["mixed_within"]
    lows = np.stack([low[t] for t in TYPES])
    highs = np.stack([high[t] for t in TYPES])
    order = np.argsort(-lows, axis=0, kind="stable")
    best = np.take_along_axis(lows, order[:1], 0)[0]
    second = np.take_along_axis(lows, order[1:2], 0)[0]
    rivals = np.where(np.arange(len(TYPES)).reshape(-1, *[1] * len(shape)) == order[0], -np.inf, highs).max(axis=0)
    local = np.broadcast_to(members["local_trade"], shape)
    names = np.full(shape, "undetermined", dtype=object)
    none = (highs <= above).all(axis=0)
    names[none & (local > 0.5)] = "mixed"
    names[none & (local <= 0.5)] = "no_local_system"
    clear = (best > above) & (rivals <= np.maximum(best, above))
    names[clear] = np.array(TYPES, dtype=object)[order[0]][clear]
    names[(best > above) & (second > above) & (best - second <= within)] = "mixed"
    known = np.mean([~np.isnan(np.broadcast_to(m, shape)) for m in members.values()], axis=0)
    names[known <= anchors.rules["known_above"]] = "undetermined"
    return names


# -- the verdict -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """The district type of a study at one cut and year, with its evidence.

    Attributes
    ----------
    type : str
        One of :data:`TYPES`, ``mixed``, ``no_local_system`` or ``undetermined``.
    hubs : int
        Number of hubs, see :func:`netklynge.district.hubs.find_hubs`.
    memberships : mapping
        Type to membership; None when a missing essential hallmark could lift it above the naming threshold.
    bounds : mapping
        Type to the least and greatest membership that the missing hallmarks allow.
    hallmarks : DataFrame
        ``name``, ``value``, ``n``, ``of``, ``unit``, ``source``, ``anchors`` (out, crossover, in), ``membership``; for
        each type its membership, negated where the type wants that, and its role.
    operative : mapping
        ``level``, ``grade`` and the three ``criteria``.
    """

    study: str
    at: int | None
    cut: str
    type: str
    hubs: int
    memberships: Mapping[str, float | None]
    bounds: Mapping[str, tuple[float, float]]
    hallmarks: pd.DataFrame
    missing: tuple[str, ...]
    operative: Mapping[str, Any]
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
            label += " " + say.plural("with one hub", "with {n} hubs", self.hubs).format(n=self.hubs)
            trade = self.hallmarks.loc[self.hallmarks["name"] == "local_trade", "membership"].iloc[0]
            if trade <= 0.5:
                label += " " + say.text("and satellite traits")
        elif self.type == "mixed":
            high = [say.text(TYPE_WORDS[t]) for t in TYPES if self.bounds[t][0] > 0.5]
            label += f" ({' + '.join(high) or say.text('no type fits')})"
        return label

    def _repr_html_(self) -> str:
        """The verdict in a notebook: the label, the memberships, the hallmarks."""
        from html import escape

        told = ", ".join(f"{t} {'?' if m is None else f'{m:.2f}'}" for t, m in self.memberships.items())
        columns = ["name", "value", "n", "unit", "anchors", "membership", "source"]
        table = self.hallmarks[columns].to_html(index=False, float_format="{:.3g}".format, na_rep="–", border=0)
        head = escape(f"{self.study}, {self.at or 'undated'}, {self.cut} cut: {self.label}")
        return f"<p><b>{head}</b><br>{escape(told)}</p>{table}"

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data, in the shape that ``classify --format json`` prints."""
        return {
            "study": self.study,
            "at": self.at,
            "cut": self.cut,
            "type": self.type,
            "label": self.label,
            "memberships": {t: plain(m) for t, m in self.memberships.items()},
            "bounds": {t: [plain(b) for b in pair] for t, pair in self.bounds.items()},
            "hallmarks": [
                {
                    "name": row.name,
                    "value": plain(row.value),
                    "n": plain(row.n),
                    "of": plain(row.of),
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
            "operative": dict(self.operative),
            "stability": dict(self.stability),
        }


def classify(study: Study, anchors: str | Path | Anchors | None = None) -> Verdict:
    """The district type of a study at its cut and year, with the evidence.

    Parameters
    ----------
    study : Study
        Its cut and year count: ``classify(study.at(1985).cut("regional"))``.
    anchors : path or Anchors, optional
        An anchors file of one's own, see :func:`load_anchors`.

    Returns
    -------
    Verdict

    References
    ----------
    Kvist, J. (2007). Fuzzy set ideal type analysis. Journal of Business Research 60(5), 474-481.
    Markusen, A. (1996). Sticky places in slippery space: a typology of industrial districts. Economic Geography
    72(3), 293-313.

    Examples
    --------
    >>> import netklynge as nk
    >>> nk.classify(nk.load("kongsberg")).type
    'satellite'
    """
    rules = anchors if isinstance(anchors, Anchors) else load_anchors(anchors)
    table = _calibrated(hallmarks(study), rules)
    members = {row.name: row.membership for row in table.itertuples()}
    low, high, names = decide(members, rules)
    bounds = {t: (float(low[t][0]), float(high[t][0])) for t in TYPES}
    open_above = rules.rules["named_above"]
    memberships = {t: b[1] if b[0] == b[1] or b[1] <= open_above else None for t, b in bounds.items()}
    missing = tuple(table.loc[table["value"].isna(), "name"])
    name = str(names[0])
    return Verdict(
        study=study.name,
        at=study.when,
        cut=study.boundary,
        type=name,
        hubs=int(find_hubs(study)["hub"].sum()),
        memberships=memberships,
        bounds=bounds,
        hallmarks=table,
        missing=missing,
        operative=_operative(members, rules),
    )


def verdicts(study: Study, anchors: str | Path | Anchors | None = None) -> list[Verdict]:
    """The verdict at every cut that leaves something outside."""
    return [classify(study.cut(cut), anchors) for cut in CUTS]


def _calibrated(measured: pd.DataFrame, rules: Anchors) -> pd.DataFrame:
    table = measured.assign(
        unit=[str(rules.hallmarks[name]["unit"]) for name in measured["name"]],
        anchors=[tuple(float(a) for a in rules.hallmarks[name]["anchors"]) for name in measured["name"]],
        membership=[float(rules.membership(n, v)) for n, v in zip(measured["name"], measured["value"], strict=True)],
    )
    for name, ideal in rules.types.items():
        roles = [ideal.role(hallmark) for hallmark in table["name"]]
        signed = [
            float("nan") if found is None else float(rules.part(found[1], m))
            for found, m in zip(roles, table["membership"], strict=True)
        ]
        table[name] = signed
        table[name + "_role"] = [
            "" if found is None else ("not " if found[1].negated else "") + found[0] for found in roles
        ]
    return table


def _operative(members: Mapping[str, float], rules: Anchors) -> dict[str, Any]:
    """How operative the cluster is: the second highest of three memberships (two of three in fuzzy logic)."""
    criteria = {name: plain(members[hallmark]) for name, hallmark in rules.operative.items()}
    least = sorted((0.0 if m is None else m for m in criteria.values()), reverse=True)[1]
    most = sorted((1.0 if m is None else m for m in criteria.values()), reverse=True)[1]
    limit = rules.rules["operative_above"]
    level = "operative" if least > limit else "latent" if most <= limit else "latent_or_operative"
    return {"level": level, "grade": least if least == most else None, "criteria": criteria}
