"""Small files of ours, one for each feature of a format; what is right was worked out by hand from the manuals."""

from pathlib import Path

import pytest

import netklynge as nk
from netklynge.exchange.recognising import format_of

CORPUS = Path(__file__).parents[1] / "corpus"

# file: (actors, ties as "source -> target layer weight", "--" where there is no direction)
RIGHT = {
    "same_label.net": (4, ["1 -> 2 unstated 1", "3 -> 4 unstated 1", "1 -> 3 unstated 1"]),
    "bare.net": (5, ["1 -- 2 unstated 1", "2 -- 3 unstated 1", "1 -- 5 unstated 1"]),
    "two_mode.net": (
        5,
        ["firm A -- club X membership 1", "firm A -- club Y membership 1", "firm B -- club X membership 1"],
    ),
    "two_mode_matrix.net": (
        5,
        ["1 -> 3 membership 1", "1 -> 4 membership 1", "2 -> 3 membership 1", "2 -> 5 membership 2"],
    ),
    "quotes.net": (
        4,
        ["L'Oréal -> a\\b supply 2.5", "Åse -- ř friends 1", "L'Oréal -- Åse friends 1", "ř -> L'Oréal supply 1"],
    ),
    "lists.net": (4, ["1 -> 2 unstated ", "1 -> 3 unstated ", "3 -- 4 unstated ", "3 -- 1 unstated "]),
    "project.paj": (3, ["a -> b advice 1", "b -- c rd 2"]),
    "wrapped.dl": (
        3,
        [
            "Kongsberg Våpen -> Nammo supply 2",
            "Kongsberg Våpen -> Hexagon supply 1",
            "Nammo -> Hexagon supply 3",
            "Kongsberg Våpen -- Nammo friends 1",
        ],
    ),
    "nodiagonal.dl": (3, ["a -> b unstated 1", "b -> c unstated 1", "c -> a unstated 1", "c -> b unstated 1"]),
    "lowerhalf.dl": (4, ["a -- b unstated 1", "b -- c unstated 2", "c -- d unstated 1"]),
    "edgelist2.dl": (
        5,
        [
            "anna -> ball membership 1",
            "anna -> fair membership 1",
            "bent -> ball membership 1",
            "bent -> town day membership 2",
        ],
    ),
    "nodelist1.dl": (4, ["a -> b unstated 1", "a -> c unstated 1", "d -> a unstated 1"]),
    "nodelist1b.dl": (3, ["a -> b unstated 1", "a -> c unstated 1", "c -> a unstated 1"]),
    "nodelist2.dl": (5, ["x -> p membership 1", "x -> r membership 1", "y -> q membership 1"]),
    "edgearray.dl": (3, ["a -> b supply 1", "b -> c supply 4", "b -> c rd 1"]),
    "embedded.dl": (3, ["George -> Sally unstated 1", "Sally -> Jim Bo unstated 2"]),
    "rectangular.dl": (
        5,
        ["firm A -> club X membership 1", "firm A -> club Y membership 1", "firm B -> club X membership 1"],
    ),
    "parallel.gml": (2, ["a -> b å unstated ", "a -> b å unstated "]),
    "mixed.graphml": (2, ["a -> b unstated ", "a -- b unstated "]),
    "canvas.graphml": (4, ["1 -- 2 know_each_other ", "3 -- 4 unstated "]),
    "multi.graphml": (3, ["a -> b supply ", "a -- c friends "]),
    "gephi13.gexf": (2, ["a -> b supply 2", "a -- b rd "]),
    "old.gexf": (2, ["0 -- 1 unstated "]),
    "netdraw.vna": (2, ["Alfa AS -> Beta supply 2", "Alfa AS -- Beta friends 1"]),
    "graph.dot": (3, ["a -> b unstated 2", "b -> c unstated 2", "b -- c rd "]),
    "kumu.json": (2, ["e1 -- Uni rd "]),
    "cytoscape.json": (2, ["1 -> 2 supply "]),
    "vosviewer.json": (2, ["1 -- 2 unstated 3"]),
    "d3.json": (2, ["a -> b unstated 2"]),
    "matrix.csv": (3, ["Alfa -> Beta unstated 1", "Beta -> Alfa unstated 1", "Beta -> Gamma unstated 1"]),
    "two_mode.csv": (
        4,
        ["Firma A -> Klubb X membership 1", "Firma B -> Klubb X membership 1", "Firma B -> Klubb Y membership 2.5"],
    ),
    "kumu.csv": (3, ["Alfa AS -> Beta AS supply 3", "Beta AS -- Uni Oslo rd 1"]),
    "norsk.csv": (3, ["Alfa -> Beta supply 2.5", "Beta -> Gamma dugnad 1"]),
    "gephi": (3, ["A -> B supply 2", "B -- C rd 1", "A -> C supply 1"]),
    "canvas": (3, ["e1 -> u1 names ", "e1 -> u2 names ", "u1 -- u2 knows "]),
}


