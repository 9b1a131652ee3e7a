"""Out and back, both ways: the bundled studies, and one with everything that files trip over."""

import re
import shutil
import subprocess
from dataclasses import replace

import igraph as ig
import networkx as nx
import pandas as pd
import pytest

import netklynge as nk
from netklynge.exchange.writing import FORMATS, export

from .test_writing import ENDINGS, cells, triples

NAMES = [
    'a "q"', "a 'q'", "L'Oréal", "b\\c", "c & <d>", "Våpen; AS, x", "1", "01", "&#34;", "日本", "data:", "*Arcs",
    "-", "NA", "x|y", "[2]", "%", "#", "f\\",
]  # fmt: skip
FULL = ("graphml", "gexf", "gml", "pajek", "gephi", "kumu", "kumu-json", "parquet")
STUDIES = ("horten", "kongsberg", "raufoss", "nasty")


def nasty():
    ends = list(zip(NAMES, [*NAMES[1:], NAMES[0]], strict=True))
    actors = pd.DataFrame({"actor": [*NAMES, "cat", "alone"]})
    actors["name"] = ["same name"] * 3 + NAMES[3:] + ["all of them", "Alene"]
    actors["kind"] = ["firm"] * len(NAMES) + ["category", "research"]
    actors["scale"] = (["local", "national"] * len(actors))[: len(actors)]
    actors["employees"] = [12.5, 3] + [None] * (len(actors) - 2)
    actors["founded"] = [1999] + [None] * (len(actors) - 1)
    actors["næring nr"] = ["62.010", 'say "no"', "a <b> & c"] + [None] * (len(actors) - 3)
    rows = [*ends, ends[0], ends[0], ("cat", "cat"), ("cat", NAMES[0])]
    relations = pd.DataFrame(rows, columns=["source", "target"])
    relations["layer"] = (["supply", "rd", "own layer", "æ øå"] * len(rows))[: len(rows)]
    relations["directed"] = ([1, 0, None] * len(rows))[: len(rows)]
    relations["scale"] = (["national", None] * len(rows))[: len(rows)]
    relations["start"] = ([2001, None] * len(rows))[: len(rows)]
    relations["content"] = (["plain", None, "with, \"all\" & 'sorts'; <x>"] * len(rows))[: len(rows)]
    relations["weight"] = (["2", "0.5", None] * len(rows))[: len(rows)]
    return nk.load({"actors": actors, "relations": relations, "meta": {"layers": ["own layer", "æ øå"]}})


def study_called(name):
    return nasty() if name == "nasty" else nk.load(name)


def rows_of(study, table):
    frame = getattr(study, table)
    kept = frame.loc[:, frame.notna().any()].astype("string").fillna("")
    if "directed" in kept:
        kept["directed"] = kept["directed"].replace({"": "True"})  # a blank is directed
    if table == "relations":  # Pajek writes a weight for every tie
        kept["weight"] = kept["weight"].replace({"": "1"}) if "weight" in kept else "1"
    return sorted(kept[sorted(kept.columns)].itertuples(index=False, name=None))


def there_and_back(study, to, folder):
    folder.mkdir(exist_ok=True)
    files = export(study, to, folder / f"x.{ENDINGS.get(to, to)}")
    return nk.load(folder if to == "gephi" else files[0])


@pytest.mark.parametrize("to", FULL)
@pytest.mark.parametrize("name", STUDIES)
def test_everything_comes_back(tmp_path, name, to, recwarn):
    study = study_called(name)
    back = there_and_back(study, to, tmp_path / "one")
    again = there_and_back(back, to, tmp_path / "two")
    for table in ("actors", "relations"):
        assert rows_of(back, table) == rows_of(study, table)
        assert rows_of(again, table) == rows_of(study, table)
    assert set(back.layers) == set(study.layers)
    assert not recwarn.list


@pytest.mark.parametrize("to", ["dl", "vna", "matrix"])
@pytest.mark.parametrize("name", STUDIES)
def test_matrices_keep_actors_layers_and_cells(tmp_path, name, to):
    study = study_called(name)
    back = there_and_back(study, to, tmp_path / "one")
    assert set(back.actors["actor"]) == set(study.actors["actor"])
    # who is a category is an attribute, which matrices do not hold: its tie to itself is a loop there, and told
    loops = {key for key in cells(study) if key[0] == key[1]} - set(cells(back))
    assert all(study.actors.set_index("actor").loc[key[0], "kind"] == "category" for key in loops)
    assert bool(loops) == any("to itself" in note["text"] for note in back.meta["reading"]["notes"])
    assert {key: value for key, value in cells(study).items() if key not in loops} == cells(back)
    if to == "vna":
        assert rows_of(back, "actors") == rows_of(study, "actors")


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_study_is_the_same_bytes(tmp_path, to):
    written = []
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        files = export(nasty(), to, tmp_path / part / f"x.{ENDINGS.get(to, to)}")
        written.append([(file.name, file.read_bytes()) for file in files])
    assert written[0] == written[1]


