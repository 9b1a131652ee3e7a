"""What the founding study found, claim by claim: every check_id of verdicts.csv is a test or is listed with a reason.

The claims, and the lines of NIBR-rapport 2005:11 that they rest on, stand in ``verdicts.csv``; the numbers expected
here are those of the claims. Register figures come from the published tables that the package carries.
"""

import csv
import re
from functools import cache
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import netklynge as nk
from netklynge.district.buzz import joint_bodies, peer_cooperation
from netklynge.district.hubs import find_hubs
from netklynge.district.location import inside_share, tie_share
from netklynge.district.pipelines import partners
from netklynge.networks.arrays import index_ties, to_igraph
from netklynge.networks.centrality import centralization
from netklynge.regions.dynamics import firm_dynamics, implied_stocks
from netklynge.regions.growth import change, growth_index
from netklynge.regions.registers import published, tidy
from netklynge.regions.scoreboard import signs
from netklynge.regions.specialisation import location_quotients
from netklynge.study.layers import PIPELINE_LAYERS
from netklynge.study.ties import inside_ties, named_ties, owners_above
from netklynge.typology.hallmarks import hallmarks
from netklynge.typology.verdicts import verdicts

HORTEN, KONGSBERG, RAUFOSS = (nk.load(name) for name in ("horten", "kongsberg", "raufoss"))
TOWNS = {"Horten": HORTEN, "Kongsberg": KONGSBERG, "Raufoss": RAUFOSS}
RA = "raufoss-ammunisjonsfabrikk"
KV = "kongsberg-vapenfabrikk"

NOT_TESTS = {
    "R09": "The draws divide between no local system (four in ten), hub-and-spoke (three) and satellite (two): the two "
    "parts of what the report says, and neither named. What is missing: the local share of purchases, a quarter of "
    "the value by 31 firms, lies about the crossover, and no list of the hubs' suppliers is published.",
    "X08": "Three of the four columns of the scoreboard cannot be computed: no figure behind innovation and "
    "profitability is printed, and no one threshold gives the signs of the jobs column (+6.6 points is '+', +19.9 "
    "'(+)'). The fourth column, new firms, follows from printed figures and is part of X09.",
}


@cache
def located(town):
    return nk.locate(TOWNS[town])


@cache
def verdicts_of(town):
    """Verdicts at the local, regional and national cut."""
    return verdicts(TOWNS[town])


def published_share(town, item, ring, column="share"):
    """One cell of the link-location table, by the item as the study words it."""
    table = located(town)
    row = table[(table["item"] == item) & (table["ring"] == ring) & (table["source"] == "published")]
    assert len(row) == 1, (item, ring)
    return float(row[column].iloc[0])


def ring_shares(ties):
    """Shares of any ties by ring."""
    return nk.link_location(ties, by=[]).set_index("ring")["share"].dropna()


def tie_shares(study, layer):
    """Shares of a layer's ties in force by ring."""
    return ring_shares(study.ties(layer))


def innovation_partners(town):
    """Published shares of innovation partners by ring (table 8.1), in whole per cent."""
    table = located(town)
    rows = table[table["item"] == "innovation partners"].set_index("ring")
    return (100 * rows["share"]).round().astype(int)


def hallmark(study, name):
    return float(hallmarks(study).set_index("name").loc[name, "value"])


def partners_of(ties):
    """Distinct partners of each actor, most first."""
    graph = nx.Graph(list(zip(ties["source"], ties["target"], strict=True)))
    return pd.Series(dict(graph.degree())).sort_values(ascending=False)


def betweenness(ties):
    indexed = index_ties(ties)
    graph = to_igraph(indexed, directed=False).simplify()
    return pd.Series(graph.betweenness(), index=indexed.actors).sort_values(ascending=False)


def parents(study):
    """Spin-offs of each parent, most first."""
    return study.ties("spin_off")["source"].value_counts()


def core(table):
    """Rows of a register table that are the technology core, and the yardstick of the rest of the country."""
    cells = published(table).cells
    return cells[cells["sector_no"].str.startswith("core(") | (cells["sector_no"] == "core1_manufacturing")]


