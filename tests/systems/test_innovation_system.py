"""The region's innovation system: worked cases by hand, printed tables, plain counting twins, and relabelling."""

from itertools import combinations, product

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, district, in_force, insiders, records, tables

import netklynge as nk
from netklynge.findings import NetklyngeError
from netklynge.networks.concentration import evenness
from netklynge.study.loading import surveys
from netklynge.study.zones import RINGS
from netklynge.systems.flow_model import SUBSYSTEMS, flow_matrix, outside_shares, subsystems
from netklynge.systems.helices import helix
from netklynge.systems.innovation_system import (
    coalitions,
    completeness,
    nearest_type,
    ring_sectors,
    system_position,
    system_tables,
    thickness,
)
from netklynge.systems.system_barriers import barriers

KNOWING = ["rd", "service", "education", "alliance"]


def actor(name, kind, scale="local", **more):
    return {"actor": name, "kind": kind, "scale": scale, **more}


def rd(*pairs, **more):
    return [{"source": a, "target": b, "layer": "rd", **more} for a, b in pairs]


def finding(found, barrier, layer=None):
    rows = found.findings[found.findings["barrier"] == barrier]
    rows = rows if layer is None else rows[rows["layer"] == layer]
    return rows["finding"].item()


# -- mixing matrix -------------------------------------------------------------------------------------------


def flows():
    """Two who make knowledge, three who use it: two ties between, one among the users, one user's tie outwards."""
    actors = [actor("g1", "research"), actor("g2", "education"), *(actor(f"e{k}", "firm") for k in (1, 2, 3))]
    actors.append(actor("far", "firm", "international"))
    return district(actors, rd(("g1", "e1"), ("e2", "g2"), ("e1", "e2"), ("e3", "far")))


def test_the_matrix_of_five_actors_by_hand():
    table = flow_matrix(flows()).set_index(["part", "other"])
    assert table.loc[("generation", "exploitation"), ["pairs", "possible"]].tolist() == [2, 6]
    assert table.loc[("generation", "exploitation"), "density"] == pytest.approx(0.333, abs=5e-4)
    assert table.loc[("exploitation", "exploitation"), ["pairs", "possible"]].tolist() == [1, 3]
    assert table.loc[("exploitation", "exploitation"), "density"] == pytest.approx(0.333, abs=5e-4)
    shares = outside_shares(flows()).set_index("part")
    assert shares.loc["exploitation", ["outside", "pairs", "share"]].tolist() == [1, 4, 0.25]  # 1 / (2 + 1 + 1)


def test_actors_of_unknown_kind_have_a_row_of_their_own():
    study = district([actor("a", None), actor("b", "firm"), actor("c", "firm", None)], rd(("a", "b"), ("b", "c")))
    table = flow_matrix(study).set_index(["part", "other"])
    assert table.loc[("exploitation", "untagged"), "pairs"] == 2
    assert pd.isna(table.loc[("exploitation", "untagged"), "density"])
    assert table["pairs"].sum() == 2


def test_layers_are_pooled_only_when_asked_for():
    study = nk.load("raufoss")
    apart = flow_matrix(study)
    assert set(apart["layer"]) <= set(study.layers)
    together = flow_matrix(study, KNOWING)
    assert set(together["layer"]) == {" + ".join(KNOWING)}
    rows = apart[apart["layer"].isin(KNOWING)]
    assert together["ties"].sum() == rows["ties"].sum()
    assert together["pairs"].sum() < rows["pairs"].sum()  # some pairs are tied in two of the layers
    with pytest.raises(NetklyngeError, match="no-such"):
        flow_matrix(study, ["no-such"])


def test_planned_ties_do_not_count():
    study = district([actor("g", "research"), actor("e", "firm")], rd(("g", "e"), content="planned: a lab"))
    assert flow_matrix(study)["pairs"].sum() == 0