def told(study):
    ties = study.relations
    weights = ties["weight"].fillna("") if "weight" in ties else [""] * len(ties)
    ways = ["--" if directed is False or directed == 0 else "->" for directed in ties["directed"].astype(object)]
    rows = zip(ties["source"], ways, ties["target"], ties["layer"], weights, strict=True)
    return [f"{a} {way} {b} {layer} {weight}" for a, way, b, layer, weight in rows]


@pytest.mark.parametrize("name", RIGHT)
def test_the_file_says_what_it_says(name, recwarn):
    study = nk.load(CORPUS / name)
    actors, ties = RIGHT[name]
    assert len(study.actors) == actors
    assert sorted(told(study)) == sorted(ties)
    assert not recwarn.list  # no library's warnings reach the user


@pytest.mark.parametrize("name", RIGHT)
def test_every_command_opens_it_and_the_receipt_counts(name):
    receipt = nk.network_receipt(CORPUS / name)
    study = nk.load(CORPUS / name)
    assert (receipt.actors, receipt.ties) == (len(study.actors), len(study.relations))
    assert sum(receipt.layers.values()) == receipt.ties == receipt.directed + receipt.undirected
    assert nk.check(CORPUS / name) == []
    assert study.meta["reading"] == receipt.to_dict()


def test_no_file_of_the_corpus_is_left_out():
    assert {path.name for path in CORPUS.iterdir()} == set(RIGHT)


@pytest.mark.parametrize("name", [name for name in RIGHT if "." in name and not name.endswith(".csv")])
def test_the_ending_decides_nothing(tmp_path, name):
    file = tmp_path / "file.bin"
    file.write_bytes((CORPUS / name).read_bytes())
    assert format_of(file.read_bytes())
    assert sorted(told(nk.load(file))) == sorted(RIGHT[name][1])


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
@pytest.mark.parametrize("name", ["quotes.net", "wrapped.dl", "parallel.gml", "netdraw.vna", "graph.dot"])
def test_line_ends_of_other_machines(tmp_path, name, end):
    file = tmp_path / name
    file.write_bytes((CORPUS / name).read_bytes().replace(b"\n", end))
    assert sorted(told(nk.load(file))) == sorted(RIGHT[name][1])


def attributes(name, actor):
    row = nk.load(CORPUS / name).actors.set_index("actor").loc[actor]
    return dict(row.dropna().items())


def test_attributes_of_vertices_partitions_and_vectors():
    assert attributes("project.paj", "b") == {"name": "b", "place": "2", "size": "2"}
    assert attributes("quotes.net", "ř")["time"] == "[5-10,12]"


def test_attributes_called_id_key_and_self():
    assert attributes("mixed.graphml", "a")["id"] == "984661185"
    assert attributes("mixed.graphml", "a")["self"] == "1"
    assert nk.load(CORPUS / "mixed.graphml").relations["key"].tolist() == ["K7", "none"]


def test_attributes_of_nodes_called_source_and_numbers_without_end():
    row = attributes("parallel.gml", "a")
    assert (row["source"], row["v"]) == ("web", "-inf")
    assert "v" not in attributes("parallel.gml", "b å")


def test_spells_null_and_large_numbers():
    study = nk.load(CORPUS / "gephi13.gexf")
    assert study.relations["start"].tolist()[1] == 2001
    assert study.actors["big"].tolist()[0] == "12345678901234567890"
    assert study.actors["kind"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("same_label.net", "labels repeat"),
        ("project.paj", "network 'other' has other vertices"),
        ("wrapped.dl", "1 cells are NA"),
        ("parallel.gml", "1 ties of an actor to itself are left out: b å"),
        ("canvas.graphml", "each as a case of its own"),
        ("gephi13.gexf", "2 spells; the first is kept"),
        ("netdraw.vna", "how it is drawn"),
        ("cytoscape.json", "does not say whether ties are directed"),
    ],
)
def test_what_is_not_kept_is_told(name, words):
    assert any(words in line for line in nk.network_receipt(CORPUS / name).lines())


def test_bodies_of_a_two_mode_file_are_no_firms():
    study = nk.load(CORPUS / "two_mode.net")
    assert study.actors["kind"].fillna("").tolist() == ["", "", "network_org", "network_org", "network_org"]


def test_ucinet_s_own_pair_of_files_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "x.##h").write_bytes(b"\x05DATE:\x00")
    with pytest.raises(nk.InputError, match="Data > Export > DL"):
        nk.load(tmp_path / "x.##h")
