"""What is wrong with an input, told so that its reader can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Finding", "InputError", "NetklyngeError", "StudyError"]

_SHOWN = 80


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong in one place of an input file.

    ``row`` counts the header as row 1, as an editor shows it; 0 means the file as a whole.
    """

    file: str
    row: int
    column: str
    value: str
    wrong: str
    right: str

    def __str__(self) -> str:
        value = self.value if len(self.value) <= _SHOWN else self.value[: _SHOWN - 1] + "…"
        value = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
        return f"{self.file}:{self.row or ''}:{self.column}: '{value}': {self.wrong}; {self.right}"


class NetklyngeError(Exception):
    """Base of every error that netklynge raises on purpose; its text is meant for the user."""


class InputError(NetklyngeError):
    """An input that cannot be read at all."""


class StudyError(NetklyngeError):
    """A study that was read and does not keep its contract."""

    def __init__(self, findings: Iterable[Finding], shown: int = 20) -> None:
        self.findings: Sequence[Finding] = sorted(findings)
        lines = [str(f) for f in self.findings[:shown]]
        more = len(self.findings) - shown
        if more > 0:
            lines.append(f"... and {more} more")
        count = len(self.findings)
        head = f"{count} finding{'s' if count != 1 else ''} must be mended before this study can be used:"
        super().__init__("\n".join([head, *lines]))
