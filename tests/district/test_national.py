"""A nation's ties on disk: the same numbers as for a study, whatever the files are cut into."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

import netklynge as nk
from netklynge.cli.commands import app
from netklynge.district import national
from netklynge.district.national import is_national, locate_national, profile_national
from netklynge.findings import InputError, NetklyngeError

COUNTED = ["layer", "cut", "inside", "outside", "unknown", "ei"]


@pytest.fixture(params=nk.bundled())
def parts(request, tmp_path):
    """A bundled study, and its ties as three Parquet files in a folder."""
    study = nk.load(request.param)
    for k, start in enumerate(range(0, len(study.relations), 100)):
        study.relations.iloc[start : start + 100].to_parquet(tmp_path / f"part-{k}.parquet")
    return study, tmp_path


def test_locate_is_that_of_the_study(parts):
    study, folder = parts
    expected = nk.locate(nk.load(study.relations))  # ties alone: nobody's place is known, and nothing is published
    pd.testing.assert_frame_equal(locate_national(folder), expected, check_dtype=False)


@pytest.mark.parametrize("cut", ["local", "regional", "national"])
def test_profile_counts_as_that_of_the_study(parts, cut):
    study, folder = parts
    table = nk.profile(nk.load(study.relations).cut(cut)).set_index("layer")
    found = profile_national(folder, cut).set_index("layer")
    assert list(found.columns) == list(table.columns)
    expected = table.loc[found.index]
    pd.testing.assert_frame_equal(found[COUNTED[1:]], expected[COUNTED[1:]], check_dtype=False)
    assert found["density"].isna().all()


def test_a_folder_of_parts_loads_as_a_study(parts):
    study, folder = parts
    again = nk.load(folder)
    pd.testing.assert_frame_equal(again.relations, study.relations, check_dtype=False)


def test_the_command_line_counts_from_disk_above_a_size(parts, monkeypatch):
    _, folder = parts
    assert not is_national(folder)
    whole = CliRunner().invoke(app, ["locate", str(folder), "--format", "csv"])
    monkeypatch.setattr(national, "LARGEST_STUDY", 50)
    assert is_national(folder)
    counted = CliRunner().invoke(app, ["locate", str(folder), "--format", "csv"])
    assert "counted from disk" in counted.stderr
    assert counted.stdout == whole.stdout  # ties alone: nothing is published there
    assert CliRunner().invoke(app, ["profile", str(folder), "--format", "csv"]).exit_code == 0
    refused = CliRunner().invoke(app, ["locate", str(folder), "--at", "1985"])
    assert isinstance(refused.exception, InputError)


def test_bad_files_are_named(tmp_path):
    with pytest.raises(InputError, match="no Parquet"):
        locate_national(tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing of the kind")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        is_national(tmp_path)
    pd.DataFrame({"source": ["a"], "target": ["b"]}).to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(InputError, match="'scale' is missing"):
        locate_national(tmp_path)
    pd.DataFrame({"source": ["a"], "target": ["b"], "scale": ["local"], "layer": ["gossip"]}).to_parquet(
        tmp_path / "bad.parquet"
    )
    with pytest.raises(NetklyngeError, match="'gossip'"):
        locate_national(tmp_path)
