"""What is wrong with an input, told so that its reader can mend it.

A finding holds a code and what differs from one to the next; :mod:`netklynge.messages` has the words, and they are
put together only when they are shown, in the language of whoever reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from netklynge.messages import MESSAGES, PHRASES

__all__ = [
    "REASON",
    "Finding",
    "InputError",
    "NetklyngeError",
    "Phrase",
    "StudyError",
    "from_refusals",
    "refusal",
    "refusals_by_row",
    "refuse",
]

REASON = ("wrong", "right", "code", "args")  # columns of a list of refusals that say why

_SHOWN = 80

Part: TypeAlias = "str | Phrase | tuple[Part, ...]"


class Speaks(Protocol):
    """A language, as :func:`netklynge.language.language` gives it."""

    def text(self, message: str) -> str:
        """The message in this language."""
        ...


class _English:
    def text(self, message: str) -> str:
        return message


class _List(tuple[str, ...]):
    """Shown parts, to be put into a text: with commas, or with the word that the text asks for."""

    say: Speaks

    def __format__(self, word: str) -> str:
        return f" {self.say.text(word)} ".join(self) if word else ", ".join(self)


def _plain(part: Any) -> Part:
    if isinstance(part, str | Phrase):
        return part
    if isinstance(part, list | tuple):
        return tuple(map(_plain, part))
    return f"{part:g}" if isinstance(part, float) else str(part)


def _kept(args: Mapping[str, Any]) -> tuple[tuple[str, Part], ...]:
    return tuple((name, _plain(args[name])) for name in sorted(args))


def _put(template: str, args: Iterable[tuple[str, Part]], say: Speaks, shown: Callable[[str], str]) -> str:
    return say.text(template).format_map({name: _shown(part, say, shown) for name, part in args})


def _shown(part: Part, say: Speaks, shown: Callable[[str], str]) -> str | _List:
    if isinstance(part, Phrase):
        return _put(PHRASES[part.code], part.args, say, shown)
    if isinstance(part, tuple):
        parts = _List(str(_shown(one, say, shown)) for one in part)
        parts.say = say
        return parts
    return shown(part)


@dataclass(frozen=True, order=True, init=False)
class Phrase:
    """A part of what a finding says that holds words of its own: a key of :data:`netklynge.messages.PHRASES`."""

    code: str
    args: tuple[tuple[str, Part], ...]

    def __init__(self, code: str, /, **args: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "args", _kept(args))


@dataclass(frozen=True, order=True, init=False)
class Finding:
    """One thing that is wrong in one place of an input file.

    Parameters
    ----------
    file : str
    row : int
        Counts the header as row 1, as an editor shows it; 0 means the file as a whole.
    column, value : str
    code : str
        A key of :data:`netklynge.messages.MESSAGES`: what is wrong.
    **args
        What differs from one finding of this code to the next; lists are shown with commas.

    Raises
    ------
    ValueError
        The message of this code wants other arguments.

    Examples
    --------
    >>> finding = Finding("relations.csv", 4, "scale", "lokalt", "unknown_ring", choices=("local", "regional"))
    >>> print(finding)
    relations.csv:4:scale: 'lokalt': unknown ring; one of local, regional
    >>> from netklynge.language import language
    >>> print(finding.told(language("nb")))
    relations.csv:4:scale: «lokalt»: ukjent ring; én av local, regional
    """

    file: str
    row: int
    column: str
    value: str
    code: str
    args: tuple[tuple[str, Part], ...]

    def __init__(self, file: str, row: int, column: str, value: str, code: str, /, **args: Any) -> None:
        if code not in MESSAGES or MESSAGES[code].places != args.keys():
            raise ValueError(f"finding '{code}' does not go with {sorted(args)}")
        of = {"file": file, "row": row, "column": column, "value": value, "code": code, "args": _kept(args)}
        for name, part in of.items():
            object.__setattr__(self, name, part)

    @property
    def severity(self) -> Literal["error", "notice"]:
        """``error`` refuses the study; ``notice`` is told by a check and refuses nothing."""
        return "notice" if MESSAGES[self.code].notice else "error"

    @property
    def wrong(self) -> str:
        """What is wrong, in English."""
        return self.words()[0]

    @property
    def right(self) -> str:
        """What would be right, in English."""
        return self.words()[1]

    def words(self, say: Speaks | None = None, shown: Callable[[str], str] = str) -> tuple[str, str]:
        """What is wrong and what would be right, in a language; `shown` turns the arguments into what readers know."""
        message, say = MESSAGES[self.code], say or _English()
        return _put(message.wrong, self.args, say, shown), _put(message.right, self.args, say, shown)

    def told(self, say: Speaks | None = None) -> str:
        """``file:row:column: 'value': what is wrong; what would be right``, in a language."""
        value = self.value if len(self.value) <= _SHOWN else self.value[: _SHOWN - 1] + "…"
        value = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
        wrong, right = self.words(say)
        quoted = f"'{value}'" if say is None else say.text("'{0}'").format(value)
        return f"{self.file}:{self.row or ''}:{self.column}: {quoted}: {wrong}; {right}"

    def __str__(self) -> str:
        return self.told()


def refusal(code: str, /, **args: Any) -> dict[str, str]:
    """Why rows of a table are refused, as cells of a list of refusals: ``wrong``, ``right``, ``code``, ``args``."""
    finding = Finding("", 0, "", "", code, **args)
    wrong, right = finding.words()
    return {"wrong": wrong, "right": right, "code": code, "args": json.dumps(dict(finding.args), ensure_ascii=False)}


def refusals_by_row(code: str, by_row: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The same for rows with arguments of their own, column by column."""
    rows = [refusal(code, **args) for args in by_row]
    return {name: [row[name] for row in rows] for name in REASON}


