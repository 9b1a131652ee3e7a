"""Graph files: what goes out comes back, the same study gives the same bytes, and bad files are refused."""

import re
import zlib
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import igraph as ig
import networkx as nx
import pandas as pd
import pytest

import netklynge as nk
from netklynge.exchange.opening import read_graph
from netklynge.exchange.writing import FORMATS, export
from netklynge.findings import InputError, NetklyngeError

ENDINGS = {"pajek": "net", "kumu": "xlsx", "matrix": "xlsx", "kumu-json": "json", "gephi": "csv", "r": "R"}
GRAPHS = ("graphml", "gexf", "gml", "pajek", "dl")


def file_of(study, to, folder, **options):
    return export(study, to, folder / f"study.{ENDINGS.get(to, to)}", **options)[0]


def cells(study):
    """How many ties each has to each, an undirected tie both ways."""
    counts = Counter()
    weights = study.relations.get("weight", pd.Series(1, index=study.relations.index)).fillna("1").astype(float)
    for tie, weight in zip(study.relations.to_dict("records"), weights, strict=True):
        ends = {(tie["source"], tie["target"])}
        if tie["directed"] is False:
            ends.add((tie["target"], tie["source"]))
        counts.update({(*pair, tie["layer"]): weight for pair in ends})
    return counts


def triples(relations):
    return sorted(relations[["source", "target", "layer"]].values.tolist())


@pytest.mark.parametrize("to", GRAPHS)
@pytest.mark.parametrize("name", ["horten", "kongsberg", "raufoss"])
def test_every_tie_and_actor_comes_back(tmp_path, name, to):
    study = nk.load(name)
    back = nk.load(read_graph(file_of(study, to, tmp_path)))
    assert set(back.actors["actor"]) == set(study.actors["actor"])
    if to == "dl":  # a matrix holds one cell per pair: parallel ties are its weight
        assert cells(back) == cells(study)
    else:
        assert triples(back.relations) == triples(study.relations)


@pytest.mark.parametrize("to", ["graphml", "gexf", "gml", "pajek"])
def test_attributes_come_back_typed(tmp_path, to):
    study = nk.load("kongsberg")
    back = nk.load(read_graph(file_of(study, to, tmp_path)))
    keys = ["source", "target", "layer", "content"]
    for column in ("start", "end", "current", "strategic", "directed", "scale"):
        one = study.relations.sort_values([*keys, "lines"])[column]
        two = back.relations.sort_values([*keys, "lines"])[column]
        assert (
            one.tolist() == two.tolist()
            or one.astype("string").fillna("").tolist() == two.astype("string").fillna("").tolist()
        )
    sizes = study.actors.set_index("actor")["employees"].dropna()
    assert back.actors.set_index("actor")["employees"].dropna().to_dict() == sizes.to_dict()


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_study_gives_the_same_bytes(tmp_path, to):
    study = nk.load("horten")
    one, two = (file_of(study, to, tmp_path / part) for part in ("a", "b"))
    assert zlib.crc32(one.read_bytes()) == zlib.crc32(two.read_bytes())


def test_graphml_is_what_gephi_opens(tmp_path):
    # Gephi reads an edge's id; two with the same id are one edge to it
    file = file_of(nk.load("horten"), "graphml", tmp_path)
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    edges = ElementTree.parse(file).findall(".//g:edge", space)
    assert len({edge.get("id") for edge in edges}) == len(edges) == 241
    names = [key.get("attr.name") for key in ElementTree.parse(file).findall("g:key[@for='node']", space)]
    assert "label" in names
    assert len(names) == len(set(names))
    assert ig.Graph.Read_GraphML(str(file)).ecount() == 241  # a second reader


def test_gml_and_pajek_are_read_by_igraph_too(tmp_path):
    study = nk.load("kongsberg")
    assert ig.Graph.Read_GML(str(file_of(study, "gml", tmp_path))).ecount() == len(study.relations)
    assert ig.Graph.Read_Pajek(str(file_of(study, "pajek", tmp_path))).ecount() == len(study.relations)


