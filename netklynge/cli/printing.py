"""What a command prints: tables in four forms, and that something takes a while."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from netklynge.cli.options import Format
from netklynge.files.plain import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd


def print_table(frame: pd.DataFrame, style: Format) -> None:
    """Print a table on standard output in the chosen style; blanks are blank, or null in JSON."""
    if style is Format.json:
        typer.echo(json.dumps(records(frame), ensure_ascii=False, indent=1))
    elif style is Format.csv:
        from netklynge.files.outputs import safe_cells

        typer.echo(safe_cells(frame).to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        from tabulate import tabulate

        rows = [
            ["" if v is None else f"{v:.3f}".rstrip("0").rstrip(".") if isinstance(v, float) else v for v in r.values()]
            for r in records(frame)
        ]
        kind = "pipe" if style is Format.markdown else "simple"
        typer.echo(tabulate(rows, headers=[str(c) for c in frame.columns], tablefmt=kind, disable_numparse=True))


def print_tables(tables: Mapping[str, pd.DataFrame], style: Format) -> None:
    """Print several tables, each under its name; one object of lists in JSON."""
    if style is Format.json:
        typer.echo(json.dumps({name: records(table) for name, table in tables.items()}, ensure_ascii=False, indent=1))
        return
    for name, table in tables.items():
        typer.echo(f"\n{name}" if style is not Format.markdown else f"\n## {name}\n")
        print_table(table, style)


@contextmanager
def working(words: str) -> Iterator[None]:
    """Show on a terminal that something takes a while; stderr that is no terminal stays silent."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(words):
        yield
