"""The public version of a study: who is who cannot be seen, and what is shown of one is shown of several.

It is a study itself, so every view, table and report runs on it unchanged. Names become keyed pseudonyms;
actors that would stand out become classes; attributes are left out until every combination that is shown has
at least k actors; ties are withheld until every count by layer and ring is a multiple of k; free text and
single answers are dropped; published answers are protected as tables.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.disclosure.protection import Rules, protect_links
from netklynge.findings import NetklyngeError
from netklynge.study.contracts import CATEGORY, SOURCE_ONLY, TABLES
from netklynge.study.layers import EVENT_LAYERS
from netklynge.study.meta import Meta
from netklynge.study.ties import are_actual
from netklynge.study.zones import UNKNOWN

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["SHOWN", "combinations_shown", "degrees", "key_file", "pseudonyms", "public_study"]

SHOWN = ("owner_scale", "size_class", "role", "sector", "founded_decade", "place")
SIZES = ((250, "250 or more"), (50, "50 to 249"), (10, "10 to 49"), (0, "under 10"))  # EU classes of firms
_MIXED = "mixed"


def public_study(study: Study, k: int = 3, key: bytes | str = b"") -> tuple[Study, pd.DataFrame]:
    """The study as it may be published, and what was hidden.

    Parameters
    ----------
    study : Study
        As it is seen: its year and cut are kept. Ties in force are shown, and events; ties that are over are
        not.
    k : int
        The least number of actors, ties or answers that anything shown stands for.
    key : bytes or str
        The secret behind the pseudonyms, at least 16 bytes; it stays with the user. The same study, k and key
        give the same public study; another study gets other pseudonyms, so that two releases cannot be joined
        by them.

    Returns
    -------
    study, disclosure
        The public study; and a frame table, what, shown_as, reason that says what was hidden without saying
        it.

    Raises
    ------
    NetklyngeError
        k is below 2, or the key is short.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: a model for protecting privacy. International Journal of Uncertainty,
    Fuzziness and Knowledge-Based Systems 10(5), 557-570. Liu, K. & Terzi, E. (2008). Towards identity
    anonymization on graphs. SIGMOD, 93-106: degrees as what an attacker knows.

    Examples
    --------
    >>> import netklynge as nk
    >>> public, hidden = public_study(nk.load("horten"), key="a secret of the user")
    >>> public.actors["name"].isin(nk.load("horten").actors["name"]).any()
    np.False_
    """
    secret = _secret(key)
    if isinstance(k, bool) or not isinstance(k, int) or k < 2:
        raise NetklyngeError(f"k = {k!r} protects nobody; give a whole number from 2 up")
    seal = _seal(study, k)
    in_force, actors = _in_force(study)
    ties = _withheld(in_force, k, secret, seal)
    actors = _described(actors, in_force, ties, k)
    classes = _classes(actors, actors["band"].isna(), k)
    single = actors[~actors["actor"].isin(classes.index)].copy()
    for names in _split(single, k):
        single.loc[names.index, list(SHOWN)] = names
    known_as = pd.concat([classes, _pseudonyms(single["actor"], secret, seal)])
    links = _public_links(study, k)
    public = replace(
        study,
        actors=_public_actors(single, classes, known_as),
        relations=_public_ties(ties, known_as, k),
        links=links.drop(columns="reason"),
        answers=study.answers.iloc[:0],
        statements=study.statements.iloc[:0],
        notices=(),
        meta=Meta.of(_public_meta(study)),
        year=None,
        undated=0,
        undated_actors=0,
    )
    return public, _disclosure(study, classes, single, links, k)


def pseudonyms(study: Study, key: bytes | str, k: int = 3) -> pd.Series[str]:
    """Pseudonym of each actor in the public version made with this key: for the holder of the key only."""
    return _pseudonyms(study.actors["actor"], _secret(key), _seal(study, k))


def key_file(path: Path) -> bytes:
    """The key in `path`; a new one is made there, readable by its owner only, when there is none.

    Raises
    ------
    NetklyngeError
        The file cannot be read or made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _secret(path.read_bytes())
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        return path.read_bytes()
    except OSError as error:
        raise NetklyngeError(f"{path}: the key cannot be read or made: {error.strerror}") from None


def combinations_shown(study: Study) -> pd.Series[int]:
    """How many actors of a public study share each combination of shown attributes; categories left out.

    Examples
    --------
    >>> import netklynge as nk
    >>> public, _ = public_study(nk.load("raufoss"), key="a secret of the user")
    >>> int(combinations_shown(public).min()) >= 3
    True
    """
    single = study.actors[~study.is_category]
    shown = [column for column in single.columns if column not in ("actor", "name")]
    return single[shown].astype("string").fillna("").groupby(shown).size()


