"""Signs from stated thresholds; the whole of a region's statistics by one call."""

from __future__ import annotations

import pandas as pd
import pytest

from netklynge.findings import NetklyngeError
from netklynge.pages.regions import write_region
from netklynge.regions.registers import published
from netklynge.regions.scoreboard import signs
from netklynge.regions.statistics import region
from netklynge.study.loading import surveys

PUBLISHED = surveys() / "published"


def test_signs_on_the_line():
    rows = pd.DataFrame({"region": list("abcd"), "indicator": "x", "value": [5.0, 5.1, -5.1, None], "nation": 0.0})
    out = signs(rows, 5)
    assert out["sign"].tolist()[:3] == ["0", "+", "-"]
    assert out["sign"].isna().tolist() == [False, False, False, True]
    with pytest.raises(NetklyngeError, match="'x'"):
        signs(rows, {"y": 1})


def test_new_firms_of_figure_81():
    # the cores against the same sectors elsewhere (framework A9): Kongsberg 45 against 63 %, Horten 17 against 58,
    # Raufoss 89 against 63; the figure prints -, -, (+)
    board = region([PUBLISHED / "firm_dynamics_1998_2005.csv"])["firm_dynamics_1998_2005_scoreboard"]
    core = board[board["indicator"].str.contains("core") & (board["region"] != "technology_towns")].set_index("region")
    assert core.loc["Kongsberg", ["value", "nation"]].astype(float).round().tolist() == [45, 63]
    assert core.loc["Horten", ["value", "nation"]].astype(float).round().tolist() == [17, 58]
    assert core.loc["Raufoss_VestreToten", ["value", "nation"]].astype(float).round().tolist() == [89, 63]
    printed = published("scoreboard_towns").cells.set_index("town")["new_firm_rates_1998_2005"].str.strip("()")
    ours = core["sign"].rename(index={"Raufoss_VestreToten": "Raufoss"})
    assert ours.to_dict() == printed.to_dict()


def test_one_command_regenerates_the_tables(tmp_path):
    names = [
        "jobs_change_by_sector_group_1997_2005",
        "jobs_horten_and_region_1997_2005",
        "firm_dynamics_ict_horten_1998_2005",
        "establishments_and_jobs_kongsberg_1997_2005",
        "firm_dynamics_kongsberg_1998_2005",
        "jobs_raufoss_1997_2005",
        "main_figures_towns_2005",
        "jobs_by_sector_1997_2005",
        "establishments_and_jobs_by_size_2005",
        "establishments_by_size_2005",
        "firm_dynamics_1998_2005",
        "ict_jobs_index_horten_1998_2005",
    ]
    files = write_region([PUBLISHED / f"{n}.csv" for n in names], tmp_path / "out")
    tables = {f.stem: pd.read_csv(f) for f in files if f.suffix == ".csv"}
    recomputed = tables["recomputed"]
    missed = recomputed[~recomputed["fits"]]
    # what remains is the source's own: D7 (cores of Halden), EH11, EK3, ER5
    assert set(zip(missed["file"], missed["row"], strict=True)) == {
        ("establishments_and_jobs_by_size_2005.csv", 10),
        ("firm_dynamics_1998_2005.csv", 11),
        ("jobs_horten_and_region_1997_2005.csv", 10),
        ("establishments_and_jobs_kongsberg_1997_2005.csv", 10),
        ("jobs_raufoss_1997_2005.csv", 4),
    }
    assert len(recomputed) > 500
    dynamics = tables["firm_dynamics_1998_2005_firm_dynamics"].dropna(subset=["stock"])
    for rate in ("founded_pct", "net_pct", "turbulence"):
        assert ((dynamics[rate] - dynamics[f"{rate}_printed"]).abs() <= 0.5 + 1e-9).all()
    assert set(tables["differences"]["file"]) <= {f"{n}.csv" for n in names}


def test_a_statbank_file_and_a_nation(tmp_path):
    import json

    from registers import STATBANK

    whole = json.loads(json.dumps(STATBANK))
    whole["value"][6] = 7
    file = tmp_path / "jobs.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    out = region([file], reference="0701")
    quotients = out["jobs_Jobs_location_quotients"]
    assert set(quotients["region"]) == {"0604"}
    # 2 of 6 jobs against 6 of 14 elsewhere
    assert quotients.set_index("industry").loc["26", "lq"] == pytest.approx((2 / 6) / (6 / 14))


def test_no_quotients_between_different_industries():
    # table v.2 holds cores of the towns and "all other industries" of the country: no common list, no quotient
    assert not [n for n in region([PUBLISHED / "main_figures_towns_2005.csv"]) if n.endswith("quotients")]