def test_blanks_control_characters_and_quotes(tmp_path):
    frame = pd.DataFrame({"source": ['a "q"', "b"], "target": ["c & <d>", "e"], "layer": ["rd", None]})
    study = nk.load({"relations": frame})
    study = replace(study, relations=study.relations.assign(content=["x\x0by", 'say "no"\n\tor <yes>']))
    for to in GRAPHS:
        assert len(read_graph(file_of(study, to, tmp_path))["relations"]) == 2


def test_one_layer_only(tmp_path):
    study = nk.load("horten")
    for to in GRAPHS:
        back = read_graph(file_of(study, to, tmp_path, layer="supply"))["relations"]
        assert set(back["layer"]) == {"supply"}


def test_excel_and_parquet(tmp_path):
    study = nk.load("kongsberg")
    back = nk.load(file_of(study, "xlsx", tmp_path))
    pd.testing.assert_frame_equal(back.relations, study.relations)
    pd.testing.assert_frame_equal(back.links, study.links)
    assert back.reference_year == study.reference_year
    ties, actors, *_ = export(study, "parquet", tmp_path / "k.parquet")
    assert triples(pd.read_parquet(ties)) == triples(study.relations)
    assert len(pd.read_parquet(actors)) == len(study.actors)


BOMB = '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "{0}"><!ENTITY b "{1}">]><graphml>&b;</graphml>'


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.graphml", BOMB.format("lol" * 10, "&a;" * 10), "declares XML entities"),
        ("a.gexf", '<!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/hosts">]><gexf>&x;</gexf>', "declares XML entities"),
        ("a.graphml", "<graphml><graph>", "no well-formed XML"),
        ("a.gml", "graph [ node [ id 1 ]", "ends within a list"),
        ("a.gml", "graph " + "[ a " * 5000, "nested deeper than"),
        ("a.net", "1 2 3", r"stands before \*Vertices"),
        ("a.dl", "1 2 3", "no DL file"),
        ("a.vsdx", "", "not recognised"),
    ],
)
def test_bad_files_are_refused_with_a_reason(tmp_path, name, text, message):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_graph(file)
    assert name in str(caught.value)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_pajek_of_several_relations(tmp_path, end):
    rows = ["*Vertices 3", '1 "Åse"', '2 "b c"', "3 d", '*Arcs :1 "supply"', "1 2 1", '*Edges :2 "friends"', "2 3 2"]
    file = tmp_path / "old.net"
    file.write_bytes(end.join(rows).encode("latin-1"))
    found = read_graph(file)["relations"]
    assert found[["source", "target", "layer", "directed"]].values.tolist() == [
        ["Åse", "b c", "supply", 1],
        ["b c", "d", "friends", 0],
    ]


@pytest.mark.parametrize("mark", ["!\n", ""])
def test_dl_of_two_matrices(tmp_path, mark):
    head = "DL N = 3, NM = 2\nFORMAT = FULLMATRIX\nLABELS:\na,b,c\nMATRIX LABELS:\nsupply,rd\nDATA:\n"
    text = f"{head}0 1 0\n0 0 1\n0 0 0\n{mark}0 0 1\n0 0 0\n1 0 0\n"
    (tmp_path / "m.dl").write_text(text)
    assert triples(read_graph(tmp_path / "m.dl")["relations"]) == [
        ["a", "b", "supply"], ["a", "c", "rd"], ["b", "c", "supply"],
    ]  # fmt: skip
    assert read_graph(tmp_path / "m.dl")["relations"]["directed"].tolist() == [1, 1, 0]  # rd mirrors itself


def test_graphml_from_elsewhere(tmp_path):
    graph = nx.Graph()
    graph.add_node("n0", label="Simrad", size=3.5)
    graph.add_edge("n0", "n1", layer="friends", weight=2)
    nx.write_graphml_xml(graph, tmp_path / "x.graphml")
    tables = read_graph(tmp_path / "x.graphml")
    assert tables["relations"][["layer", "directed", "weight"]].values.tolist() == [["friends", 0, 2]]
    assert tables["actors"]["name"].iloc[0] == "Simrad"
    assert len(nk.load(tables).relations) == 1


def test_unknown_format_lists_those_there_are(tmp_path):
    with pytest.raises(NetklyngeError, match=re.escape(", ".join(FORMATS))):
        export(nk.load("horten"), "svg", tmp_path / "x")