def jobs_in_large(scope):
    """Share of jobs in establishments of over 100, per cent, by town; from the head counts of table v.4."""
    cells = published("establishments_and_jobs_by_size_2005").cells
    rows = cells[cells["sector_no"].str.startswith(scope)].set_index("area")
    return (100 * rows["emp_gt100"].astype(float) / rows["emp_total"].astype(float)).round()


# -- Horten ------------------------------------------------------------------------------------------


def test_H01_local_supply_runs_from_contract_suppliers_to_system_houses():
    contract = {"contract_manufacturer", "mechanical_supplier"}
    system = {"systems_house", "technology_supplier", "systems_house_or_technology_supplier"}
    actors = HORTEN.actors.set_index("actor")["role"]
    givers = {*actors.index[actors.isin(contract)], "cat-horten-contract-suppliers", "cat-horten-subcontractors-local"}
    takers = {*actors.index[actors.isin(system)], "cat-horten-systech"}
    ties = HORTEN.ties("supply")
    ties = ties[ties["scale"] == "local"]
    forth = ties["source"].isin(givers) & ties["target"].isin(takers)
    back = ties["source"].isin(takers) & ties["target"].isin(givers)
    assert back.sum() == 0
    assert forth.sum() > len(ties) / 2
    turned = HORTEN.ties("customer")
    assert turned["target"].tolist() == HORTEN.ties("supply")["source"].tolist()


def test_H02_supply_is_more_local_than_rd():
    assert tie_share(HORTEN, "supply").share > tie_share(HORTEN, "rd").share


def test_H03_rd_is_national_before_all():
    rd = tie_shares(HORTEN, "rd")
    assert rd.idxmax() == "national"
    assert rd["national"] > tie_shares(HORTEN, "supply")["national"]


def test_H04_several_hubs_and_a_net_that_holds_without_kongsberg_maritime():
    ties = HORTEN.ties("supply")
    local = ties[ties["scale"] == "local"]
    firms = HORTEN.actors.loc[HORTEN.actors["kind"] == "firm", "actor"]
    taken_part = pd.concat([local["source"], local["target"]]).value_counts()
    assert taken_part.reindex(firms).max() < len(local) / 2
    supply = HORTEN.graph("supply")
    net = nx.Graph([(a, b) for a, b, ring in supply.edges(data="scale") if ring == "local"])
    units = {actor for actor, above in owners_above(HORTEN).items() if "kongsberg-maritime" in above}
    assert units & set(net)
    net.remove_nodes_from(units)
    assert nx.number_connected_components(net) == 1
    assert find_hubs(HORTEN)["hub"].sum() > 1


def test_H05_hub_and_spoke_with_several_hubs():
    verdict = verdicts_of("Horten")[0]
    assert verdict.type == "hub_and_spoke"
    assert verdict.hubs > 1
    assert max(verdict.memberships["satellite"], verdict.memberships["small_firm"]) < 0.5


def test_H06_parents_of_spin_offs():
    counts = parents(HORTEN)
    assert counts.idxmax() == "ame"
    assert counts["ame"] > counts.drop("ame").max()
    assert counts["km-offshore-merchant-marine"] == counts["simrad"] == 2


def test_H07_mechanical_suppliers_are_more_local_than_contract_suppliers():
    mechanical = published_share("Horten", "largest suppliers of mechanical parts (about)", "local")
    electronics = published_share("Horten", "important contract suppliers of electronics (about)", "local")
    assert mechanical == pytest.approx(2 / 3, abs=0.005)
    assert electronics == pytest.approx(1 / 3, abs=0.005)


def test_H08_strategic_suppliers_are_less_local_than_mechanical_ones():
    item = "strategically important suppliers of physical products"
    share = published_share("Horten", item, "local")
    assert share == pytest.approx(6 / 23)
    assert share < published_share("Horten", "largest suppliers of mechanical parts (about)", "local")


def test_H09_contract_suppliers_trade_less_abroad():
    table = located("Horten")
    abroad = table[(table["ring"] == "international") & table["item"].str.contains("mean of firms")]
    shares = abroad.set_index(["group", "flow"])["share"]
    assert shares["contract suppliers", "in"] == pytest.approx(0.17)
    assert shares["contract suppliers", "out"] == pytest.approx(0.18)
    assert shares["system houses and technology suppliers", "in"] == pytest.approx(0.33)
    assert shares["system houses and technology suppliers", "out"] == pytest.approx(0.65)