def from_refusals(cells: Iterable[tuple[str, int, str, str, str, str]]) -> list[Finding]:
    """Findings from rows of a list of refusals: file, row, column, value, code and arguments."""
    return [
        Finding(file, int(row), column, value, code, **json.loads(args))
        for file, row, column, value, code, args in cells
    ]


class NetklyngeError(Exception):
    """Base of every error that netklynge raises on purpose; its text is meant for the user.

    Parameters
    ----------
    message : str
        What is wrong, in English; with `args`, what they are put into.
    **args
        What differs from one such error to the next. A message without any is told as it stands.
    """

    def __init__(self, message: str = "", /, **args: Any) -> None:
        self.message, self.parts = message, _kept(args)
        super().__init__(_put(message, self.parts, _English(), str) if args else message)

    def told(self, say: Speaks) -> str:
        """The message in a language; in English where no translation is known."""
        return _put(self.message, self.parts, say, str) if self.parts else say.text(self.message)


class InputError(NetklyngeError):
    """An input that cannot be read at all."""


class StudyError(NetklyngeError):
    """A study that was read and does not keep its contract; notices are left out."""

    def __init__(self, findings: Iterable[Finding], shown: int = 20) -> None:
        self.findings: Sequence[Finding] = sorted(f for f in findings if f.severity == "error")
        self.shown = shown
        super().__init__(self.told(_English()))

    def told(self, say: Speaks) -> str:
        """Every finding on a line of its own, in a language."""
        count, more = len(self.findings), len(self.findings) - self.shown
        lines = [finding.told(say) for finding in self.findings[: self.shown]]
        if more > 0:
            lines.append(say.text("... and {more} more").format(more=more))
        one = "{count} finding must be mended before this study can be used:"
        many = "{count} findings must be mended before this study can be used:"
        return "\n".join([say.text(one if count == 1 else many).format(count=count), *lines])


def refuse(findings: Iterable[Finding]) -> None:
    """Refuse a study that has errors; notices refuse nothing.

    Raises
    ------
    StudyError
        There is an error among the findings.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise StudyError(errors)