def test_another_map_of_kinds():
    study = district([actor("a", "investor"), actor("b", "firm")], rd(("a", "b")))
    assert subsystems(study, {"investor": "governance", "firm": "exploitation"})["subsystem"].tolist() == [
        "governance",
        "exploitation",
    ]
    with pytest.raises(NetklyngeError, match="church"):
        subsystems(study, {"firm": "church"})


@FEW
@given(tables(), st.sampled_from(RINGS[:3]))
def test_pairs_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    kinds = {"research": "generation", "firm": "exploitation", "parent": "exploitation", "public": "governance",
             "network_org": "mediation"}  # fmt: skip
    own = {row["actor"] for row in insiders(study)}
    group = {}
    for row in records(study.actors):
        beyond = row["scale"] in RINGS[RINGS.index(cut) + 1 :]
        if row["kind"] == "category" or (row["actor"] not in own and row["scale"] is not None and not beyond):
            continue
        group[row["actor"]] = "outside" if beyond else kinds.get(row["kind"], "untagged")
        if row["scale"] is None:
            group[row["actor"]] = "untagged"
    for layer in ("supply", "rd"):
        seen = {frozenset((t["source"], t["target"])) for t in in_force(study, layer)}
        pairs = [tuple(group[a] for a in p) for p in seen if len(p) == 2 and p <= set(group)]
        table = flow_matrix(study)
        table = table[table["layer"] == layer]
        got = {frozenset((r.part, r.other)): r.pairs for r in table.itertuples() if r.pairs}
        assert got == {k: sum(frozenset(p) == k for p in pairs) for k in map(frozenset, pairs)}


# -- position ------------------------------------------------------------------------------------------------


def test_positions_by_hand():
    table = nearest_type(6, 3, 1).set_index("type")
    assert table["distance"].round(3).to_dict() == {"RIS1": 0.510, "RIS2": 0.245, "RIS3": 1.122}
    assert table["margin"].iloc[0] == pytest.approx(0.510 - 0.245, abs=1e-3)
    assert nearest_type(8, 1, 1)["type"].iloc[0] == "RIS1"
    for counts in ((0, 0, 0), (-1, 2, 3)):
        with pytest.raises(NetklyngeError, match="position"):
            nearest_type(*counts)


def test_position_of_a_district_counts_each_pair_once():
    row = system_position(flows()).iloc[0]
    assert row[["firm_firm", "firm_support", "outside", "pairs", "left_out"]].tolist() == [1, 2, 1, 4, 0]


# -- barriers ------------------------------------------------------------------------------------------------


def cliques(*sizes, **more):
    """Firms in cliques with no tie between them, and enough of the others for nothing to be thin."""
    names = [[f"c{k}-{m}" for m in range(size)] for k, size in enumerate(sizes)]
    actors = [actor(name, "firm") for group in names for name in group]
    actors += [actor(f"{kind}{k}", kind) for kind in ("research", "network_org", "public") for k in range(3)]
    return district(actors, rd(*(p for group in names for p in combinations(group, 2)), **more))


def test_three_cliques_are_fragmented():
    found = barriers(cliques(4, 4, 4))
    assert finding(found, "fragmented") == "yes"
    assert set(found.actors["actor"]) == {f"c{k}-{m}" for k in (1, 2) for m in range(4)}
    signs = found.signs.set_index("sign")
    assert signs.loc["largest component", ["n", "of"]].tolist() == [4, 12]
    assert signs.loc["modularity", "value"] == pytest.approx(2 / 3)  # three equal parts: 1 - 3 (1/3)^2
    assert signs.loc["modularity", "expected"] < 0.5
    assert pd.isna(signs.loc["generation-exploitation pairs", "holds"])  # nobody who makes knowledge has a tie


def test_one_old_clique_is_locked_in_and_its_dates_are_needed():
    old, undated, young = cliques(6, start=1990), cliques(6), cliques(6, start=2004)
    assert finding(barriers(old.at(2005)), "locked_in") == "yes"
    assert set(barriers(old.at(2005)).actors["actor"]) == {f"c0-{m}" for m in range(6)}
    assert finding(barriers(undated), "locked_in") == "not assessable"
    assert finding(barriers(young.at(2005)), "locked_in") == "no"
    assert finding(barriers(old.at(2005)), "fragmented") == "no"