def test_H10_innovation_partners():
    found = innovation_partners("Horten")
    assert found["local"] == 18
    assert found["national"] + found["international"] == 67
    assert inside_share(HORTEN, "rd").share == pytest.approx(0.18)
    assert 1 - inside_share(HORTEN.cut("regional"), "rd").share == pytest.approx(0.67)


def test_H11_both_buzz_and_pipelines():
    assert peer_cooperation(HORTEN)["cooperates"].any() or (HORTEN.ties("informal")["scale"] == "local").any()
    rows = partners(HORTEN, PIPELINE_LAYERS)
    assert {"national", "international"} <= set(rows["ring"].dropna())
    table = nk.profile(HORTEN).set_index("layer")
    both = table.loc[["supply", "rd"]]
    assert (both["share"] > 0).all()
    assert (both["share"] < 1).all()


def test_H12_owners_do_not_make_a_satellite():
    outside_vestfold = hallmark(HORTEN, "outside_control")
    abroad = hallmark(HORTEN.cut("national"), "outside_control")
    split = [round(100 * x) for x in (abroad, outside_vestfold - abroad, 1 - outside_vestfold)]
    assert split == [31, 58, 11]
    assert verdicts_of("Horten")[0].type != "satellite"


def test_H13_jobs_in_the_ict_industry():
    cells = published("ict_jobs_index_horten_1998_2005").cells
    jobs = cells.melt(id_vars="area", var_name="year").rename(columns={"area": "region"})
    jobs = jobs.assign(industry="ICT", year=jobs["year"].astype(int), value=jobs["value"].astype(float))
    index = growth_index(jobs, 1998)
    found = index[index["year"] == 2005].set_index("region")["index"]
    assert found.round(1).to_dict() == {"Horten municipality": 101.6, "Rest of country": 80.7}


def test_H14_a_working_cluster():
    operative = verdicts_of("Horten")[0].operative
    assert operative["share"] > 0.9  # of what its evidence allows; its bounds leave the level itself open
    assert operative["level"] != "latent"
    assert operative["criteria"]["transactions"] > 0.5


def test_H15_own_firm_and_customers_lead_the_sources():
    cells = published("information_sources_horten").cells
    first = cells[cells["rank"].astype(int) <= 2]
    assert set(cells["group"]) == {"contract", "systech"}
    for _, group in first.groupby("group"):
        assert sorted(group["information_source"]) == ["customers", "within the firm"]


# -- Kongsberg ---------------------------------------------------------------------------------------

ALL_SUPPLIERS = "most important suppliers: all four supplier types"


def test_K01_satellite_at_the_narrow_cut():
    verdict = verdicts_of("Kongsberg")[0]
    assert (verdict.cut, verdict.type) == ("local", "satellite")


def test_K02_no_clear_satellite_when_eastern_norway_counts():
    narrow, wide, _ = verdicts_of("Kongsberg")
    assert round(100 * inside_share(KONGSBERG.cut("regional"), "supply").share) == 52
    assert (narrow.cut, wide.cut) == ("local", "regional")
    assert wide.type != "satellite"
    assert wide.memberships["satellite"] < 0.5 < narrow.memberships["satellite"]


def test_K03_table_5_4():
    assert published_share("Kongsberg", ALL_SUPPLIERS, "local", "share_of_answers") == pytest.approx(0.173, abs=5e-4)
    # 18 of 88 answers, 20.45 per cent; the printed figures give 17.3 of 84.6, 20.45 from below
    assert published_share("Kongsberg", ALL_SUPPLIERS, "local") == pytest.approx(0.205, abs=1e-3)
    for column, expected in (("share_of_answers", 0.269), ("share", 0.318)):
        for ring in ("regional", "international"):
            assert published_share("Kongsberg", ALL_SUPPLIERS, ring, column) == pytest.approx(expected, abs=5e-4)


