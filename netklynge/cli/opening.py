"""The study that a command is about, seen as was asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from netklynge.cli.options import Ring

if TYPE_CHECKING:
    import pandas as pd

    from netklynge.study.study import Study


def open_study(source: str, at: int | None = None, cut: str = "local", inside: str | None = None) -> Study:
    """The study, as it was in a year, with the district ending at a ring; who is inside may be said for it."""
    from netklynge.exchange.opening import load, with_insiders
    from netklynge.findings import NetklyngeError

    study = load(source)
    if inside is not None:
        column, mark, values = inside.partition("=")
        if not mark or not values.strip():
            raise NetklyngeError(f"--inside '{inside}': COLUMN=VALUE is right, such as place=Horten or actor=a|b")
        study = with_insiders(study, column.strip(), values.split("|"))
    elif not study.knows_rings:
        typer.echo(f"{source}: {who_is_inside(study)}", err=True)
    if at is not None:
        study = study.at(at)
    return study.cut(cut)


def who_is_inside(study: Study) -> str:
    """What to say of a study that names no rings: nobody is inside, and how to say who is."""
    shown = [
        name for name in study.actors.columns if study.actors[name].notna().any() and name not in ("name", "lines")
    ]
    told = []
    for name in shown[:6]:
        values = [str(value) for value in study.actors[name].dropna().unique()]
        told.append(f"{name} ({', '.join(values[:3])}{', ...' if len(values) > 3 else ''})")
    return (
        "nobody says who is inside the district, so no tie is inside or outside; say it with --inside COLUMN=VALUE; "
        f"columns: {', '.join(told)}"
    )


def study_by_words(words: str, at: int | None, cut: str) -> Study:
    """A study by NAME, NAME@YEAR, NAME:CUT or NAME@YEAR:CUT; a path that exists is taken as it is."""
    if not Path(words).exists():
        name, mark, ring = words.rpartition(":")
        if mark and ring in {r.value for r in Ring}:
            words, cut = name, ring
        name, mark, year = words.rpartition("@")
        if mark and year.isdigit():
            words, at = name, int(year)
    return open_study(words, at, cut)


def published(study: Study, key: Path | None, k: int) -> tuple[Study, pd.DataFrame]:
    """The study as it may be published, and the table of what is hidden in it and why."""
    from netklynge.disclosure.anonymity import key_file, public_study

    return public_study(study, k, key_file(key or Path(typer.get_app_dir("netklynge")) / "key"))


def is_national_file(source: str, at: int | None) -> bool:
    """Whether ties are too many for a study, so that they are counted from disk; said on stderr."""
    from netklynge.district.national import LARGEST_STUDY, is_national
    from netklynge.findings import InputError

    if not is_national(source):
        return False
    if at is not None:
        raise InputError(f"{source}: --at needs a study in memory, of at most {LARGEST_STUDY:,} ties")
    typer.echo(f"{source}: more than {LARGEST_STUDY:,} ties, counted from disk by DuckDB", err=True)
    return True


def layer_names(given: str | None) -> list[str] | None:
    """Names parted by commas; None where nothing was asked."""
    return None if given is None else [part.strip() for part in given.split(",") if part.strip()]