@pytest.mark.parametrize("name", ["kongsberg", "nasty"])
@pytest.mark.parametrize("layer", ["supply", "rd"])
def test_networkx_and_igraph_open_one_layer(tmp_path, name, layer):
    study = study_called(name)
    rows = study.relations[study.relations["layer"] == layer]
    rows = rows[rows["directed"].fillna(True).astype(bool) == (layer == "supply")]  # networkx knows one direction
    study = replace(study, relations=rows)
    files = {to: str(export(study, to, tmp_path / f"x.{to}", layer)[0]) for to in ("graphml", "gexf", "gml", "pajek")}
    actors = len(set(rows["source"]) | set(rows["target"]))
    opened = [
        nx.read_graphml(files["graphml"], force_multigraph=True),
        nx.read_gexf(files["gexf"]),
        nx.read_gml(files["gml"]),
        nx.read_pajek(files["pajek"]),
    ]
    assert [(len(graph), graph.number_of_edges()) for graph in opened] == [(actors, len(rows))] * 4
    assert [graph.is_directed() for graph in opened[:3]] == [layer == "supply"] * 3


@pytest.mark.filterwarnings("ignore:One or more unknown entities")  # igraph keeps &#229; as it stands
@pytest.mark.parametrize("name", STUDIES)
def test_igraph_opens_the_whole(tmp_path, name):
    study = study_called(name)
    size = (len(study.actors), len(study.relations))
    readers = {"graphml": ig.Graph.Read_GraphML, "gml": ig.Graph.Read_GML, "pajek": ig.Graph.Read_Pajek}
    for to, read in readers.items():
        graph = read(str(export(study, to, tmp_path / f"x.{to}")[0]))
        assert (graph.vcount(), graph.ecount()) == size, to


def test_a_pajek_project_has_a_network_per_layer(tmp_path):
    for study in (nk.load("kongsberg"), nasty()):
        (file,) = export(study, "pajek", tmp_path / "x.paj")
        assert file.read_text().count("*Network") == len(study.layers)
        assert triples(nk.load(file).relations) == triples(study.relations)


def test_the_r_script_is_ascii_and_holds_every_tie(tmp_path):
    for study in (nk.load("raufoss"), nasty()):
        text = export(study, "r", tmp_path / "x.R")[0].read_bytes().decode("ascii")
        column = re.search(r'"source" = as.character\(c\((.*)\)\),\n', text)[1]
        assert len(re.findall(r'"(?:[^"\\]|\\.)*"', column)) == len(study.relations)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_opens_the_script(tmp_path):
    study = nk.load("kongsberg")
    (file,) = export(study, "r", tmp_path / "x.R")
    line = f'source("{file}"); cat(nrow(actors), nrow(ties))'
    done = subprocess.run(["Rscript", "-e", line], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(study.actors)} {len(study.relations)}"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("x.net", lambda n: f"*Vertices {n}\n" + "".join(f'{k} "firm {k}"\n' for k in range(1, n + 1))
         + "*Arcs\n" + "".join(f"{k} {k % n + 1} 1\n" for k in range(1, n + 1))),
        ("x.dl", lambda n: f"dl n={n} format=edgelist1\nlabels:\n" + "\n".join(f'"f {k}"' for k in range(n))
         + "\ndata:\n" + "".join(f"{k} {k % n + 1}\n" for k in range(1, n + 1))),
        ("x.gml", lambda n: "graph [\n" + "".join(f'node [ id {k} label "f {k}" ]\n' for k in range(n))
         + "".join(f"edge [ source {k} target {(k + 1) % n} ]\n" for k in range(n)) + "]"),
        ("x.dot", lambda n: "digraph {" + "".join(f'"f {k}" -> "f {(k + 1) % n}" [w={k}];\n' for k in range(n)) + "}"),
        ("x.vna", lambda n: "*tie data\nfrom to supply\n" + "".join(f"f{k} f{(k + 1) % n} 1\n" for k in range(n))),
        ("x.csv", lambda n: "Source,Target,Weight\n" + "".join(f"f{k},f{(k + 1) % n},1\n" for k in range(n))),
    ],
)  # fmt: skip
def test_seven_thousand_vertices_take_no_quadratic_time(tmp_path, name, make, monkeypatch):
    """Counted, not timed: eight times the vertices may take at most some ten times the steps."""
    import sys

    from netklynge.exchange.recognising import read_network_file

    steps = {}
    for size in (250, 2000):
        file = tmp_path / name
        file.write_text(make(size))
        count = 0

        def step(frame, event, argument):
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(step)
        try:
            network = read_network_file(file)
        finally:
            sys.setprofile(None)
        assert len(network.actors) == size
        steps[size] = count
    assert steps[2000] < 12 * steps[250]
