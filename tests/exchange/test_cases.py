"""Situations that people have met with other tools, each with the right value."""

import json
import subprocess
import sys

import igraph as ig
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from typer.testing import CliRunner

import netklynge as nk
from netklynge.cli.commands import app


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def ties(study):
    return study.relations[["source", "target", "layer"]].values.tolist()


def test_labels_with_blanks_survive_ucinet(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "relations.csv").write_text(
        "source,target,layer\nKongsberg Våpen,Nammo AS,supply\nNammo AS,Hexagon,supply\n"
    )
    assert run("export", tmp_path / "s", "--to", "dl", "-o", tmp_path / "o.dl").exit_code == 0
    assert ties(nk.load(tmp_path / "o.dl")) == [
        ["Kongsberg Våpen", "Nammo AS", "supply"],
        ["Nammo AS", "Hexagon", "supply"],
    ]


@pytest.mark.parametrize("to", ["graphml", "gexf", "gml", "pajek", "dl", "vna", "gephi", "kumu", "kumu-json", "matrix"])
def test_every_command_reads_what_export_writes(tmp_path, to):
    file = tmp_path / "h.file"
    if to in ("kumu", "matrix"):
        file = tmp_path / "h.xlsx"
    assert run("export", "kongsberg", "--to", to, "-o", file).exit_code == 0
    source = tmp_path if to == "gephi" else file
    if to == "gephi":
        for part in ("nodes", "edges"):
            (tmp_path / f"h-{part}.file").rename(tmp_path / f"{part}.csv")
    more = [["locate"], ["profile"], ["classify", "--format", "json"]] if to in ("gexf", "gephi") else []
    for words in (["check"], ["firms"], *more):
        result = run(words[0], source, *words[1:])
        assert result.exit_code == 0, (words, result.output)
    page = tmp_path.parent / f"{tmp_path.name}.html"
    if not more:
        return
    assert run("view", source, "-o", page).exit_code == 0
    assert page.stat().st_size > 100_000


def test_a_report_of_a_graph_file(tmp_path):
    nk.export(nk.load("horten"), "graphml", tmp_path / "h.graphml")
    result = run("report", tmp_path / "h.graphml", "-o", tmp_path / "r")
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "r" / "result.json").read_text())
    assert told["study"] in (str(told["study"]), "h")


@pytest.mark.parametrize("to", ["graphml", "gexf", "gml", "pajek", "dl", "vna", "gephi", "kumu-json", "r"])
def test_ordinary_column_names_survive(tmp_path, to):
    actors = {"actor": ["a", "b"], "næring": ["x", "y"], "org nr": ["1", "2"], "2004": ["5", None], "id": ["7", "8"]}
    actors |= {"label": ["L", None], "Id": ["k", "l"], "self": ["s", "t"]}
    relations = {"source": ["a"], "target": ["b"], "layer": ["supply"], "key": ["1"], "year.end": ["2001"]}
    relations |= {"type": ["t"], "source_id": ["9"], "weight": ["ca. 5"], "id": ["e"]}
    study = nk.load({"actors": pd.DataFrame(actors), "relations": pd.DataFrame(relations)})
    (tmp_path / "x").mkdir()
    files = nk.export(study, to, tmp_path / "x" / "f.csv" if to == "gephi" else tmp_path / "x" / "f")
    if to == "r":
        return
    back = nk.load(tmp_path / "x" if to == "gephi" else files[0])
    if to != "dl":
        for column in ("næring", "org nr", "2004", "id", "label", "Id", "self"):
            assert back.actors[column].fillna("").tolist() == study.actors[column].fillna("").tolist(), column
    if to not in ("dl", "vna"):
        for column in ("key", "year.end", "type", "source_id", "weight", "id"):
            assert back.relations[column].tolist() == study.relations[column].tolist(), column


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"a";"b"\n"a";"c"\n', "its columns are 'a', 'b'"),
        ("foo,bar\na,b\n", "source and target"),
    ],
)
def test_check_never_clears_what_it_does_not_know(tmp_path, text, words):
    (tmp_path / "x.csv").write_text(text)
    result = run("check", tmp_path / "x.csv")
    assert result.exit_code == 2 or isinstance(result.exception, nk.InputError)
    assert words in str(result.exception) + result.output


def test_check_says_as_what_it_read(tmp_path):
    (tmp_path / "edges.csv").write_text("Source,Target,Type\na,b,Directed\n")
    result = run("check", tmp_path / "edges.csv")
    assert result.exit_code == 0
    assert "read as edge table: 2 actors, 1 ties (1 directed, 0 undirected)" in result.output


