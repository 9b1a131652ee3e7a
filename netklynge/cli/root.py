"""The command itself: its name, its help, its version."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="netklynge",
    help="Networks of regional industry clusters: who works with whom, how much of it is local, what kind of district.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(asked: bool) -> None:
    if asked:
        from netklynge import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None: ...