def test_K04_software_and_knowledge_come_from_nearby():
    kinds = [
        "semi-finished goods: software",
        "knowledge services",
        "semi-finished goods: physical parts",
        "raw materials",
    ]
    for column in ("share", "share_of_answers"):
        software, knowledge, parts, raw = (
            published_share("Kongsberg", f"most important suppliers: {kind}", "local", column) for kind in kinds
        )
        assert min(software, knowledge) > parts > raw


def test_K05_rd_is_more_national_than_supply():
    assert tie_shares(KONGSBERG, "rd")["national"] > tie_shares(KONGSBERG, "supply")["national"]


def test_K06_no_named_supply_inside():
    assert inside_ties(KONGSBERG, "supply").empty
    assert not KONGSBERG.ties("supply").empty


def test_K07_large_firms_share_owners_and_staff_only():
    large = KONGSBERG.actors.loc[KONGSBERG.actors["role"].isin(["core_firm", "core_firm_unit", "large_firm"]), "actor"]
    ties = KONGSBERG.ties()
    between = ties[ties["source"].isin(large) & ties["target"].isin(large)]
    assert set(between["layer"]) == {"ownership", "mobility"}
    above = owners_above(KONGSBERG)
    owned = between[between["layer"] == "ownership"]
    assert all(above[a] & above[b] for a, b in zip(owned["source"], owned["target"], strict=True))


def test_K08_pooling_layers_misleads():
    pooled = ring_shares(KONGSBERG.ties())["local"]
    supply = tie_shares(KONGSBERG, "supply")["local"]
    assert pooled == pytest.approx(0.39, abs=0.01)  # 44 of 115; the claim says "about"
    assert supply == pytest.approx(0.07, abs=0.005)
    assert pooled > 3 * supply


def test_K09_the_old_arms_factory():
    degrees = partners_of(named_ties(KONGSBERG, period="past"))
    assert degrees.index[0] == KV
    assert degrees.iloc[0] > 3 * degrees.iloc[1]
    events = KONGSBERG.ties("spin_off")
    assert ((events["source"] == KV) & (events["start"] == 1987)).sum() >= 7


def test_K10_not_a_small_firm_district():
    assert jobs_in_large("core(")["Kongsberg"] == 80
    founded = core("firm_dynamics_1998_2005").set_index("area")["founded_pct_of_1998"].astype(float)
    assert founded["Kongsberg"] < founded["rest_of_country"]
    assert [v.memberships["small_firm"] < 0.5 for v in verdicts_of("Kongsberg")] == [True] * 3


def test_K11_no_hubs_at_the_narrow_cut():
    table = find_hubs(KONGSBERG)
    large = table[table["large"].fillna(False)]
    assert len(large) > 3
    assert large["suppliers"].sum() == 0
    assert table["hub"].sum() == 0
    assert verdicts_of("Kongsberg")[0].memberships["hub_and_spoke"] < 0.5


def test_K12_where_the_turnover_goes():
    assert published_share("Kongsberg", "sales", "international") == pytest.approx(0.47)
    local = published_share("Kongsberg", "domestic sales (a good third)", "local")
    regional = published_share("Kongsberg", "domestic sales (about a quarter)", "regional")
    national = published_share("Kongsberg", "domestic sales (the rest, over two fifths)", "national")
    assert local == pytest.approx(1 / 3, abs=0.01)
    assert regional == pytest.approx(0.25)
    assert national > 0.4
    assert local + regional + national == pytest.approx(1)


def test_K13_seven_suppliers_take_half():
    cells = published("supplier_tiers_fmc_2004").cells.set_index("tier")
    suppliers = cells["suppliers"].astype(int)
    purchases = cells["purchases_nok_million"].astype(float)
    shares = (100 * purchases / purchases.sum()).round(1)
    assert (suppliers["partner"], suppliers["standard"], suppliers.sum()) == (7, 363, 381)
    assert shares["partner"] == 50.4
    assert shares["standard"] == pytest.approx(33, abs=0.5)
    ties = KONGSBERG.ties("supply").set_index("source")
    assert "50.4 %" in ties.loc["cat-kongsberg-fmc-partners", "content"]


