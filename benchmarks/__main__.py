"""Time the measures and print a table: ``python -m benchmarks --ties 1 10 --folder ledgers``."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks import ledger

OPENNESS = ("source", "layer")  # one row per actor, layer and ring
COLUMNS = ["source", "layer", "scale"]
SNA = """
suppressMessages(library(sna))
ties <- as.matrix(read.csv("{ties}"))
groups <- read.csv("{groups}")$group
matrix <- matrix(0, {size}, {size})
matrix[ties] <- 1
invisible(brokerage(matrix[1:50, 1:50], groups[1:50]))
took <- sapply(1:3, function(k) system.time(brokerage(matrix, groups)))
cat(min(colSums(took[1:2, ])), min(took[3, ]))
"""


class Took(NamedTuple):
    """Seconds of a run: of the processors, over all cores, and by the clock."""

    cpu: float = float("nan")
    clock: float = float("nan")


class Row(NamedTuple):
    """One line of the table: what was timed, and beside what."""

    what: str
    ties: int
    took: Took
    beside: str = ""
    took_beside: Took = Took()
    aim: str = ""


def best(run: Callable[[], Any], times: int = 3) -> Took:
    """The quickest of some runs, each figure by itself."""
    found = []
    for _ in range(times):
        begin = time.process_time(), time.perf_counter()
        run()
        found.append((time.process_time() - begin[0], time.perf_counter() - begin[1]))
    return Took(min(cpu for cpu, _ in found), min(clock for _, clock in found))


def location(path: Path, ties: int) -> Iterator[Row]:
    """Link location of every actor and layer, beside a bare scan of the same columns."""
    import duckdb
    import polars as pl

    from netklynge.district.location import link_location

    times = 3 if ties <= 10_000_000 else 1
    groupings = (("layer",), "by layer"), (OPENNESS, "by actor and layer")
    if ties <= 10_000_000:  # above that polars takes more than the 4 GB that the aim allows
        scan = best(lambda: pl.scan_parquet(path).select(COLUMNS).collect(), times)
        for by, name in groupings:
            taken = best(lambda by=by: link_location(pl.scan_parquet(path), by=by).collect(), times)
            yield Row(f"link_location {name}, polars", ties, taken, "polars scan", scan, "6x")
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as spill:
        connection.execute("set memory_limit = '3GB'")  # which keeps the process under 4
        connection.execute(f"set temp_directory = '{spill}'")
        relation = connection.read_parquet(str(path))
        scan = best(lambda: _materialise(relation.select(*COLUMNS), connection), times)
        for by, name in groupings:
            target = f"{spill}/table.parquet"  # as a table of that size would be kept
            taken = best(lambda by=by, to=target: link_location(relation, by=by).write_parquet(to), times)
            yield Row(f"link_location {name}, duckdb, within 4 GB", ties, taken, "duckdb scan", scan, "10x")


def _materialise(relation: Any, connection: Any) -> None:
    """Compute the whole table, inside the engine."""
    relation.create("found")
    connection.execute("drop table found")


def against_networkx(path: Path, ties: int) -> Iterator[Row]:
    """The same table from a networkx multigraph."""
    import networkx as nx
    import polars as pl

    from netklynge.district.location import link_location

    frame = pd.read_parquet(path)

    def counted() -> None:
        graph = nx.from_pandas_edgelist(frame, edge_attr=["layer", "scale"], create_using=nx.MultiDiGraph)
        counts: dict[tuple[Any, str, str], int] = {}
        for source, _, tie in graph.edges(data=True):
            key = source, tie["layer"], tie["scale"]
            counts[key] = counts.get(key, 0) + 1

    slow = best(counted, 1)
    taken = best(lambda: link_location(pl.scan_parquet(path), by=OPENNESS).collect())
    yield Row("link_location by actor and layer, polars", ties, taken, "networkx", slow, "1/50")


def brokers(path: Path, ties: int) -> Iterator[Row]:
    """Brokerage beside igraph's list of triangles and, on a small network, beside R's sna."""
    import igraph as ig

    from netklynge.networks.arrays import simple_ties
    from netklynge.networks.brokers import brokerage

    frame = pd.read_parquet(path, columns=["source", "target"])
    region = ledger.regions_of(ties)
    groups = pd.DataFrame({"actor": np.arange(len(region)), "group": region})
    network = simple_ties(frame)
    edges = np.column_stack([network.source, network.target]).tolist()
    graph = ig.Graph(network.size, edges).simplify()
    listed = best(graph.list_triangles)
    yield Row("brokerage", ties, best(lambda: brokerage(frame, groups)), "igraph triangles", listed, "3x")
    rng = np.random.default_rng(1)
    cells = rng.choice(2000 * 2000, 16_000, replace=False)
    small = pd.DataFrame({"source": cells // 2000, "target": cells % 2000})
    few = pd.DataFrame({"actor": np.arange(2000), "group": rng.integers(0, 5, 2000)})
    taken = best(lambda: brokerage(small, few))
    yield Row("brokerage, 2,000 actors", 16_000, taken, "R sna", _sna(small, few), "1x")


def _sna(ties: pd.DataFrame, groups: pd.DataFrame) -> Took:
    """Seconds that sna's brokerage takes, without starting R; nan where R or sna is not installed."""
    if shutil.which("Rscript") is None:
        return Took()
    with tempfile.TemporaryDirectory() as folder:
        files = {"ties": Path(folder) / "ties.csv", "groups": Path(folder) / "groups.csv"}
        (ties + 1).to_csv(files["ties"], index=False)
        groups.to_csv(files["groups"], index=False)
        script = SNA.format(**files, size=len(groups))
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    return Took(*map(float, done.stdout.split())) if done.returncode == 0 else Took()