def _secret(key: bytes | str) -> bytes:
    secret = key.encode() if isinstance(key, str) else key
    if len(secret) < 16:
        raise NetklyngeError("the key of the pseudonyms is too short; give 16 bytes or more that nobody can guess")
    return secret


def _seal(study: Study, k: int) -> bytes:
    """What a release is made of; two releases that differ in anything have different seals."""
    digest = hashlib.sha256(repr((study.name, study.when, k)).encode())
    for table in TABLES:
        digest.update(getattr(study, table).to_csv(index=False).encode())
    return digest.digest()


def _keyed(secret: bytes, seal: bytes, *parts: str) -> str:
    return hmac.new(secret, seal + "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _pseudonyms(actors: pd.Series, secret: bytes, seal: bytes) -> pd.Series[str]:
    names = ["x" + _keyed(secret, seal, "actor", str(actor))[:12] for actor in actors]
    return pd.Series(names, index=list(actors), dtype="string")


# -- which ties and actors ---------------------------------------------------------------------------


def _in_force(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ties in force and events, and the actors of the district that are open or have such a tie."""
    events = study.relations["layer"].isin(EVENT_LAYERS)
    ties = study.relations[events | study.relations["current"].fillna(True).astype(bool)]
    ties = ties[are_actual(ties)]
    actors = study.actors[(study.actors["status"] != SOURCE_ONLY).fillna(True).astype(bool)]
    ties = ties[ties["source"].isin(actors["actor"]) & ties["target"].isin(actors["actor"])]
    year = 9999 if study.when is None else study.when
    over = (actors["closed"] <= year).fillna(False).astype(bool)
    tied = actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])
    return ties, actors[~over | tied].assign(over=over)


def _withheld(ties: pd.DataFrame, k: int, secret: bytes, seal: bytes) -> pd.DataFrame:
    """So many ties that each layer has a multiple of k in each ring.

    Of m ties the greatest multiple of k up to m - r is kept, r between 0 and k - 1 by the key: a count that
    is shown stands for 2k - 1 possible ones, and that it falls when a firm leaves does not say that a tie did.
    """
    order = [_keyed(secret, seal, "tie", *map(str, row)) for row in ties.itertuples()]
    shuffled = ties.assign(order=order).sort_values("order")
    kept = []
    for (layer, ring), cell in shuffled.groupby(["layer", shuffled["scale"].fillna(UNKNOWN)]):
        less = int(_keyed(secret, seal, "cell", str(layer), str(ring)), 16) % k
        kept.append(cell.iloc[: max(len(cell) - less, 0) // k * k])
    return pd.concat(kept).drop(columns="order") if kept else ties


def _described(actors: pd.DataFrame, in_force: pd.DataFrame, ties: pd.DataFrame, k: int) -> pd.DataFrame:
    """Actors with what may be shown of them, and a band of numbers of ties, blank where too few are in it."""
    sizes = actors["employees"].map(_size_class, na_action="ignore")
    decades = (actors["founded"] // 10 * 10).map(lambda year: f"{int(year)}s", na_action="ignore")
    group = (actors["kind"] == CATEGORY).fillna(False).astype(bool)
    size = actors["employees"].astype(float)
    largest = size.notna() & (size == size.groupby(actors["scale"].fillna(UNKNOWN)).transform("max"))
    degree = degrees(ties, actors["actor"]).mask(group | actors["over"] | largest)
    true = degrees(in_force, actors["actor"])
    withheld = 1 - len(ties) / max(len(in_force), 1)
    alike = degree.groupby([actors["kind"].fillna(UNKNOWN), actors["scale"].fillna(UNKNOWN)])
    bands = pd.concat([_safe_bands(part, true.loc[part.index], withheld, k) for _, part in alike])
    described = actors.assign(size_class=sizes, founded_decade=decades, band=bands.reindex(actors.index))
    return described.astype({"size_class": "string", "founded_decade": "string", "band": "Int64"})


def _safe_bands(degree: pd.Series, true: pd.Series[int], withheld: float, k: int) -> pd.Series[int]:
    """Bands such that k or more of those shown have no more ties than each one truly has: it may be any of them."""
    while True:
        bands = _bands(degree, withheld, k)
        shown = degree[bands.notna()].to_numpy(dtype=float)
        possible = (shown <= true.to_numpy()[:, None]).sum(axis=1)
        lone = bands.notna() & (possible < k)
        if not lone.any():
            return bands
        degree = degree.mask(lone)


def _bands(degree: pd.Series, withheld: float, k: int) -> pd.Series[int]:
    """The least number of ties in the band of each actor; blank where a band has fewer than k.

    A band is as wide as chance makes it: d ties of which each is withheld with the same chance vary by twice
    their standard deviation, so a reader who knows d cannot tell those in a band apart.
    """
    bands = pd.Series(pd.NA, index=degree.index, dtype="Int64")
    left = degree.dropna().sort_values()
    while len(left):
        least = float(left.iloc[0])
        spread = int(2 * (least * withheld) ** 0.5)  # variance d f (1 - f), least about d (1 - f)
        band = left[left <= least + spread]
        if len(band) >= k:
            bands[band.index] = int(least)
        left = left[left > least + spread]
    return bands


def _size_class(employees: float) -> str:
    return next(name for least, name in SIZES if employees >= least)


def degrees(ties: pd.DataFrame, actors: pd.Series) -> pd.Series[int]:
    """Number of ties of each actor, both ways and all layers."""
    ends = pd.concat([ties["source"], ties["target"]]).value_counts()
    return actors.map(ends).fillna(0).astype(int)


def _classes(actors: pd.DataFrame, lone: pd.Series[bool], k: int) -> pd.Series[str]:
    """Class of each actor that is shown only as one, each of k or more: kind and ring, ring, or neither."""
    if len(actors) < k:
        raise NetklyngeError(f"the study has fewer than {k} actors; nothing of it can be published")
    out = actors[lone] if not 0 < lone.sum() < k else actors
    ring = out["scale"].fillna(UNKNOWN)
    names = out["kind"].fillna(UNKNOWN) + " " + ring
    names = names.mask(names.groupby(names).transform("size") < k, _MIXED + " " + ring)
    sizes = names.value_counts()
    few = set(sizes.index[sizes < k])
    if few:  # with the smallest class that is large enough, whatever its ring
        few |= set(sizes[sizes >= k].tail(1).index) if sizes[list(few)].sum() < k else set()
        names = names.mask(names.isin(few), f"{_MIXED} {UNKNOWN}")
    return pd.Series(names.to_numpy(), index=out["actor"].tolist(), dtype="string")


def _split(single: pd.DataFrame, k: int) -> list[pd.DataFrame]:
    """Shown attributes of each group of actors alike so far, left blank where fewer than k share them."""
    keys = [single[column].astype("string").fillna("") for column in ("kind", "scale", "band")]
    parts = [part for _, part in single.groupby(keys)]
    for column in SHOWN:
        parts = [piece for part in parts for piece in _split_by(part, column, k)]
    return [part[list(SHOWN)] for part in parts]


def _split_by(part: pd.DataFrame, column: str, k: int) -> list[pd.DataFrame]:
    """The part by the values of a column that k or more share; the others together, blank, k or more too."""
    counts = part[column].value_counts()
    common = list(counts.index[counts >= k])
    while common and 0 < (~part[column].isin(common)).sum() < k:
        common.pop()
    rest = part[~part[column].isin(common)]
    blank = rest.assign(**{column: pd.Series(pd.NA, index=rest.index, dtype="string")})
    pieces = [part[(part[column] == value).fillna(False)] for value in common]
    return [piece for piece in (*pieces, blank) if len(piece)]


# -- the tables of the public version ----------------------------------------------------------------


def _public_actors(single: pd.DataFrame, classes: pd.Series[str], known_as: pd.Series[str]) -> pd.DataFrame:
    """One row per pseudonym and one per class (a category), sorted so that the old order tells nothing."""
    ids = single["actor"].map(known_as)
    shown = single[["kind", "scale", *SHOWN]].assign(actor=ids, name=ids)
    names = pd.Series(sorted(classes.unique()), dtype="string")
    rings = names.str.split(" ").str[-1]
    rings = rings.mask(rings == UNKNOWN)
    groups = pd.DataFrame({"actor": names, "name": names, "kind": CATEGORY, "scale": rings})
    rows = pd.concat([shown.sort_values("actor"), groups], ignore_index=True)
    columns = [*TABLES["actors"], "size_class", "founded_decade"]
    return _retyped(rows.reindex(columns=columns), "actors")


def _public_ties(ties: pd.DataFrame, known_as: pd.Series[str], k: int) -> pd.DataFrame:
    rows = ties.assign(source=ties["source"].map(known_as), target=ties["target"].map(known_as))
    alike = rows.groupby(["layer", rows["scale"].fillna(""), "strategic"])["source"].transform("size")
    rows = rows.assign(
        current=~rows["layer"].isin(EVENT_LAYERS),
        content=pd.Series(pd.NA, index=rows.index, dtype="string"),
        strategic=rows["strategic"].where((alike >= k).fillna(False)),
    ).sort_values(["layer", "source", "target", "scale", "directed"], kind="stable")
    dropped = ("start", "end", "confidence", "lines", "status", "amount", "currency", "amount_year")
    kept = rows[[column for column in TABLES["relations"] if column not in dropped]]
    return _retyped(kept.reset_index(drop=True).reindex(columns=list(TABLES["relations"])), "relations")


def _retyped(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    rules = TABLES[table]
    return frame.astype({str(c): rules[c].dtype if c in rules else "string" for c in frame.columns})


def _public_links(study: Study, k: int) -> pd.DataFrame:
    """Published answers with small ones hidden; rows whose words name an actor are left out."""
    links = protect_links(study.links, study.own_zones, study.meta.respondents.answered, Rules(threshold=k))
    words = _joined(links[["table", "item", "group"]], " ")
    telling = words.str.contains(_names(study.actors)).astype(bool)
    kept = [column for column in TABLES["links"] if column != "lines"]
    shown = links.loc[~telling, [*kept, "reason"]].reset_index(drop=True)
    return shown.reindex(columns=[*TABLES["links"], "reason"]).astype({"lines": "string"})


def _joined(texts: pd.DataFrame, mark: str) -> pd.Series[str]:
    rows = texts.fillna("-").itertuples(index=False, name=None)
    return pd.Series([mark.join(row) for row in rows], index=texts.index, dtype="string")


def _names(actors: pd.DataFrame) -> re.Pattern[str]:
    """What finds a name, another name or the id of an actor that is no category."""
    named = actors[(actors["kind"] != CATEGORY).fillna(True).astype(bool)]
    known = pd.concat([named["actor"], named["name"], named["aka"].str.split(";").explode()]).dropna()
    words = sorted({name.strip() for name in known if len(name.strip()) > 1})
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words) or "(?!)", re.IGNORECASE)


def _public_meta(study: Study) -> dict[str, Any]:
    """What the study says of itself: its name, title, year and zones; no prose, no sources."""
    title = study.title
    meta: dict[str, Any] = {
        "name": study.name,
        "title": study.name if _names(study.actors).search(title) else title,
        "public": True,
    }
    if study.when is not None:
        meta["reference_year"] = study.when
    if study.meta.country:
        meta["country"] = study.meta.country[:2]
    if study.meta.own_layers:
        meta["layers"] = list(study.meta.own_layers)
    if study.own_zones:
        meta["zones"] = {"own_zone_names": dict(study.own_zones)}
    return meta


def _disclosure(
    study: Study, classes: pd.Series[str], single: pd.DataFrame, links: pd.DataFrame, k: int
) -> pd.DataFrame:
    """What was hidden and why, without saying it: no counts, since shown and hidden ones add up."""
    fewer = f"fewer than {k} share them"
    rows = [
        ("actors", "names, ids, other names", "pseudonyms", "identify"),
        ("actors", "employees", "size class", "identify"),
        ("actors", "founded", "decade", "identify"),
        ("actors", "closed, owner_country, employees_year", "nothing", "identify"),
        ("actors", "closed actors, mere sources", "class or nothing", "not in the district now"),
        ("relations", "content, confidence, lines, start, end", "nothing", "free text and dates identify"),
        ("relations", "ties that are over", "nothing", "history identifies"),
        ("relations", "some ties of each layer and ring", "nothing", f"counts are kept to multiples of {k}"),
        ("study", "notes, places, report, respondents", "nothing", "free text"),
    ]
    alone = f"fewer than {k} alike, or largest employer"
    rows += [("actors", name, "class", alone) for name in sorted(set(classes))]
    rows += [("actors", column, "blank for some", fewer) for column in SHOWN if single[column].isna().any()]
    if len(study.answers):
        rows.append(("answers", "answers of single respondents", "nothing", "identify"))
    if len(links) < len(study.links):
        rows.append(("links", "answers whose words name an actor", "nothing", "identify"))
    hidden = links[links["reason"] != ""]
    names = _joined(hidden[["table", "item", "flow", "group", "scale"]], "; ")
    for what, reason in zip(names, hidden["reason"], strict=True):
        why = f"fewer than {k} stand behind it" if reason == "threshold" else "would tell another one"
        rows.append(("links", what, "blank", why))
    return pd.DataFrame(rows, columns=["table", "what", "shown_as", "reason"])