def test_K14_degree_follows_from_what_was_listed():
    ties = named_ties(KONGSBERG)
    degrees = partners_of(ties)
    assert degrees.index[0] == "kongsberg-automotive"
    customers = KONGSBERG.ties("supply").query("source == 'kongsberg-automotive'")["target"]
    without = partners_of(ties[~ties["target"].isin(customers)])
    assert without.index[0] != "kongsberg-automotive"


def test_K15_extremes_of_the_innovation_partners():
    others = pd.DataFrame({town: innovation_partners(town) for town in ("Horten", "Raufoss")})
    own = innovation_partners("Kongsberg")
    assert own.to_dict() == {"local": 30, "regional": 10, "national": 20, "international": 40}
    assert (own[["local", "international"]] > others.max(axis=1)[["local", "international"]]).all()
    assert (own[["regional", "national"]] < others.min(axis=1)[["regional", "national"]]).all()


def test_K16_little_buzz_and_strong_pipelines_at_the_narrow_cut():
    narrow, wide, _ = verdicts_of("Kongsberg")
    assert (narrow.cut, wide.cut) == ("local", "regional")
    members = narrow.hallmarks.set_index("name")["membership"]
    assert max(members["local_trade"], members["peer_cooperation"], members["inside_innovation"]) < 0.5
    assert members["outside_reach"] > 0.5
    assert narrow.type != wide.type
    inside, outside = nk.profile(KONGSBERG).set_index("layer").loc["supply", ["inside", "outside"]]
    assert inside < outside


# -- Raufoss -----------------------------------------------------------------------------------------


def test_R01_one_hub_in_the_past():
    ties = named_ties(RAUFOSS, period="past")
    for centrality in (partners_of(ties), betweenness(ties)):
        assert centrality.index[0] == RA
        assert centrality.iloc[0] > 3 * centrality.iloc[1]
    owned = RAUFOSS.ties("ownership", period="past")
    years = owned[(owned["source"] == "norwegian-state") & (owned["target"] == RA)].iloc[0]
    assert (years["end"] - years["start"]) / (2004 - 1896) > 0.5


def test_R02_parent_of_most_spin_offs():
    counts = parents(RAUFOSS)
    assert (counts.index[0], counts.iloc[0], counts.sum()) == (RA, 20, 25)


def test_R03_several_cores_now():
    ties = named_ties(RAUFOSS)
    park = ties["source"].eq("raufoss-industripark") | ties["target"].eq("raufoss-industripark")
    ties = ties[~ties["layer"].isin(["spin_off", "competition"]) & ~park]
    assert betweenness(ties).index[0] == "rtim"
    assert set(partners_of(ties).index[:4]) == {"rtim", "nammo", "hara", "hap-raufoss"}
    assert centralization(ties, "degree") == pytest.approx(0.1, abs=0.02)


def test_R04_sells_abroad_and_buys_at_home():
    located = RAUFOSS.ties("membership")
    park = located.loc[located["target"] == "raufoss-industripark", "source"]
    ties = RAUFOSS.ties("supply")
    sold = ring_shares(ties[ties["source"].isin(park)])
    bought = ring_shares(ties[ties["target"].isin(park)])
    assert sold["international"] > 0.5
    assert bought["local"] == 1


def test_R05_rd_reaches_out_and_training_stays():
    rd = tie_shares(RAUFOSS, "rd")
    assert rd["national"] + rd["international"] > 0.5
    assert all(tie_shares(RAUFOSS, layer)["local"] > 0.5 for layer in ("service", "education", "membership"))


def test_R06_two_kinds_of_core_firm():
    ties = RAUFOSS.ties()
    nammo = ring_shares(ties[ties[["source", "target"]].eq("nammo").any(axis=1)])
    assert nammo["international"] > 0.5
    supply = RAUFOSS.ties("supply")
    rings = supply[supply[["source", "target"]].eq("hap-raufoss").any(axis=1)]["scale"]
    assert (len(rings), (rings == "local").sum()) == (6, 5)


def test_R07_one_local_rivalry():
    ties = inside_ties(RAUFOSS, "competition")
    assert [set(pair) for pair in ties[["source", "target"]].values] == [{"intek", "raufoss-industrial-tools"}]