def test_ties_outwards_open_the_system():
    study = cliques(6, start=1990)
    away = [actor(f"x{k}", "firm", "international") for k in range(6)]
    ties = [*records(study.relations), *rd(*((f"c0-{k}", f"x{k}") for k in range(6)), start=1990)]
    opened = district([*records(study.actors), *away], ties).at(2005)
    sign = barriers(opened).signs.set_index("sign").loc["outside share"]
    assert sign[["n", "of"]].tolist() == [6, 21]
    assert finding(barriers(opened), "locked_in") == "no"
    assert finding(barriers(opened, outside=0.3), "locked_in") == "yes"


def test_many_industries_contradict_lock_in():
    study = cliques(6, start=1990)
    study.actors["sector"] = [f"{10 + k}.1" for k in range(len(study.actors))]
    found = barriers(study.at(2005))
    assert found.signs.set_index("sign").loc["evenness of industries", "value"] == pytest.approx(1)
    assert finding(found, "locked_in") == "no"


def test_without_anybody_who_makes_knowledge_it_is_thin():
    actors = [actor(f"{kind}{k}", kind) for kind in ("firm", "network_org", "public") for k in range(3)]
    found = barriers(district(actors, rd(("firm0", "firm1"))))
    assert finding(found, "thin") == "yes"
    assert found.signs.set_index("sign").loc["actors: generation", ["n", "holds"]].tolist() == [0, True]
    unknown = district([*actors, *(actor(f"u{k}", None) for k in range(3))], rd(("firm0", "firm1")))
    assert finding(barriers(unknown), "thin") == "not assessable"  # three whose kind nobody has told


def test_few_pairs_never_show_that_nothing_is_wrong():
    assert finding(barriers(cliques(2, 2)), "fragmented") == "not assessable"


def test_each_finding_has_figures_and_a_remedy():
    found = barriers(nk.load("raufoss"), KNOWING, permutations=19)
    assert found.findings["barrier"].tolist() == ["thin", "fragmented", "locked_in"]
    assert found.findings[["wrong", "remedy", "source"]].notna().all(axis=None)
    assert set(found.signs["barrier"]) == {"thin", "fragmented", "locked_in"}
    assert found.signs["threshold"].notna().all()
    assert finding(barriers(nk.load("horten"), KNOWING, permutations=19), "thin") == "yes"


def test_three_towns_as_the_docs_tell_them():
    """The table in docs/innovation-system.md."""
    expected = {
        "horten": (["yes", "not assessable", "no"], [20, 29]),
        "kongsberg": (["no", "not assessable", "not assessable"], [3, 4]),
        "raufoss": (["no", "no", "no"], [30, 49]),
    }
    for name, (findings, outside) in expected.items():
        found = barriers(nk.load(name), KNOWING, permutations=99)
        assert found.findings["finding"].tolist() == findings
        assert found.signs.set_index("sign").loc["outside share", ["n", "of"]].tolist() == outside
    place = system_position(nk.load("raufoss"), KNOWING).iloc[0]
    assert place[["name", "outside", "pairs"]].tolist() == ["regionalised national", 23, 31]


@FEW
@given(tables(), st.sampled_from(RINGS[:3]))
def test_any_study_has_tables_and_shares_are_shares(rows, cut):
    found = system_tables(district(*rows).cut(cut), permutations=9)
    assert found["outside"]["share"].dropna().between(0, 1).all()
    assert found["flows"]["density"].dropna().between(0, 1).all()
    assert found["helix"]["share"].dropna().between(0, 1).all()
    assert set(found["findings"]["finding"]) <= {"yes", "no", "not assessable"}
    concerned = set(found["concerned"]["barrier"])
    assert concerned <= set(found["findings"].loc[found["findings"]["finding"] == "yes", "barrier"])


