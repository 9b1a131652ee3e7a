"""The command line: parse arguments, call one function, print. Everything heavy is imported by the command."""

from __future__ import annotations

import os
import sys

import typer

from netklynge.cli import files_in, measures, pages  # each adds its commands to the app
from netklynge.cli.root import app

__all__ = ["app", "files_in", "main", "measures", "pages"]


def main() -> None:
    """Run the command line: one clear message and exit code 2 for what goes wrong."""
    from netklynge.findings import NetklyngeError

    try:
        app()
    except NetklyngeError as error:
        typer.echo(f"netklynge: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # the reader of a pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("netklynge: stopped", err=True)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("NETKLYNGE_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}"
        typer.echo(f"netklynge: a fault of netklynge's own: {text} (NETKLYNGE_DEBUG=1 shows where)", err=True)
        sys.exit(2)