PAIRS = [("a", "b"), ("b", "c")]
OBJECTS = {
    "pairs": PAIRS,
    "networkx": nx.DiGraph(PAIRS),
    "igraph": ig.Graph.TupleList(PAIRS, directed=True),
    "pandas": pd.DataFrame(PAIRS, columns=["source", "target"]),
    "gephi frame": pd.DataFrame(PAIRS, columns=["Source", "Target"]),
    "polars": pl.DataFrame({"source": ["a", "b"], "target": ["b", "c"]}),
    "lazy": pl.LazyFrame({"From": ["a", "b"], "To": ["b", "c"]}),
    "arrow": pl.DataFrame({"source": ["a", "b"], "target": ["b", "c"]}).to_arrow(),
    "frames": {"edges": pd.DataFrame(PAIRS, columns=["Source", "Target"])},
    "relations of polars": {"relations": pl.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})},
}


@pytest.mark.parametrize("what", OBJECTS)
def test_graphs_and_frames_are_studies(what, recwarn):
    study = nk.load(OBJECTS[what])
    assert ties(study) == [["a", "b", "unstated"], ["b", "c", "unstated"]]
    assert not recwarn.list


def test_matrices_are_studies():
    cells = np.array([[0, 2, 0], [0, 0, 0], [1, 0, 0]])
    for matrix in (cells, sparse.csr_matrix(cells)):
        study = nk.load(matrix)
        assert study.relations[["source", "target", "weight"]].values.tolist() == [["0", "1", "2"], ["2", "0", "1"]]
    assert nk.load(cells + cells.T).relations["directed"].tolist() == [False, False]
    with pytest.raises(nk.InputError, match="3 x 4 is not square"):
        nk.load(np.zeros((3, 4)))


def test_views_and_exports_of_graphs(tmp_path):
    graph = nx.MultiDiGraph([("a", "b")])
    assert "nobody says who is inside".lower() in nk.view(graph).html.lower()
    assert nk.export(graph, "gexf", tmp_path / "g.gexf")
    assert len(nk.load(tmp_path / "g.gexf").relations) == 1


@pytest.mark.parametrize(
    "source",
    [
        [("a", "")],
        [("a", None)],
        ["ab"],
        nx.Graph([("a", float("nan"))]),
        pd.DataFrame({"source": ["a", ""], "target": ["b", "c"]}),
        {"nodes": pd.DataFrame({"Id": ["a", "a"]}), "edges": pd.DataFrame({"Source": ["a"], "Target": ["b"]})},
        42,
        None,
    ],
)
def test_blank_ids_and_other_things_are_clear_errors(source):
    with pytest.raises(nk.NetklyngeError) as caught:
        nk.load(source)
    assert str(caught.value)


def test_native_bools_and_an_empty_graph_file(tmp_path):
    frame = pd.DataFrame({"source": ["a"], "target": ["b"], "layer": ["supply"], "directed": [False]})
    assert nk.load(frame).relations["directed"].tolist() == [False]
    (tmp_path / "e.graphml").write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed"/></graphml>'
    )
    study = nk.load(nk.read_graph(tmp_path / "e.graphml"))
    assert (len(study.actors), len(study.relations)) == (0, 0)
    assert len(nk.load(tmp_path / "e.graphml").actors) == 0


@pytest.mark.parametrize("name", ["horten", "kongsberg", "raufoss"])
def test_parquet_is_the_same_study(tmp_path, name):
    study = nk.load(name)
    assert run("export", name, "--to", "parquet", "-o", tmp_path / "h.parquet").exit_code == 0
    back = nk.load(tmp_path / "h.parquet")
    for table in ("actors", "relations", "links", "answers", "statements"):
        pd.testing.assert_frame_equal(getattr(back, table), getattr(study, table))
    assert (back.name, back.reference_year, back.title) == (study.name, study.reference_year, study.title)
    assert back.own_zones == study.own_zones
    assert int(back.is_category.sum()) == int(study.is_category.sum())


def test_a_gephi_layout_goes_out_again(tmp_path):
    text = (
        '<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:viz="http://gexf.net/1.3/viz"><graph '
        'defaultedgetype="directed"><nodes><node id="a" label="A"><viz:size value="10.0"/></node><node id="b"/></nodes>'
        '<edges><edge id="0" source="a" target="b" weight="2.0"/></edges></graph></gexf>'
    )
    (tmp_path / "a.gexf").write_text(text)
    study = nk.load(nk.read_graph(tmp_path / "a.gexf"))
    nk.export(study, "gexf", tmp_path / "b.gexf")
    assert nk.load(tmp_path / "b.gexf").relations["weight"].tolist() == ["2"]