def test_unknown_words_are_told():
    for wrong in ({"colour": 1.0}, {"required": ["church"]}, {"permutations": 0}):
        with pytest.raises(NetklyngeError, match=r"colour|church|at least one"):
            barriers(nk.load("horten"), KNOWING, **wrong)


def test_the_same_seed_gives_the_same_and_names_do_not_matter():
    study = nk.load("raufoss")
    one, two = (barriers(study, KNOWING, permutations=49).signs for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    renamed = {a: f"z{k}" for k, a in enumerate(sorted(study.actors["actor"]))}
    actors = study.actors.assign(actor=study.actors["actor"].map(renamed))
    ties = study.relations.assign(**{end: study.relations[end].map(renamed) for end in ("source", "target")})
    other = nk.load({"actors": actors, "relations": ties.sample(frac=1, random_state=1)})
    again = barriers(other, KNOWING, permutations=49).signs
    exact = ["sign", "value", "n", "of"]
    rows = one["sign"].ne("new ties")  # the frames have no reference year
    pd.testing.assert_frame_equal(one.loc[rows, exact], again.loc[rows, exact])


# -- helix ---------------------------------------------------------------------------------------------------


def test_four_of_four_kinds_all_tied():
    actors = [actor("r", "research"), actor("b", "firm"), actor("p", "public"), actor("c", "network_org")]
    found = helix(district(actors, rd(*combinations("rbpc", 2))), tags={"c": "culture_voluntary"})
    row = found.balance.iloc[0]
    assert row[["pairs", "share", "triads", "triple_helix", "tetrads", "untagged"]].tolist() == [6, 1, 4, 1, 1, 0]
    assert found.bridges["other_groups"].tolist() == [3] * 4
    assert found.mixing["pairs"].tolist() == [1] * 6


def test_a_hybrid_may_stand_for_either_of_its_kinds():
    actors = [actor("b", "firm"), actor("p", "public"), actor("h", "network_org")]
    study = district(actors, rd(*combinations("bph", 2)))
    assert helix(study).balance["untagged"].item() == 1
    row = helix(study, tags={"h": ["research", "public"]}).balance.iloc[0]
    assert row[["pairs", "cross_kind", "triple_helix"]].tolist() == [3, 2, 1]  # h and p have the public side in common


@FEW
@given(st.lists(st.sampled_from(list(combinations(range(7), 2))), min_size=1, max_size=18, unique=True), st.data())
def test_triads_counted_one_by_one(pairs, data):
    kinds = [data.draw(st.sampled_from(["research", "firm", "public"])) for _ in range(7)]
    actors = [actor(f"a{k}", kind) for k, kind in enumerate(kinds)]
    study = district(actors, rd(*((f"a{a}", f"a{b}") for a, b in pairs)))
    net = nx.Graph(pairs)
    triads = sum(
        len({kinds[v] for v in t}) == 3
        for t in combinations(net, 3)
        if all(net.has_edge(*e) for e in combinations(t, 2))
    )
    row = helix(study).balance.iloc[0]
    assert (row["triads"], row["triple_helix"], row["tetrads"]) == (triads, triads, 0)
    assert row["cross_kind"] == sum(kinds[a] != kinds[b] for a, b in pairs)


# -- roles, coalitions, distances, levels ----------------------------------------------------------------------


def test_two_of_four_roles():
    study = district([actor(a, "firm") for a in "abc"], rd(("a", "b")))
    table = completeness(study, {"a": "core_firms", "b": "core_firms", "c": "soft_infrastructure"}).set_index("role")
    assert (table["state"] == "filled").sum() == 2
    assert set(table.index[table["state"] == "empty"]) == {"supporting_firms", "hard_infrastructure"}
    with pytest.raises(NetklyngeError, match="boss"):
        completeness(study, {"a": "boss"})


def test_roles_as_the_sales_tell_them():
    actors = [actor("core", "firm"), actor("shop", "firm"), actor("quiet", "firm"), actor("far", "firm", "national")]
    ties = [{"source": a, "target": b, "layer": "supply"} for a, b in (("core", "far"), ("shop", "core"))]
    table = completeness(district(actors, ties)).set_index("role")
    assert table["names"].to_dict()["core_firms"] == "core"
    assert table["names"].to_dict()["supporting_firms"] == "shop"
    assert table.loc["soft_infrastructure", "state"] == "empty"
    assert table.loc["hard_infrastructure", "state"] == "not assessed"
    assert table["unknown"].unique().tolist() == [1]


def test_a_college_makes_it_a_coalition():
    actors = [actor("f", "firm"), actor("m", "public"), actor("u", "education"), actor("body", "network_org")]
    joined = [{"source": a, "target": "body", "layer": "membership"} for a in "fm"]
    row = coalitions(district(actors, joined)).iloc[0]
    assert (row["coalition"], row["lacks"]) == (False, "research")
    paid = [*joined, {"source": "u", "target": "body", "layer": "funding"}]
    assert not coalitions(district(actors, paid))["coalition"].item()  # money is no membership
    whole = [*joined, {"source": "u", "target": "body", "layer": "membership"}]
    assert coalitions(district(actors, whole))["coalition"].item()
    group = [*joined, {"source": "g", "target": "body", "layer": "membership"}]
    assert pd.isna(coalitions(district([*actors, actor("g", "category")], group))["coalition"].item())


def test_distances_of_krackhardts_kite():
    kite = nx.krackhardt_kite_graph()
    study = district([actor(f"k{v}", "firm") for v in kite], rd(*((f"k{a}", f"k{b}") for a, b in kite.edges)))
    row = thickness(study).iloc[0]
    assert row["mean_distance"] == pytest.approx(1.9778, abs=5e-5)
    assert row["reach_two"] == pytest.approx(0.733, abs=5e-4)
    assert (row["tied"], row["largest"], row["kinds"]) == (10, 10, 0)


def test_evenness_of_printed_partner_locations():
    """Table 8.1: shares of partners by ring, as printed; the four evennesses are computed from them."""
    table = pd.read_csv(surveys() / "published" / "innovation_partner_location.csv", comment="#").set_index("town")
    shares = table[["local_pct", "regional_pct", "national_pct", "international_pct"]]
    got = {town: round(evenness(row), 3) for town, row in shares.iterrows()}
    assert {got["Kongsberg"], got["Horten"], got["Raufoss"]} == {0.923, 0.956, 0.943}
    assert 0.986 in got.values()
    assert (evenness([5, 5, 5, 5]), evenness([3, 0]), evenness([4])) == (pytest.approx(1), 0, 0)
    with pytest.raises(NetklyngeError):
        evenness([0, 0])


def test_rings_add_up_to_the_ties_that_insiders_have():
    study = nk.load("horten")
    table = ring_sectors(study, ["rd"])
    own = set(study.insiders["actor"])
    ties = study.ties("rd")
    assert table["ties"].sum() == sum(ties[end].isin(own).sum() for end in ("source", "target"))
    assert (table[["private", "public", "other"]].sum(axis=1) == table["ties"]).all()


@pytest.mark.parametrize("name", ["horten", "kongsberg"])
def test_public_studies_say_what_is_hidden_and_not_that_it_is_missing(name):
    public, _ = nk.public_study(nk.load(name), key="a secret of the user")
    found = system_tables(public, KNOWING, permutations=19)
    thin = found["findings"].set_index("barrier").loc["thin", "finding"]
    assert thin in ("no", "not assessable")
    named = set(nk.load(name).actors["name"]) - set(public.actors["name"])
    shown = set(pd.concat([t.astype("string").stack() for t in found.values() if len(t)]))
    assert not named & shown


def test_every_subsystem_stands_in_the_table_of_every_layer():
    table = outside_shares(nk.load("kongsberg"))
    assert list(product(table["layer"].unique(), SUBSYSTEMS)) == list(zip(table["layer"], table["part"], strict=True))