def test_R08_not_a_small_firm_district():
    assert jobs_in_large("total")["Raufoss_VestreToten"] == 86
    assert [v.memberships["small_firm"] < 0.5 for v in verdicts_of("Raufoss")] == [True] * 3


def test_R10_purchases_and_partners_are_two_things():
    bought, together = inside_share(RAUFOSS, "supply"), inside_share(RAUFOSS, "rd")
    assert (round(100 * bought.share), bought.unit) == (25, "percent_of_value")
    assert (round(100 * together.share), together.unit) == (12, "percent_of_links")
    assert together.share == min(inside_share(study, "rd").share for study in TOWNS.values())


def test_R11_ranks_of_innovation_partners():
    ranked = innovation_partners("Raufoss").sort_values(ascending=False)
    assert ranked.index.tolist() == ["international", "national", "regional", "local"]


def test_R12_export():
    assert published_share("Raufoss", "sales (about)", "international") == pytest.approx(0.85)
    assert published_share("Raufoss", "sales of car parts", "international") == pytest.approx(1)


def test_R13_foreign_owners():
    told = published("production_firms_raufoss_2005").cells["actor"]
    firms = RAUFOSS.actors.set_index("actor").loc[told]
    foreign = firms["owner_scale"] == "international"
    assert (foreign.sum(), len(firms)) == (4, 13)
    jobs = RAUFOSS.sizes().reindex(firms.index)
    assert 100 * jobs[foreign].sum() / jobs.sum() == pytest.approx(17, abs=0.5)


def test_R14_from_one_company_to_a_cluster():
    then, now = nk.classify(RAUFOSS.at(1985)), nk.classify(RAUFOSS.at(2005))
    # one company then: the only one with a size, the state's, and that type before all others (one firm names none)
    assert (next(iter(then.candidates)), RAUFOSS.at(1985).sizes().index.tolist()) == ("state_anchored", [RA])
    assert now.candidates.get("state_anchored", 0) == 0
    # a regional cluster is a specialised concentration with interaction; how operative it is, X02 compares
    jobs = tidy(published("jobs_by_sector_1997_2005").cells, "area", "sector_no")
    jobs = jobs[(jobs["year"] == 2005) & (jobs["measure"] == "employees") & jobs["industry"].str.fullmatch(r"\d")]
    quotients = location_quotients(jobs, reference="rest_of_country").set_index(["region", "industry"])
    assert quotients.loc[("Raufoss_VestreToten", "2"), "low"] > 1  # vehicles and parts
    assert now.operative["share"] > 0.5 > then.operative["share"]  # interaction
    assert len(inside_ties(RAUFOSS, "supply")) > len(inside_ties(RAUFOSS.at(1985), "supply"))
    events = RAUFOSS.ties("spin_off")
    years = events.loc[events["source"] == RA, "start"]
    assert years.between(1996, 2004).sum() > len(years) / 2


# -- the three towns ---------------------------------------------------------------------------------


def test_X01_local_production():
    horten, kongsberg, raufoss = (tie_share(study, "supply").share for study in TOWNS.values())
    assert horten > raufoss > kongsberg


def test_X02_how_operative():
    horten, kongsberg, raufoss = (verdicts_of(town)[0].operative for town in TOWNS)
    assert horten["share"] > 0.5 > kongsberg["share"]  # operative in most draws, and in few
    assert horten["grade"] > raufoss["grade"] > kongsberg["grade"]
    joint = raufoss["criteria"]["joint_work"]
    assert joint == max(raufoss["criteria"].values())
    assert joint > kongsberg["criteria"]["joint_work"]


def test_X03_glocal():
    for town, study in TOWNS.items():
        assert (partners(study, PIPELINE_LAYERS)["ring"] == "international").any()
        assert tie_shares(study, "supply")["international"] > 0
        rd = innovation_partners(town)
        assert rd["local"] + rd["regional"] + rd["national"] > rd["international"]


def test_X04_partners_give_another_order():
    partners_inside = {name: inside_share(study, "rd").share for name, study in TOWNS.items()}
    production = {name: tie_share(study, "supply").share for name, study in TOWNS.items()}
    assert sorted(partners_inside, key=partners_inside.get, reverse=True) == ["Kongsberg", "Horten", "Raufoss"]
    assert sorted(production, key=production.get, reverse=True) == ["Horten", "Raufoss", "Kongsberg"]
    assert {name: round(100 * share) for name, share in partners_inside.items()} == {
        "Horten": 18,
        "Kongsberg": 30,
        "Raufoss": 12,
    }