def homophily(path: Path, ties: int) -> Iterator[Row]:
    """Permutations of the E-I index on a network of 1,000 actors."""
    from netklynge.networks.homophily import ei_index

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"source": rng.integers(0, 1000, 5000), "target": rng.integers(0, 1000, 5000)})
    groups = pd.DataFrame({"actor": np.arange(1000), "group": rng.integers(0, 4, 1000)})
    taken = best(lambda: ei_index(frame, groups, permutations=10_000, seed=1))
    yield Row("ei_index, 10,000 permutations", 5000, taken, aim="1 s")


def others(path: Path, ties: int) -> Iterator[Row]:
    """The remaining measures of each actor."""
    from netklynge.networks.centrality import centralization
    from netklynge.networks.communities import components, leiden
    from netklynge.networks.cores import core_periphery
    from netklynge.networks.holes import constraint
    from netklynge.networks.reach import cognitive_positions, neighbour_pipelines

    frame = pd.read_parquet(path, columns=["source", "target"])
    region = ledger.regions_of(ties)
    groups = pd.DataFrame({"actor": np.arange(len(region)), "group": region})
    runs: dict[str, Callable[[], Any]] = {
        "constraint and effective size": lambda: constraint(frame),
        "centralization, degree": lambda: centralization(frame),
        "cognitive_positions": lambda: cognitive_positions(frame, groups),
        "neighbour_pipelines": lambda: neighbour_pipelines(frame, groups),
        "components": lambda: components(frame),
        "leiden": lambda: leiden(frame),
        "core_periphery, 1 start": lambda: core_periphery(frame, restarts=1),
    }
    for name, run in runs.items():
        yield Row(name, ties, best(run, 1))


PARTS: dict[str, tuple[Callable[[Path, int], Iterator[Row]], int]] = {
    # name: what to run, and up to how many ties it is run
    "location": (location, 100_000_000),
    "networkx": (against_networkx, 1_000_000),
    "brokerage": (brokers, 1_000_000),
    "homophily": (homophily, 1_000_000),
    "others": (others, 1_000_000),
}


def table(rows: Iterator[Row]) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as it is known."""
    yield "| what | ties | cpu s | clock s | beside | cpu s | clock s | ratio, cpu | ratio, clock | aim |"
    yield "|---|---:|---:|---:|---|---:|---:|---:|---:|---|"
    for row in rows:
        cells = [row.what, f"{row.ties:,}", *(f"{seconds:.2f}" for seconds in row.took), "", "", "", "", "", row.aim]
        if row.took_beside.cpu > 0:  # nan where there is nothing beside
            ratios = [f"{one / other:.3g}" for one, other in zip(row.took, row.took_beside, strict=True)]
            cells[4:9] = [row.beside, *(f"{seconds:.2f}" for seconds in row.took_beside), *ratios]
        yield f"| {' | '.join(cells)} |"


def run(millions: list[int], parts: list[str], folder: Path) -> Iterator[Row]:
    """Every part on every size that it is meant for."""
    for size in millions:
        path = ledger.write(folder / f"ledger-{size}m.parquet", size * 1_000_000)
        for part in parts:
            timed, largest = PARTS[part]
            if size * 1_000_000 <= largest:
                yield from timed(path, size * 1_000_000)


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--ties", type=int, nargs="+", default=[1, 10], help="millions of ties: 1, 10, 100")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--folder", type=Path, help="where ledgers are kept; default a temporary folder")
    arguments = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        for line in table(run(arguments.ties, arguments.parts, folder)):
            print(line, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
    print(f"\npeak memory {peak:.1f} GB")


if __name__ == "__main__":
    main()
