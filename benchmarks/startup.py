"""What a reader waits for: a cold command line, before and after, in one run.

    python -m benchmarks.startup --before fa40262       # prints the table and writes it into benchmarks/README.md

The tree of `--before` is taken from the repository's own history and run in the same environment, by turns with this
one, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).with_name("README.md")
HEADING = "## A cold command line"
COMMANDS = {"netklynge --help": ["--help"], "netklynge report horten": ["report", "horten", "--force", "-o", "{out}"]}


def seconds(tree: Path, words: list[str], out: Path) -> tuple[float, float]:
    """Seconds by the clock and of the processors that one cold run of the command line in `tree` takes."""
    import time

    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "netklynge", *(word.format(out=out) for word in words)]
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def table(before: str, runs: int) -> str:
    """The medians of `runs` runs of each command, before and now, as Markdown."""
    archive = subprocess.run(["git", "archive", before], cwd=ROOT, check=True, capture_output=True).stdout
    rows = [
        "| command | before: clock s | cpu s | now: clock s | cpu s | ratio, clock |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(Path(folder) / "before", filter="data")
        trees = {"before": Path(folder) / "before", "now": ROOT}
        for name, words in COMMANDS.items():
            taken: dict[str, list[tuple[float, float]]] = {tree: [] for tree in trees}
            for run in range(runs + 1):  # the first fills the caches of bytecode and files
                for tree, path in trees.items():
                    took = seconds(path, words, Path(folder) / tree)
                    taken[tree] += [took] if run else []
            cells = [statistics.median(run[i] for run in taken[tree]) for tree in trees for i in (0, 1)]
            rows.append(f"| `{name}` | {' | '.join(f'{cell:.2f}' for cell in cells)} | {cells[2] / cells[0]:.2f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", default="fa40262", help="a commit to compare with")
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    found = table(asked.before, asked.runs)
    words = (
        f"{HEADING}\n\nWritten by `python -m benchmarks.startup --before {asked.before} --runs {asked.runs}`: medians "
        f"of {asked.runs} cold runs of each,\nby turns, in one environment (Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, a load of {load:.1f} when it began).\n\n{found}\n"
    )
    print(found)
    page = PAGE.read_text("utf-8")
    rest = re.sub(rf"{HEADING}\n.*?(?=^## |\Z)", "", page, flags=re.DOTALL | re.MULTILINE).rstrip("\n")
    PAGE.write_text(f"{rest}\n\n{words}", "utf-8")


if __name__ == "__main__":
    main()
