"""``python -m netklynge`` is the command."""

from netklynge.cli.commands import main

if __name__ == "__main__":
    main()