def test_X05_partners_far_away():
    far = {name: 100 * (1 - inside_share(study.cut("regional"), "rd").share) for name, study in TOWNS.items()}
    assert {name: round(share) for name, share in far.items()} == {"Raufoss": 68, "Horten": 67, "Kongsberg": 60}


def test_X06_cluster_bodies():
    tables = {name: joint_bodies(study) for name, study in TOWNS.items()}
    assert min(len(tables["Horten"]), len(tables["Raufoss"])) > len(tables["Kongsberg"])
    # formal bodies: network organisations; a school that firms founded (Kongsberg) is none
    formal = {name: table[table["kind"] == "network_org"] for name, table in tables.items()}
    count = {name: (len(table), table["role"].nunique()) for name, table in formal.items()}
    for town in ("Horten", "Raufoss"):
        assert all(own > other for own, other in zip(count[town], count["Kongsberg"], strict=True))


def test_X07_one_parent_or_many():
    first = {name: parents(study).iloc[0] / parents(study).sum() for name, study in TOWNS.items()}
    assert min(first["Kongsberg"], first["Raufoss"]) >= 4 / 5
    assert first["Horten"] <= 1 / 3


def test_X09_founding_in_the_core():
    cells = core("firm_dynamics_1998_2005").set_index("area")
    counts = cells[["founded_1998_2005", "closed_1998_2005"]].astype(int).set_axis(["founded", "closed"], axis=1)
    printed = cells[["founded_pct_of_1998", "turbulence"]].astype(float)
    towns = ["Raufoss_VestreToten", "Kongsberg", "Horten"]
    stocks = {
        town: implied_stocks(
            *counts.loc[town], founded_pct=printed.loc[town].iloc[0], turbulence=printed.loc[town].iloc[1]
        )
        for town in towns
    }
    rates = []
    for town, found in stocks.items():
        assert len(found) == 1, town  # only one stock of 1998 gives the printed rates
        rates.append(firm_dynamics(counts.loc[[town]].assign(stock=found[0]))["founded_pct"].iloc[0])
    country = float(printed.loc["rest_of_country", "founded_pct_of_1998"])
    assert [*map(round, rates), country] == [89, 45, 17, 61]
    figures = pd.DataFrame({"region": towns, "indicator": "new firms", "value": rates, "nation": country})
    board = published("scoreboard_towns").cells.set_index("town")["new_firm_rates_1998_2005"].str.strip("()")
    # any tolerance below 16 points, the gap of Kongsberg, gives the signs of figure 8.1
    assert signs(figures, 15)["sign"].tolist() == board[["Raufoss", "Kongsberg", "Horten"]].tolist()


def test_X10_jobs_in_the_technology_industries():
    jobs = tidy(published("jobs_by_sector_1997_2005").cells, "area", "sector_no")
    jobs = jobs[(jobs["industry"] == "total") & (jobs["measure"] == "employees")]
    found = change(jobs, 1997, 2005).set_index("region")["change_pct"]
    expected = {"Kongsberg": 22.8, "Raufoss_VestreToten": 6.8, "Horten": -2.7}
    assert found[list(expected)].round(1).to_dict() == expected


def test_X11_jobs_in_large_establishments():
    found = jobs_in_large("core(")
    assert found[["Raufoss_VestreToten", "Kongsberg", "Horten"]].tolist() == [93, 80, 74]


# -- nothing left out --------------------------------------------------------------------------------


def test_every_claim_is_tested_or_listed_once():
    here = Path(__file__)
    with here.with_name("verdicts.csv").open(encoding="utf-8", newline="") as file:
        claimed = [row["check_id"] for row in csv.DictReader(file)]
    tested = re.findall(r"^def test_([A-Z]\d\d)_", here.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(claimed) == len(set(claimed)) == 56
    assert sorted([*tested, *NOT_TESTS]) == sorted(claimed)
    assert all(len(reason) > 20 for reason in NOT_TESTS.values())