def test_kumu_s_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Elements"
    for row in [
        ["Label", "Type", "Description"],
        ["Alfa AS", "firm", None],
        ["Beta AS", "firm", "b"],
        ["Uni Oslo", "research", None],
    ]:
        book.active.append(row)
    sheet = book.create_sheet("Connections")
    for row in [
        ["From", "To", "Type", "Direction"],
        ["Alfa AS", "Beta AS", "supply", "directed"],
        ["Beta AS", "Alfa AS | Uni Oslo", "rd", "mutual"],
    ]:
        sheet.append(row)
    book.save(tmp_path / "k.xlsx")
    study = nk.load(tmp_path / "k.xlsx")
    assert ties(study) == [
        ["Alfa AS", "Beta AS", "supply"], ["Beta AS", "Alfa AS", "rd"], ["Beta AS", "Uni Oslo", "rd"],
    ]  # fmt: skip
    assert study.relations["directed"].tolist() == [True, False, False]
    assert study.actors["kind"].tolist() == ["firm", "firm", "research"]


def test_directions_stand_in_the_files_themselves(tmp_path):
    relations = pd.DataFrame(
        {"source": ["1", "1", "2"], "target": ["2", "2", "3"], "layer": ["supply", "rd", "rd"], "directed": [1, 0, 0]}
    )
    study = nk.load({"relations": relations})
    text = {to: nk.export(study, to, tmp_path / f"o.{to}")[0].read_text() for to in ("graphml", "gexf", "pajek", "dl")}
    assert text["graphml"].count('directed="false"') == 2
    assert text["gexf"].count('type="undirected"') == 2
    assert text["pajek"].lower().index("*arcs") < text["pajek"].lower().index("*edges")
    assert text["pajek"].lower().split("*edges")[1].count("\n") == 3
    assert text["dl"].split("!")[1].split("\n")[1:5] == ["1 2 1", "2 1 1", "2 3 1", "3 2 1"]


def test_who_is_inside_is_asked_and_can_be_said(tmp_path):
    nodes = pd.DataFrame({"Id": ["a", "b", "c"], "town": ["Horten", "horten ", "Oslo"]})
    edges = pd.DataFrame({"Source": ["a", "a"], "Target": ["b", "c"], "Relation": ["supply", "supply"]})
    nodes.to_csv(tmp_path / "nodes.csv", index=False)
    edges.to_csv(tmp_path / "edges.csv", index=False)
    asked = run("firms", tmp_path)
    assert "--inside COLUMN=VALUE" in asked.output
    assert "town (Horten" in asked.output
    table = json.loads(
        subprocess.run(
            [sys.executable, "-m", "netklynge", "firms", str(tmp_path), "--inside", "town=Horten", "--format", "json"],
            capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip
    assert sorted(row["actor"] for row in table) == ["a", "b"]
    report = run("report", tmp_path, "-o", tmp_path.parent / f"{tmp_path.name}-r")
    assert report.exit_code == 0
    assert "Nobody says who is inside" in (tmp_path.parent / f"{tmp_path.name}-r" / "report.html").read_text()
    assert "nobody has" in str(run("firms", tmp_path, "--inside", "town=Moss").exception)


def test_relations_of_other_names_are_layers_of_their_own(tmp_path):
    (tmp_path / "e.csv").write_text("From,To,Relation\na,b,Leveranse\na,b,friends\nb,c,R&D\n")
    study = nk.load(tmp_path / "e.csv")
    assert study.layers == ("supply", "rd", "friends")
    assert len(study.ties("friends")) == 1
    study.save(tmp_path / "s")
    assert nk.load(tmp_path / "s").layers == study.layers
    assert set(nk.locate(nk.with_insiders(study, "actor", "a"))["layer"]) >= {"friends"}
    with pytest.raises(nk.StudyError, match="unknown layer"):
        nk.load(pd.DataFrame({"source": ["a"], "target": ["b"], "layer": ["freinds"]}))


def test_one_family_of_graphs_out():
    study = nk.load("kongsberg")
    graph, other = nk.to_networkx(study, "rd"), nk.to_igraph(study, "rd")
    actors, frame = nk.to_pandas(study, "rd")
    assert graph.number_of_nodes() == other.vcount() == len(actors)
    assert other.ecount() == 2 * len(frame) == 2 * graph.number_of_edges()  # all 22 are undirected
    assert other.reciprocity() == 1


def test_ties_reach_as_far_as_their_actors(tmp_path):
    nodes = pd.DataFrame({"Id": ["a", "b", "c", "d"], "scale": ["local", "local", "national", None]})
    edges = pd.DataFrame({"Source": ["a", "a", "a"], "Target": ["b", "c", "d"], "Relation": ["supply"] * 3})
    study = nk.load({"nodes": nodes, "edges": edges})
    assert study.relations["scale"].fillna("").tolist() == ["local", "national", ""]
    row = nk.profile(study).set_index("layer").loc["supply"]
    assert (row["inside"], row["outside"]) == (1, 1)
