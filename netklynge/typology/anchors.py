"""Anchors: what an anchors file says, and the calibration of values to memberships in fuzzy sets.

Ragin's direct calibration with three anchors; types are corners of the property space (Kvist's ideal types). Anchors,
types and rules are data in ``anchors.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from netklynge.files.settings import bundled_settings, read_settings
from netklynge.findings import InputError, NetklyngeError
from netklynge.typology.counts import HALLMARKS

__all__ = ["TYPES", "Anchors", "Ideal", "Part", "calibrate", "load_anchors"]

Floats = npt.NDArray[np.float64]

TYPES: tuple[str, ...] = ("small_firm", "hub_and_spoke", "satellite", "state_anchored")
LOGIT = 3.0  # log odds at the outer anchors: Ragin's own choice, memberships .0474 and .9526 there


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
    """One condition of a type: a hallmark, or the greater of several, and whether the type wants it absent."""

    hallmarks: tuple[str, ...]
    negated: bool

    def membership(self, members: Mapping[str, Floats], unknown: float = float("nan")) -> Floats:
        """Membership in the condition, with `unknown` for the condition where a hallmark is not known."""
        each = np.stack(np.broadcast_arrays(*(np.asarray(members[name], dtype=float) for name in self.hallmarks)))
        if np.isnan(unknown):
            m = np.where(np.isnan(each).all(axis=0), np.nan, np.where(np.isnan(each), 0, each).max(axis=0))
        else:
            m = np.where(np.isnan(each), 1 - unknown if self.negated else unknown, each).max(axis=0)
        return np.asarray(1 - m if self.negated else m)


@dataclass(frozen=True)
class Ideal:
    """A type as a corner of the property space."""

    essential: tuple[Part, ...]
    when_known: tuple[Part, ...]
    supporting: tuple[Part, ...]

    @property
    def deciding(self) -> tuple[Part, ...]:
        """The conditions whose minimum the type is."""
        return (*self.essential, *self.when_known)

    def role(self, hallmark: str) -> tuple[str, Part] | None:
        """The first role of a hallmark in this type, and its condition; None if it has none."""
        for role in ("essential", "when_known", "supporting"):
            for part in getattr(self, role):
                if hallmark in part.hallmarks:
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

    def drawn(self, hallmark: str, values: Any, rng: np.random.Generator) -> Floats:
        """Memberships of values under anchors that are drawn evenly from their defensible intervals, one set each."""
        x = np.asarray(values, dtype=float)
        ends = np.asarray(self.hallmarks[hallmark]["range"], dtype=float)
        three = rng.uniform(ends[:, 0], ends[:, 1], size=(*x.shape, 3))
        if self.logarithmic(hallmark):
            with np.errstate(divide="ignore", invalid="ignore"):
                x, three = np.log(x), np.log(np.maximum(three, 1e-9))
        return calibrate(x, three)


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
    for name, entry in own.get("hallmarks", {}).items() if isinstance(own.get("hallmarks"), dict) else ():
        if isinstance(entry, dict) and "anchors" in entry and "range" not in entry:
            entry["range"] = [[a, a] for a in _three(entry["anchors"], f"{path}: hallmarks: {name}")]  # as given
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
    """A condition as written: a hallmark's name, several joined by "or", "not " before it where it should be absent."""
    text = str(entry)
    names = tuple(name.strip() for name in text.removeprefix("not ").split(" or "))
    for name in names:
        if name not in HALLMARKS:
            raise InputError(
                f"{file}: types: '{text}' is no hallmark; write one of {', '.join(HALLMARKS)}, or 'not' before it"
            )
    return Part(names, text.startswith("not "))


def _three(anchors: Any, where: str) -> tuple[float, float, float]:
    try:
        out, cross, full = (float(a) for a in anchors)
        calibrate([0.0], (out, cross, full))
    except (NetklyngeError, TypeError, ValueError):
        raise InputError(
            f"{where}: anchors: '{anchors}': not out, crossover, in; three numbers that rise or fall strictly"
        ) from None
    return out, cross, full
