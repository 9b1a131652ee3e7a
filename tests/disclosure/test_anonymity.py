"""The public version of a study: nothing of the originals, k of everything, and attacks that get nothing."""

import re
import stat
from dataclasses import replace
from importlib import resources
from pathlib import Path

import attack
import pandas as pd
import pytest

import netklynge as nk
from netklynge.disclosure.anonymity import SIZES, combinations_shown, key_file, pseudonyms, public_study
from netklynge.findings import NetklyngeError
from netklynge.pages import reports
from netklynge.pages.suggestions import render_suggestions
from netklynge.systems.innovation_system import system_tables
from netklynge.systems.property_sheet import study_evidence

KEY = attack.KEY
# Words of our own format that a study also uses as a sector or to say what a tie is about.
OWN_WORDS = {"firms", "funding", "group", "incubator", "ministry", "municipality"}
OWN_WORDS |= {"owner", "parent", "public", "technology", "research institute", "service", "services"}
OWN_WORDS |= {"supply", "ownership"}
DECIMAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")


@pytest.fixture(scope="module", params=attack.TOWNS)
def town(request):
    return nk.load(request.param)


@pytest.fixture(scope="module")
def released(town):
    return public_study(town, key=KEY)


def secrets_of(study):
    """Names, ids, other names and texts of every actor; places and sectors that fewer than k have; content."""
    actors, ties = study.actors, study.relations
    words = [actors["actor"], actors["name"], actors["aka"].str.split(";").explode(), ties["content"]]
    for column in ("place", "sector"):
        sizes = actors.groupby(column)["actor"].transform("size")
        words.append(actors.loc[sizes < attack.K, column])
    words.append(pd.Series(study.meta["notes"]))
    found = {word.strip() for word in pd.concat(words).dropna() if len(word.strip()) > 2}
    allowed = {study.name, *study.title.split(), *(str(item) for item in study.links["item"].dropna())}
    return {word for word in found if not any(word in text for text in allowed)}


def test_no_byte_of_the_public_files_tells_a_name_a_place_or_a_text(town, released, tmp_path):
    public, hidden = released
    folder = public.save(tmp_path / "public")
    hidden.to_csv(folder / "disclosure.csv", index=False)
    text = "\n".join(path.read_text() for path in sorted(folder.iterdir()))
    told = [word for word in secrets_of(town) if told_in(text, word)]
    assert set(told) <= OWN_WORDS


def told_in(text, word):
    return word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def pages_of(study):
    """Everything that people look at, as one text."""
    found = reports.results(study)
    tables = [*system_tables(study, permutations=19).values(), study_evidence(study), nk.find_gaps(study)]
    tables.append(nk.if_leaves(study))
    texts = [reports.render_report(study, found), reports.render_markdown(study, found), nk.view(study).html]
    return "\n".join([*texts, render_suggestions(study), *(table.to_csv() for table in tables)])


def test_no_page_of_a_public_study_tells_a_name_a_place_or_a_text():
    town = nk.load("kongsberg")
    text = pages_of(public_study(town, key=KEY)[0])
    told = [word for word in secrets_of(town) if told_in(text, word)]
    package = Path(str(resources.files("netklynge")))
    files = list(package.rglob("*.*"))
    own = [file.read_text("utf-8") for file in files if file.name.endswith((".html", ".po", ".yaml"))]
    assert {word for word in told if not any(word in page for page in own)} <= OWN_WORDS


def test_no_number_of_an_actor_or_a_date_of_a_tie_is_written(town, released, tmp_path):
    public, hidden = released
    folder = public.save(tmp_path / "public")
    hidden[hidden["table"] != "links"].to_csv(folder / "disclosure.csv", index=False)
    shown = {
        number
        for name in ("actors.csv", "relations.csv", "disclosure.csv")
        for number in DECIMAL.findall((folder / name).read_text())
    }
    actors, ties = town.actors, town.relations
    columns = [actors["employees"], actors["founded"], actors["closed"], ties["start"], ties["end"]]
    numbers = {f"{number:g}" for column in columns for number in column.dropna().astype(float)}
    bounds = set(DECIMAL.findall(" ".join(name for _, name in SIZES)))  # "50-249": a class, whoever has 50 employees
    assert not shown & numbers - {"1", "2", "3"} - bounds  # flags and the threshold


def test_hidden_answers_are_nowhere(town, released):
    public, _ = released
    rows = town.links.merge(public.links, on=["table", "item", "flow", "group", "scale", "unit"], how="left")
    shown = rows[rows["value_y"].notna()]
    assert (shown["value_x"] == shown["value_y"]).all()
    assert (shown["n_x"].fillna(attack.K) >= attack.K).all()
    assert public.links["lines"].isna().all()


@pytest.mark.parametrize("k", [2, 3, 5])
def test_everything_shown_stands_for_k(town, k):
    """Combinations of attributes for k actors; counts by layer and ring for a multiple of k ties."""
    public, _ = public_study(replace(town, links=town.links.iloc[:0]), k, KEY)
    assert combinations_shown(public).min() >= k
    assert (attack.counts(public) % k == 0).all()


