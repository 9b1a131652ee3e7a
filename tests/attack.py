"""Attacks on public versions of studies: margins, differencing, unique attributes, numbers of ties.

Run as a script it attacks the three towns and prints what each attack got; the tests assert it.
"""

from dataclasses import dataclass, replace

import pandas as pd

import netklynge as nk
from netklynge.disclosure.anonymity import combinations_shown, degrees, pseudonyms, public_study
from netklynge.study.study import Study

KEY = "the user's own secret"
K = 3
TOWNS = ("horten", "kongsberg", "raufoss")
CELL = ["layer", "scale"]


@dataclass(frozen=True)
class Loot:
    """What an attack got: tries, exact values learnt for certain, and how often a best guess was right."""

    attack: str
    tries: int
    certain: int
    guessed: float


def public(study: Study) -> Study:
    return public_study(study, K, KEY)[0]


def in_force(study: Study) -> pd.DataFrame:
    """The ties that a public version draws on."""
    events = study.relations["layer"] == "spin_off"
    return study.relations[events | study.relations["current"].fillna(True).astype(bool)]


def without(study: Study, actor: str) -> Study:
    """The study as it would be had the actor not answered."""
    ties = study.relations
    kept = ties[(ties["source"] != actor) & (ties["target"] != actor)]
    return replace(study, actors=study.actors[study.actors["actor"] != actor], relations=kept)


def counts(study: Study) -> pd.Series:
    return study.relations.assign(scale=study.relations["scale"].fillna("?")).groupby(CELL).size()


def margins_of_ties(study: Study, release: Study) -> Loot:
    """Read small counts off the ties by layer and ring, and off differences of their margins."""
    shown = counts(release)
    small = (shown < K).sum()
    for level in CELL:
        for _, line in shown.groupby(level):
            small += ((line.sum() - line).between(1, K - 1)).sum()
    return Loot("margins of ties", len(shown), int(small), float("nan"))


def margins_of_answers(study: Study, release: Study) -> Loot:
    """Subtract what is shown from 100 per cent, from n, and from the item that sums the others."""
    shown, true = release.links, study.links
    gaps, certain = 0, 0
    for _, block in shown.groupby(["table", "layer", "flow", "group", "unit"], dropna=False):
        lines = [block, *(b for _, b in block.groupby("item")), *(b for _, b in block.groupby("scale"))]
        for line in lines:
            hidden = line[line["value"].isna()]
            gaps += len(hidden)
            if len(hidden) != 1 or len(line) == 1:
                continue
            whole = 100.0 if str(line["unit"].iloc[0]).startswith("percent") else line["n"].astype(float).max()
            row = hidden.iloc[0]
            same = (true["item"] == row["item"]) & (true["scale"] == row["scale"]) & (true["n"] == row["n"])
            rest = whole - float(line["value"].sum())
            certain += int((true.loc[same.fillna(False), "value"].sub(rest).abs() < 0.06).any())
    return Loot("margins of answers", gaps, certain, float("nan"))


def unique_attributes(study: Study, release: Study) -> Loot:
    """Look for combinations of shown attributes that fewer than k actors have."""
    alike = combinations_shown(release)
    return Loot("unique attributes", len(alike), int((alike < K).sum()), float("nan"))


def differencing(study: Study, release: Study, firms: int = 8) -> Loot:
    """Publish with and without one firm; learn how many ties it has by layer and ring.

    Each count shown stands for up to 2k - 2 more ties, so a difference d stands for d - (2k - 2) to
    d + (2k - 2); the attack is certain where that leaves one number that can be.
    """
    before = release
    study = replace(study, links=study.links.iloc[:0])  # published answers are the same with and without
    tries, certain, right = 0, 0, 0
    named = study.insiders.loc[study.insiders["kind"] == "firm", "actor"].head(firms)
    for firm in named:
        after = public(without(study, firm))
        assert not set(before.actors["actor"]) & set(after.actors["actor"][~after.is_category])
        change = counts(before).sub(counts(after), fill_value=0)
        ties = in_force(study)
        own = ties[(ties["source"] == firm) | (ties["target"] == firm)]
        true = own.assign(scale=own["scale"].fillna("?")).groupby(CELL).size()
        for cell, drop in change.items():
            low, high = max(drop - (2 * K - 2), 0), drop + (2 * K - 2)
            tries += 1
            certain += int(low == high)
            right += int(max(drop, 0) == true.get(cell, 0) and true.get(cell, 0) > 0)
    return Loot("differencing", tries, certain, right / max(tries, 1))


def numbers_of_ties(study: Study, release: Study) -> Loot:
    """Know the kind, ring and number of ties of every actor; pick the pseudonym that fits best."""
    single = release.actors[~release.is_category]
    found = degrees(release.relations, single["actor"]).set_axis(single["actor"])
    true = degrees(in_force(study), study.actors["actor"]).set_axis(study.actors["actor"])
    kept = len(release.relations) / len(in_force(study))
    name = pseudonyms(study, KEY, K)
    tries, certain, right = 0, 0, 0.0
    for actor, kind, ring in study.actors[["actor", "kind", "scale"]].itertuples(index=False):
        alike = single[(single["kind"] == kind) & (single["scale"] == ring)]["actor"]
        if name[actor] not in set(alike):
            continue
        possible = found[alike][found[alike] <= true[actor]]
        fit = (found[alike] - true[actor] * kept).abs()
        best = fit.index[fit <= fit.min() + 1e-9]
        tries += 1
        certain += int(len(possible) < 2)
        right += (name[actor] in best) / len(best)
    return Loot("numbers of ties", tries, certain, right / max(tries, 1))


ATTACKS = (margins_of_ties, margins_of_answers, unique_attributes, differencing, numbers_of_ties)


def main() -> None:
    for town in TOWNS:
        study = nk.load(town)
        release = public(study)
        for attack in ATTACKS:
            loot = attack(study, release)
            line = f"{town:10} {loot.attack:20} tries {loot.tries:4}  certain {loot.certain}"
            print(line, "" if loot.guessed != loot.guessed else f" best guess right {loot.guessed:.0%}")


if __name__ == "__main__":
    main()
