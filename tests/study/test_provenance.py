"""Where results come from: the same inputs, the same record; nothing of the machine in it."""

import json
from pathlib import Path

import netklynge as nk
from netklynge.study.provenance import input_hashes, provenance


def test_a_copy_of_a_study_has_the_same_hashes_and_a_changed_one_has_not(tmp_path):
    study = nk.load("horten")
    copy = nk.load(study.save(tmp_path / "horten"))
    assert input_hashes(copy)["relations"] == input_hashes(study)["relations"]
    changed = (tmp_path / "horten" / "relations.csv").read_text().replace("2004", "2003", 1)
    (tmp_path / "horten" / "relations.csv").write_text(changed)
    assert input_hashes(nk.load(tmp_path / "horten"))["relations"] != input_hashes(study)["relations"]


def test_no_place_of_this_machine_is_recorded(tmp_path):
    study = nk.load("horten")
    record = json.dumps(provenance(study, ["report", str(tmp_path / "mine"), "-o", "C:\\Users\\me\\out"], seed=3))
    assert str(tmp_path) not in record
    assert "Users" not in record
    assert str(Path.home()) not in record
    assert json.loads(record)["command"] == "report mine -o out"
    assert json.loads(record)["seed"] == 3