def test_the_largest_employer_of_each_ring_is_in_a_class(town, released):
    public, _ = released
    sizes = town.actors.dropna(subset=["employees"])
    largest = sizes.loc[sizes.groupby("scale")["employees"].idxmax(), "actor"]
    names = pseudonyms(town, KEY)
    assert not set(names[largest]) & set(public.actors["actor"])


def test_a_public_study_is_a_study_that_loads_and_runs(released, tmp_path):
    public, _ = released
    again = nk.load(public.save(tmp_path / "public"))
    pd.testing.assert_frame_equal(again.relations, public.relations, check_dtype=False)
    assert again.links["value"].isna().sum() == public.links["value"].isna().sum()
    assert len(nk.locate(public)) > 0
    assert public.graph().number_of_edges() == len(public.ties())


def test_the_same_again_is_the_same_and_another_key_is_another(town):
    study = replace(town, links=town.links.iloc[:0])
    (public, hidden), (again, hidden_again) = public_study(study, key=KEY), public_study(study, key=KEY)
    pd.testing.assert_frame_equal(public.actors, again.actors)
    pd.testing.assert_frame_equal(public.relations, again.relations)
    pd.testing.assert_frame_equal(hidden, hidden_again)
    other, _ = public_study(study, key="another secret of the user")
    single = public.actors.loc[~public.is_category, "actor"]
    assert not set(single) & set(other.actors["actor"])


def test_the_holder_of_the_key_can_say_who_is_who(town, released):
    public, _ = released
    names = pseudonyms(town, KEY)
    single = public.actors[~public.is_category]
    back = {pseudonym: actor for actor, pseudonym in names.items()}
    kinds = town.actors.set_index("actor")["kind"]
    assert [kinds[back[actor]] for actor in single["actor"]] == single["kind"].tolist()
    assert names.is_unique


def test_order_tells_nothing(released):
    public, _ = released
    single = public.actors.loc[~public.is_category, "actor"].tolist()
    assert single == sorted(single)
    keys = list(public.relations[["layer", "source", "target"]].itertuples(index=False, name=None))
    assert keys == sorted(keys)


def test_single_answers_and_columns_of_the_users_own_are_dropped():
    town = nk.load("horten")
    answers = pd.DataFrame({"respondent": ["secret-1"], "question": ["q"], "item": ["i"], "answer": ["a"]})
    actors = town.actors.assign(phone="33 00 00 00")
    study = replace(town, answers=answers, actors=actors, links=town.links.iloc[:0])
    public, hidden = public_study(study, key=KEY)
    assert public.answers.empty
    assert "phone" not in public.actors
    assert "answers" in set(hidden["table"])


def test_past_years_are_published_as_seen():
    town = nk.load("raufoss")
    public, _ = public_study(town.at(1990), key=KEY)
    assert public.when == 1990
    assert public.relations["start"].isna().all()


@pytest.mark.parametrize("k", [1, 0, True, 2.5])
def test_a_k_that_protects_nobody_is_refused(town, k):
    with pytest.raises(NetklyngeError, match="protects nobody"):
        public_study(town, k, KEY)


def test_a_short_key_and_a_tiny_study_are_refused(town):
    with pytest.raises(NetklyngeError, match="too short"):
        public_study(town, key="guess")
    ties = pd.DataFrame({"source": ["a"], "target": ["b"], "layer": ["supply"]})
    with pytest.raises(NetklyngeError, match="fewer than 3 actors"):
        public_study(nk.load(ties), key=KEY)


def test_a_study_of_relations_alone_can_be_published():
    ties = pd.DataFrame({"source": list("abcdefgh"), "target": list("bcdefgha"), "layer": "supply"})
    public, _ = public_study(nk.load(ties), key=KEY)
    assert combinations_shown(public).min() >= 3
    assert not set("abcdefgh") & set(public.actors["actor"])


def test_a_key_is_made_once_and_private(tmp_path):
    path = tmp_path / "keys" / "key"
    key = key_file(path)
    assert len(key) >= 32
    assert key_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "short").write_text("x")
    with pytest.raises(NetklyngeError, match="too short"):
        key_file(tmp_path / "short")
    with pytest.raises(NetklyngeError, match="cannot be read or made"):
        key_file(path / "below a file")


ASSAULTS = [attack.margins_of_ties, attack.margins_of_answers, attack.unique_attributes, attack.numbers_of_ties]


@pytest.mark.parametrize("assault", ASSAULTS)
def test_attacks_on_one_release_get_nothing_for_certain(town, released, assault):
    loot = assault(town, released[0])
    assert loot.tries > 0
    assert loot.certain == 0


def test_knowing_everybodys_number_of_ties_a_guess_is_no_better_than_one_in_k(town, released):
    assert attack.numbers_of_ties(town, released[0]).guessed <= 1 / attack.K


def test_two_releases_with_and_without_a_firm_tell_no_number_of_its_ties(town, released):
    loot = attack.differencing(town, released[0], firms=1)
    assert loot.tries > 0
    assert loot.certain == 0


def test_the_attacks_do_get_something_where_nothing_is_protected(town):
    assert attack.margins_of_ties(town, town).certain > 0
    assert attack.unique_attributes(town, town).certain > 0
