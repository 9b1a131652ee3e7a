"""netklynge: networks of regional industry clusters, their local buzz, pipelines and district types.

>>> import netklynge as nk
>>> study = nk.load("horten")
>>> study.cut("regional").boundary
'regional'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    name: room
    for room, names in {
        "findings": "NetklyngeError InputError StudyError Finding",
        "study": "Study load check bundled",
        "location": "locate link_location wilson",
        "profiles": "profile firms",
        "national": "locate_national profile_national",
        "pipelines": "partners partner_counts neighbours_pipelines",
        "buzz": "joint_bodies peer_cooperation",
        "homophily": "ei_index coleman assortativity orwg mixing",
        "brokers": "brokerage",
        "holes": "constraint",
        "centrality": "centralization density reciprocity",
        "cores": "core_periphery",
        "multiplexity": "overlap qap",
        "concentration": "gini hhi cr_k",
        "memberships": "project",
        "communities": "leiden components",
        "reach": "cognitive_positions external_reach removal_loss neighbour_pipelines",
        "nonresponse": "reconstruct response",
        "typology": "classify verdicts calibrate load_anchors",
        "stability": "replicates robustness turning_points",
        "comparisons": "compare",
        "views": "view",
        "mapview": "map_view",
        "districts": "simulate",
        "reports": "write_report",
        "graphfiles": "export read_graph",
        "matching": "match_names merge_actors",
        "places": "ring_of",
        "suppliers": "import_ledger",
        "microdata": "import_survey answer_table",
        "synthetic": "synthesize",
        "surveyfiles": "read_survey",
        "anonymity": "public_study",
        "disclosure": "protect_table",
        "classifier": "DistrictClassifier second_opinion",
        "suggestions": "suggest reasons",
        "backtest": "evaluate_suggestions",
        "introductions": "read_introductions record_introduction standing brokered_share",
        "gaps": "find_gaps isolates partner_kinds missing_kinds unfilled_kinds chain_gaps chain_balance",
        "dependence": "if_leaves leaving sole_partners pipeline_holders pipeline_reach",
        "advice": "write_suggestions",
        "flow_model": "flow_matrix outside_shares",
        "system_barriers": "barriers",
        "helices": "helix",
        "innovation_system": "system_position completeness coalitions thickness",
        "property_sheet": "read_evidence study_evidence indicator_states sheet_matrix four_properties co_location "
        "cluster_labels",
        "waves": "tie_changes wave_table actor_changes wave_measures respondent_test write_waves",
        "rosters": "write_roster read_roster",
        "registers": "read_register read_statbank group_industries",
        "specialisation": "location_quotients screen krugman hachman ellison_glaeser",
        "relatedness": "proximities relatedness_density complexity openings",
        "growth": "shift_share dynamic_shift_share growth_index target_path",
        "dynamics": "firm_dynamics size_structure new_firms_share leave_one_out",
        "economy": "accounts against_nation milieu_size",
        "ratings": "mean_scores share_of_answer top_three innovation_rates rank_correlations kendall_w",
        "auditing": "check_tables",
        "regions": "region with_register",
        "regionpages": "write_region render_region",
        "regenerations": "regenerate regenerated_tables",
    }.items()
    for name in names.split()
}

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> Any:
    """Open a room only when somebody asks for something in it, so that importing netklynge stays quick."""
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module 'netklynge' has no attribute '{name}'")
    value = getattr(import_module(f"netklynge.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
