"""Local buzz against counting by hand: ties inside, owner groups, peers, joint bodies."""

from collections import defaultdict

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, FIRM, district, in_force, insiders, records, sides, tables

import netklynge as nk
from netklynge.district.buzz import BODY_KINDS, joint_bodies, peer_cooperation
from netklynge.study.layers import COOPERATION, TAKING_PART
from netklynge.study.ties import inside_ties, owners_above
from netklynge.study.zones import RINGS

CUT = st.sampled_from(RINGS[:3])


@FEW
@given(tables(), CUT)
def test_ties_inside_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    own = {row["actor"] for row in insiders(study)}
    for layer in ("supply", "membership"):
        expected = [(t["source"], t["target"]) for t in in_force(study, layer) if {t["source"], t["target"]} <= own]
        assert list(inside_ties(study, layer)[["source", "target"]].itertuples(index=False, name=None)) == expected


def groups_by_hand(study):
    """Owners above each actor by reachability along ownership from firms and owner groups."""
    kinds = {row["actor"]: row["kind"] for row in records(study.actors)}
    owns = nx.DiGraph()
    owns.add_nodes_from(kinds)
    owns.add_edges_from(
        (t["source"], t["target"])
        for t in records(study.relations)  # who owns whom elsewhere tells the groups inside, too
        if t["layer"] == "ownership"
        and t["current"] is not False
        and kinds[t["source"]] in ("firm", "parent")
        and not (t["content"] or "").startswith("lineage:")
    )
    return {actor: nx.ancestors(owns, actor) | {actor} for actor in kinds}


@FEW
@given(tables(), CUT)
def test_owner_groups_and_peers_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    above = groups_by_hand(study)
    assert owners_above(study) == above
    firms = {row["actor"] for row in insiders(study) if row["kind"] in ("firm", None)}
    peers, cooperates = defaultdict(set), set()
    for actor, partner, _, _, side, group in sides(study, *COOPERATION):
        if actor in firms and side and not above[actor] & above[partner] and (group or partner in firms):
            cooperates.add(actor)
            peers[actor] |= set() if group else {partner}
    table = peer_cooperation(study).set_index("actor")
    assert set(table.index) == firms
    assert table["peers"].to_dict() == {firm: len(peers[firm]) for firm in firms}
    assert set(table.index[table["cooperates"].astype(bool)]) == cooperates


@FEW
@given(tables(), CUT)
def test_joint_bodies_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    own = {row["actor"]: row for row in insiders(study)}
    groups = {row["actor"]: row for row in records(study.actors) if row["kind"] == "category"}
    within = RINGS[: RINGS.index(cut) + 1]
    expected = {}
    for body, row in own.items():
        if row["kind"] not in BODY_KINDS or "park" in (row["role"] or ""):
            continue
        members = set()
        for tie in in_force(study, *TAKING_PART):
            for member, other in ((tie["source"], tie["target"]), (tie["target"], tie["source"])):
                near = member in own or (member in groups and groups[member]["scale"] in within)
                if other == body and near:
                    members.add(member)
        firms = {m for m in members if m in groups or own[m]["kind"] in ("firm", None)}
        if len(members) >= 2 and firms:
            expected[body] = (len(members), len(firms))
    table = joint_bodies(study).set_index("actor")
    assert {body: tuple(row) for body, row in table[["participants", "firms"]].iterrows()} == expected


def test_cooperation_inside_a_group_is_no_peer_cooperation():
    actors = [{"actor": a, **FIRM} for a in "abc"] + [{"actor": "head", "kind": "parent", "scale": "national"}]
    ties = [
        {"source": "head", "target": "a", "layer": "ownership"},
        {"source": "a", "target": "b", "layer": "ownership"},
        {"source": "a", "target": "b", "layer": "rd"},
    ]
    assert peer_cooperation(district(actors, ties))["cooperates"].tolist() == [False] * 3
    ties += [{"source": "b", "target": "c", "layer": "rd"}]
    assert peer_cooperation(district(actors, ties))["peers"].tolist() == [0, 1, 1]


def test_the_state_as_owner_makes_no_group():
    actors = [{"actor": a, **FIRM} for a in "ab"] + [{"actor": "state", "kind": "public", "scale": "national"}]
    ties = [{"source": "state", "target": a, "layer": "ownership"} for a in "ab"]
    ties += [{"source": "a", "target": "b", "layer": "alliance"}]
    assert peer_cooperation(district(actors, ties))["cooperates"].all()


def test_a_common_origin_is_no_ownership():
    actors = [{"actor": a, **FIRM} for a in "ab"]
    ties = [
        {"source": "a", "target": "b", "layer": "ownership", "content": "lineage: sisters"},
        {"source": "a", "target": "b", "layer": "rd"},
    ]
    assert peer_cooperation(district(actors, ties))["cooperates"].all()


def test_owners_in_a_ring():
    actors = [{"actor": a, **FIRM} for a in "abc"]
    ties = [{"source": a, "target": b, "layer": "ownership"} for a, b in ("ab", "bc", "ca")]
    assert owners_above(district(actors, ties)) == dict.fromkeys("abc", frozenset("abc"))


@pytest.mark.parametrize(("role", "bodies"), [("network", 1), ("industrial park", 0)])
def test_being_housed_is_no_joint_work(role, bodies):
    actors = [{"actor": a, **FIRM} for a in "ab"]
    actors += [{"actor": "club", "kind": "network_org", "role": role, "scale": "local"}]
    ties = [{"source": a, "target": "club", "layer": "membership"} for a in "ab"]
    assert len(joint_bodies(district(actors, ties))) == bodies
    assert joint_bodies(district(actors, ties[:1])).empty  # one member makes nothing joint


def test_bodies_of_the_towns():
    names = {town: set(joint_bodies(nk.load(town))["actor"]) for town in ("horten", "kongsberg", "raufoss")}
    assert {"electronic-coast", "avanse", "mti", "nce-horten"} <= names["horten"]
    assert {"total-gruppen", "gkp", "nce-raufoss", "taf-raadet"} <= names["raufoss"]
    assert "raufoss-industripark" not in names["raufoss"]
    assert "kongsberg-naeringspark" not in names["kongsberg"]
