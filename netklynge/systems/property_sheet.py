"""Is it a cluster? A sheet of twelve indicators with the evidence behind each, and tests that say what they rest on.

Evidence is a row: a milieu, an indicator, a sign, a statement and its source. The sheet tells of each indicator
whether it is present, absent, not assessed or conflicting; there is no total, since no source gives one. Sharing a
place never counts: rows of the kind ``co-location`` are listed, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.district.buzz import joint_bodies, joint_body_rows
from netklynge.files.settings import bundled_settings
from netklynge.files.tables import read_table
from netklynge.findings import Finding, NetklyngeError, StudyError
from netklynge.regions.economy import milieu_size
from netklynge.study.layers import COOPERATION, KNOWLEDGE_LAYERS, PIPELINE_LAYERS
from netklynge.study.ties import actual_ties, owners_above, planned_ties

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "EVIDENCE_COLUMNS",
    "INDICATORS",
    "Judged",
    "Labels",
    "cluster_labels",
    "co_location",
    "evidence_of",
    "four_properties",
    "indicator_states",
    "label_figures",
    "read_evidence",
    "related_variety",
    "sheet_matrix",
    "study_evidence",
]

INDICATORS = ("S1", "S2", "S3", "R1", "R2", "R3", "R4", "I1", "I2", "I3", "I4", "I5")
PRESENT, ABSENT, NOT_ASSESSED, CONFLICTING = "present", "absent", "not assessed", "conflicting"
SIGNS = ("+", "-", "?")
KINDS = ("data", "survey", "interview", "document", "judgement", "co-location")
STATUSES = ("actual", "planned", "possible")
EVIDENCE_COLUMNS = ("milieu", "indicator", "sign", "statement", "source", "kind", "status")
_NEEDED = ("indicator", "sign", "statement", "source")
_ASKED = ("R1", "R2", "R3")  # what only people can tell
YES, NO, UNKNOWN = "yes", "no", "cannot tell"


class Judged(NamedTuple):
    """What a test says (``verdict``), and what it rests on (``reasons``: ``item``, ``answer``, ``why``)."""

    verdict: str
    reasons: pd.DataFrame


class Labels(NamedTuple):
    """What the milieu may be called.

    ``labels``: ``label``, ``fits`` (yes, no, cannot tell), ``what``, ``why``; when none fits it is a concentration of
    firms only. ``figures``: ``figure``, ``value``, ``n``, ``of``, ``threshold``, ``holds``.
    """

    labels: pd.DataFrame
    figures: pd.DataFrame


def _words() -> Mapping[str, Any]:
    return bundled_settings("netklynge.systems", "property_sheet.yaml")


# -- evidence --------------------------------------------------------------------------------------------------


def read_evidence(source: str | Path | pd.DataFrame, milieu: str = "") -> pd.DataFrame:
    """Evidence rows from a file or frame, checked.

    Parameters
    ----------
    source : path or DataFrame
        Columns ``indicator`` (S1 to I5), ``sign`` (+, -, ? for doubtful), ``statement``, ``source``; and, each
        optional, ``milieu``, ``kind`` (data, survey, interview, document, judgement, co-location; judgement unless
        told) and ``status`` (actual, planned, possible; actual unless told).
    milieu : str
        Of the rows that name none.

    Returns
    -------
    DataFrame
        :data:`EVIDENCE_COLUMNS`, all text.

    Raises
    ------
    InputError
        The file cannot be read.
    StudyError
        Some rows cannot be used; ``findings`` lists them. Data alone say nothing of proximity, identity and trust
        (R1 to R3).

    Examples
    --------
    >>> told = {"indicator": ["R3"], "sign": ["+"], "statement": ["They share orders."], "source": ["p. 4"]}
    >>> read_evidence(pd.DataFrame(told), "our town")[["milieu", "kind", "status"]].values.tolist()
    [['our town', 'judgement', 'actual']]
    """
    findings: list[Finding] = []
    if isinstance(source, pd.DataFrame):
        frame, file = source.set_axis(pd.RangeIndex(2, len(source) + 2)), "evidence"
    else:
        frame, findings = read_table(Path(source))
        file = Path(source).name
    lacking = [name for name in _NEEDED if name not in frame.columns]
    if lacking:
        raise StudyError([Finding(file, 1, name, "", "column_missing", name=name) for name in lacking])
    twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()] if name in EVIDENCE_COLUMNS})
    if twice:
        raise StudyError([Finding(file, 1, name, name, "column_twice") for name in twice])
    rows = frame.reindex(columns=list(EVIDENCE_COLUMNS)).astype("string")
    rows = rows.apply(lambda column: column.str.strip()).replace("", pd.NA)
    rows["sign"] = rows["sign"].replace({"−": "-", "–": "-"})
    rows = rows.fillna({"milieu": milieu, "kind": "judgement", "status": "actual"})
    allowed = {"indicator": INDICATORS, "sign": SIGNS, "kind": KINDS, "status": STATUSES}
    for column, values in allowed.items():
        for row, value in rows.loc[~rows[column].isin(values), column].items():
            shown = "" if pd.isna(value) else str(value)
            findings.append(Finding(file, int(str(row)), column, shown, f"unknown_{column}", choices=values))
    for column in ("statement", "source"):
        for row in rows.index[rows[column].isna()]:
            findings.append(Finding(file, int(row), column, "", "blank_statement"))
    told = rows["indicator"].isin(_ASKED) & (rows["kind"] == "data")
    for row in rows.index[told]:
        findings.append(Finding(file, int(row), "kind", "data", "data_silent", indicator=rows.at[row, "indicator"]))
    if findings:
        raise StudyError(findings)
    return rows.reset_index(drop=True)


def indicator_states(evidence: pd.DataFrame, milieus: Iterable[str] | None = None) -> pd.DataFrame:
    """State of each indicator in each milieu, from the evidence for and against it.

    Only rows for it: present. Only rows against it: absent. Both: conflicting. Neither: not assessed; a source that is
    silent says nothing. Doubtful rows, planned and possible things and co-location are counted as ``doubtful`` and
    decide nothing.

    Parameters
    ----------
    evidence : DataFrame
        As :func:`read_evidence` gives it.
    milieus : iterable of str, optional
        Milieus to tell of, those without evidence too; by default those in the evidence.

    Returns
    -------
    DataFrame
        Twelve rows per milieu: ``milieu``, ``indicator``, ``block``, ``name``, ``state``, ``rows_for``,
        ``rows_against``, ``doubtful``, ``evidence`` (the rows behind the state, by their place in the evidence).

    References
    ----------
    Østfoldforskning (2013). *Klynger og klyngemekanismer i Nedre Glomma*, table 2 (the indicators). The four states are
    ours.

    Examples
    --------
    >>> rows = [("S1", "+"), ("S2", "-"), ("S3", "+"), ("S3", "-")]
    >>> told = pd.DataFrame(rows, columns=["indicator", "sign"]).assign(statement="so", source="p. 1")
    >>> indicator_states(read_evidence(told, "town"))["state"].head(4).tolist()
    ['present', 'absent', 'conflicting', 'not assessed']
    """
    rows = evidence.reset_index(drop=True)
    counts = (rows["status"] == "actual") & (rows["kind"] != "co-location") & (rows["sign"] != "?")
    table = []
    for milieu in dict.fromkeys(rows["milieu"] if milieus is None else milieus):
        for indicator in INDICATORS:
            here = (rows["milieu"] == milieu) & (rows["indicator"] == indicator)
            plus, minus = (here & counts & (rows["sign"] == sign) for sign in ("+", "-"))
            state = {(True, False): PRESENT, (False, True): ABSENT, (True, True): CONFLICTING}.get(
                (bool(plus.any()), bool(minus.any())), NOT_ASSESSED
            )
            told = _words()["indicators"][indicator]
            behind = "; ".join(map(str, rows.index[plus | minus]))
            numbers = (int(plus.sum()), int(minus.sum()), int((here & ~counts).sum()))
            table.append((milieu, indicator, told["block"], told["name"], state, *numbers, behind))
    columns = ["milieu", "indicator", "block", "name", "state", "rows_for", "rows_against", "doubtful", "evidence"]
    return pd.DataFrame(table, columns=columns)


def sheet_matrix(states: pd.DataFrame) -> pd.DataFrame:
    """The sheet as people read it: one row per indicator, one column per milieu, a state in each cell.

    Examples
    --------
    >>> import netklynge as nk
    >>> states = indicator_states(study_evidence(nk.load("horten")))
    >>> sheet_matrix(states).set_index("indicator").loc[["R3", "I1"], "horten"].tolist()
    ['not assessed', 'present']
    """
    wide = states.pivot_table(
        index=["indicator", "block", "name"], columns="milieu", values="state", aggfunc="first", sort=False
    )
    return wide.reset_index().rename_axis(None, axis=1)


def evidence_of(evidence: pd.DataFrame, milieu: str, indicator: str) -> pd.DataFrame:
    """The evidence behind one cell of the sheet, doubtful rows too."""
    return evidence[(evidence["milieu"] == milieu) & (evidence["indicator"] == indicator)]


def study_evidence(
    study: Study, value_creation: Mapping[str, float] | None = None, size: float | None = None
) -> pd.DataFrame:
    """Evidence rows that a study's own data give; what they do not show is not assessed, never absent.

    Parameters
    ----------
    study : Study
        Members are the actors inside its cut.
    value_creation : mapping, optional
        Value creation by actor, in one unit and one year, for the size (S3).
    size : float, optional
        The size, in square roots of that unit, from which the milieu counts as large enough; without it the size is
        told and decides nothing.

    Returns
    -------
    DataFrame
        :data:`EVIDENCE_COLUMNS`, and ``n``, ``of`` (the figures in the statement) and ``ties`` (their rows in the
        study's relations).

    Examples
    --------
    >>> import netklynge as nk
    >>> study_evidence(nk.load("kongsberg"))["indicator"].tolist()
    ['R4', 'R4', 'R4', 'I2', 'I3', 'I4', 'I5']
    """
    rows = [*_synergies(study, value_creation, size), *_bodies(study), *_interaction(study)]
    table = pd.DataFrame(rows, columns=["indicator", "sign", "statement", "status", "n", "of", "ties"])
    table = table.assign(milieu=study.name, source=f"ties of {study.name}", kind="data")
    order = table["indicator"].map(INDICATORS.index)
    return table.iloc[np.argsort(order, kind="stable")][[*EVIDENCE_COLUMNS, "n", "of", "ties"]].reset_index(drop=True)


_Row = tuple[str, str, str, str, int, int, str]


def _tied(study: Study, ties: pd.DataFrame, actors: set[str]) -> tuple[int, str]:
    """How many of these actors have one of the ties, and the rows of the ties."""
    ends = {*ties["source"], *ties["target"]}
    return len(ends & actors), "; ".join(map(str, ties.index))


def _between(ties: pd.DataFrame, one: set[str], other: set[str]) -> pd.DataFrame:
    gives = ties["source"].isin(one) & ties["target"].isin(other)
    return ties[gives | (ties["target"].isin(one) & ties["source"].isin(other))]


def _synergies(study: Study, value_creation: Mapping[str, float] | None, size: float | None) -> list[_Row]:
    own, firms = set(study.insiders["actor"]), set(study.firms["actor"])
    now, rows = actual_ties(study), []
    for status, ties in (("actual", now), ("planned", planned_ties(study))):
        chain = _between(ties[ties["layer"] == "supply"], own, own)
        if len(chain):
            n, told = _tied(study, chain, firms)
            said = f"{n} of {len(firms)} firms buy from or sell to another member (ties: {len(chain)})"
            rows.append(("S1", "+", said, status, n, len(firms), told))
    rivals = _between(now[now["layer"] == "competition"], own, own)
    if len(rivals):
        n, told = _tied(study, rivals, firms)
        said = f"{n} of {len(firms)} firms compete with another member (ties: {len(rivals)})"
        rows.append(("S2", "+", said, "actual", n, len(firms), told))
    values = [v for a, v in (value_creation or {}).items() if a in firms]
    if values:
        s = milieu_size(values).iloc[0]
        sign = "?" if size is None else "+" if s["size"] >= size else "-"
        said = f"size {s['size']:.1f}: {s['firms']:.0f} firms of known value creation, {s['left_out']:.0f} left out"
        rows.append(("S3", sign, said, "actual", int(s["firms"]), len(firms), ""))
    return rows


def _bodies(study: Study) -> list[_Row]:
    """Joint bodies, and what would come apart without each."""
    taking = joint_body_rows(study)
    rows = []
    members = len(study.insiders)
    for body in joint_bodies(study).itertuples():
        ties = taking[taking["body"] == body.actor]
        said = f"{body.name}: {body.participants} members take part, {body.firms} of them firms; "
        said += f"{_only_through(study, body.actor)} pairs of members are joined through it alone"
        told = "; ".join(map(str, dict.fromkeys(ties["tie"])))
        rows.append(("R4", "+", said, "actual", int(body.participants), members, told))
    return rows


def _only_through(study: Study, body: str) -> int:
    """Pairs of members that some path of ties inside joins, and none without the body."""
    from netklynge.networks.communities import components

    own = set(study.insiders["actor"])
    ties = _between(actual_ties(study), own, own)[["source", "target"]]

    def joined(part: pd.DataFrame) -> int:
        sizes = components(part)
        sizes = sizes[sizes["actor"] != body].groupby("component").size()
        return int((sizes * (sizes - 1) // 2).sum())

    return joined(ties) - joined(ties[(ties["source"] != body) & (ties["target"] != body)])


def _interaction(study: Study) -> list[_Row]:
    own, firms = set(study.insiders["actor"]), set(study.firms["actor"])
    kind = study.actors.set_index("actor")["kind"]
    now = actual_ties(study)
    rows: list[_Row] = []

    def tell(indicator: str, what: str, ties: pd.DataFrame) -> None:
        n, told = _tied(study, ties, firms)
        if n:
            said = f"{n} of {len(firms)} firms {what} (ties: {len(ties)})"
            rows.append((indicator, "+", said, "actual", n, len(firms), told))

    above = owners_above(study)
    together = _between(now[now["layer"].isin(COOPERATION)], firms, firms)
    apart = [not above[a] & above[b] for a, b in zip(together["source"], together["target"], strict=True)]
    tell("I1", "co-operate with a member of another owner", together[np.array(apart, dtype=bool)])
    away = set(kind.index[kind.isin(["firm", "parent"])]) - own
    tell("I2", "have a firm or owner group outside", _between(now[now["layer"].isin(PIPELINE_LAYERS)], firms, away))
    makers = set(kind.index[kind.isin(["research", "education"])])
    known = _between(now[now["layer"].isin(KNOWLEDGE_LAYERS)], firms, makers)
    near = _tied(study, _between(known, firms, makers & own), firms)[0]
    tell("I3", f"are tied to research or education, {near} of them to a member", known)
    backers = set(kind.index[kind.isin(["investor"])])
    money = now[now["layer"].isin(["funding", "ownership"])]
    tell("I4", "are funded or owned by investors", _between(money, firms, backers))
    moved = pd.concat([now[now["layer"] == "mobility"], study.ties("spin_off")])
    moved = moved[moved["source"].isin(firms) | moved["target"].isin(firms)]
    tell("I5", "gave or took people, or came out of others", moved)
    return rows


# -- tests -------------------------------------------------------------------------------------------------------


def four_properties(
    like_and_related: bool | None,
    local_ties: bool | None,
    common_view: bool | None,
    success: bool | None,
    why: Mapping[str, str] | None = None,
) -> Judged:
    """Whether it is a cluster by four properties: like and related firms, local ties, a common view, success.

    Yes when all four are there, no when one of them is missing, else cannot tell. To many readers a failing cluster is
    still one: the row ``without success`` judges by the first three.

    Parameters
    ----------
    like_and_related : bool or None
        Like and related firms in one place (a screen, :mod:`netklynge.regions.specialisation`); None is unknown.
    local_ties : bool or None
        They are tied by local co-operation and competition.
    common_view : bool or None
        Central actors see a cluster, and act together.
    success : bool or None
        They are innovative and competitive.
    why : mapping, optional
        Reason by property.

    References
    ----------
    Malmberg, A. & Power, D. (2006). True clusters: a severe case of conceptual headache. In *Clusters and Regional
    Development*, Routledge, 50-68, as Østfoldforskning (2013) tells them. The rule for unknowns is ours.

    Examples
    --------
    >>> four_properties(True, True, None, True).verdict, four_properties(True, False, None, True).verdict
    ('cannot tell', 'no')
    """
    answers = {
        "like and related firms in one place": like_and_related,
        "local co-operation and competition": local_ties,
        "seen as a cluster, and acting together": common_view,
        "success": success,
    }
    rows = [(item, _word(answer), (why or {}).get(item, "")) for item, answer in answers.items()]
    rows.append(("without success", _word(_all(*list(answers.values())[:3])), "the first three alone"))
    return Judged(_word(_all(*answers.values())), pd.DataFrame(rows, columns=["item", "answer", "why"]))


def co_location(partners: int, widens: bool | None, size: float | None, critical: float) -> Judged:
    """Whether a shared site is more than a shared site.

    Sharing a place makes no cluster unless partners outside it widen what is offered, so that the milieu reaches a
    critical mass. Nothing told of partners outside: co-location only, since here missing evidence decides. Partners
    that widen the offer and a size of at least `critical`: may be a cluster. Else cannot tell, unless a condition
    fails.

    Parameters
    ----------
    partners : int
        Partners outside the site that there is evidence of; memberships are no evidence.
    widens : bool or None
        They widen what is offered (new products or services are named); None is unknown.
    size : float or None
        Size of the milieu with its partners; None is unknown.
    critical : float
        The critical mass in the same unit; ours, since the source gives none.

    References
    ----------
    Østfoldforskning (2013). *Klynger og klyngemekanismer i Nedre Glomma*, section 5.2.

    Examples
    --------
    >>> [co_location(n, True, s, 20).verdict for n, s in ((0, 50), (3, 50), (3, None))]
    ['co-location only', 'may be a cluster', 'cannot tell']
    """
    enough = None if size is None else size >= critical
    rows = [
        ("partners outside the site", _word(partners > 0), f"{partners} with evidence"),
        ("they widen what is offered", _word(widens), ""),
        ("critical mass", _word(enough), f"{'unknown' if size is None else f'{size:g}'} against {critical:g}"),
    ]
    whole = _all(partners > 0, widens, enough)
    verdict = {True: "may be a cluster", False: "co-location only", None: UNKNOWN}[whole]
    return Judged(verdict, pd.DataFrame(rows, columns=["item", "answer", "why"]))


class Variety(NamedTuple):
    """Variety of industries in bits: within divisions, and between them."""

    related: float
    unrelated: float


def related_variety(codes: Iterable[str]) -> Variety:
    r"""Related and unrelated variety of firms' industries, in bits.

    With :math:`P_g` the share of division g (two digits) and :math:`p_i` that of code i, related variety is
    :math:`\sum_g P_g \sum_{i \in g} \frac{p_i}{P_g} \log_2 \frac{P_g}{p_i}` and unrelated variety
    :math:`\sum_g P_g \log_2 \frac{1}{P_g}`; together they are the entropy of the codes.

    Parameters
    ----------
    codes : iterable of str
        Industry codes, one per firm; the first two digits are the division.

    Returns
    -------
    Variety
        ``related`` and ``unrelated``, blank (not a number) without codes.

    References
    ----------
    Frenken, K., Van Oort, F. & Verburg, T. (2007). Related variety, unrelated variety and regional economic growth.
    *Regional Studies* 41(5), 685-697.

    Examples
    --------
    >>> related_variety(["25.110", "25.620", "26.510", "26.702"])
    Variety(related=1.0, unrelated=1.0)
    """
    given = pd.Series(list(codes), dtype="string").dropna().str.strip()
    if not len(given):
        return Variety(float("nan"), float("nan"))
    whole, between = (_bits(column) for column in (given, given.str[:2]))
    return Variety(whole - between, between)


def _bits(values: pd.Series[str]) -> float:
    shares = values.value_counts(normalize=True).to_numpy(dtype=float)
    return float(-(shares * np.log2(shares)).sum())


_SILENT = {"networked": False, "largest_component": True, "competitors": True}  # what ties that nobody told would give
_Figure = tuple[float | None, int | None, int | None]


def label_figures(study: Study) -> dict[str, _Figure]:
    """Figures that :func:`cluster_labels` reads: value, numerator and denominator by name; None where not known.

    Memberships do not count as ties here, and neither does a shared site.

    Examples
    --------
    >>> import netklynge as nk
    >>> label_figures(nk.load("raufoss"))["networked"]
    (0.4, 16, 40)
    """
    from netklynge.networks.centrality import centralization
    from netklynge.networks.communities import components

    firms = set(study.firms["actor"])
    now = actual_ties(study)
    ties = _between(now[now["layer"].isin([*COOPERATION, "supply", "service"])], firms, firms)[["source", "target"]]
    rivals = _between(now[now["layer"] == "competition"], firms, firms)
    parts = components(ties)
    largest = int(parts["size"].max()) if len(parts) else 0
    tied = len(parts)
    codes = study.firms["sector"].dropna()
    codes = codes[codes.str.match(r"\s*\d{2}\b|\s*\d{2}\.\d")]
    top = int(codes.str.strip().str[:2].value_counts().iloc[0]) if len(codes) else None
    kind = study.actors.set_index("actor")["kind"]
    payers, bodies = set(kind.index[kind.isin(["public", "investor"])]), set(kind.index[kind.isin(["network_org"])])
    paid = len(_between(now[now["layer"] == "funding"], payers, bodies & set(study.insiders["actor"])))
    pairs = len(ties) + len(rivals)
    return {
        "near": _median_distance(study),
        "networked": (tied / len(firms) if firms else None, tied, len(firms)),
        "one_branch": (top / len(codes) if top is not None else None, top, len(codes)),
        "largest_component": (largest / tied if tied else None, largest, tied),
        "small": (float(len(firms)), len(firms), None),
        "competitors": (len(rivals) / pairs if pairs else None, len(rivals), pairs),
        "flat": (1 - centralization(ties) if tied > 2 else None, None, tied),
        "related": (related_variety(codes).related if len(codes) else None, None, len(codes)),
        "funded": (float(paid) if paid else None, paid, None),
        "formal": (None, None, None),
    }


def _median_distance(study: Study) -> _Figure:
    """Median distance in km between two members whose place is known."""
    from netklynge.parsers.places import azimuthal, coordinates

    places, of = study.firms["place"].dropna(), len(study.firms)
    if len(places.unique()) > 1:  # looking places up takes seconds, and one place is no distance
        towns = places.drop_duplicates()
        spots = coordinates(towns.to_frame(), study.meta.country or "NO").set_axis(towns).dropna()
        at = spots.reindex(places).dropna().to_numpy(dtype=float)
        far = [azimuthal(at[k + 1 :, 0], at[k + 1 :, 1], (at[k, 0], at[k, 1]))[0] for k in range(len(at) - 1)]
        return (float(np.median(np.concatenate(far))) if far else None), len(at), of
    return (0.0 if len(places) > 1 else None), len(places), of


def cluster_labels(
    study: Study | None = None,
    told: Mapping[str, float | bool | None] | None = None,
    whole: bool | None = None,
    **thresholds: float,
) -> Labels:
    """Cluster, initiative or platform: which labels fit, and why; several may, and none leaves a concentration only.

    A *cluster* is near, networked and of one branch. An *initiative* is funded, in parts or small, and not wholly
    formal. A *platform* has several related trades, few competitors among its ties, and is flat. A label fits when all
    its conditions hold, fails when one does not, and else cannot be told. Where nobody was asked, ties that are missing
    show nothing: a study without answers can be networked, and cannot be shown not to be, to be in parts, or to be
    without rivalry.

    Parameters
    ----------
    study : Study, optional
        Its figures, see :func:`label_figures`.
    told : mapping, optional
        Figures that somebody knows: ``near`` (km), ``networked``, ``one_branch``, ``largest_component``, ``formal``,
        ``competitors``, ``flat`` (shares), ``small`` (firms), ``related`` (bits), ``funded`` (logical). They go before
        the study's.
    whole : bool, optional
        Whether all members were asked of their ties, so that a tie that nobody told is none; by default a study with
        answers is taken so.
    **thresholds : float
        Others than those in ``property_sheet.yaml``; all are ours.

    Raises
    ------
    NetklyngeError
        A figure or threshold is unknown.

    References
    ----------
    Westgaard & Lexander (2006), prose; platform after Cooke, P. (2007). *European Planning Studies* 15(2), 179-194.

    Examples
    --------
    >>> known = {"near": 5, "networked": 0.8, "one_branch": 0.9, "competitors": 0.05, "funded": False, "related": 0}
    >>> cluster_labels(told=known).labels[["label", "fits"]].values.tolist()
    [['cluster', 'yes'], ['initiative', 'no'], ['platform', 'no']]
    """
    limit = {**_words()["thresholds"], **thresholds}
    figures: dict[str, _Figure] = dict.fromkeys([*_words()["thresholds"], "funded"], (None, None, None))
    figures |= {} if study is None else label_figures(study)
    strange = sorted(({*thresholds} - {*_words()["thresholds"]}) | ({*(told or {})} - {*figures}))
    if strange:
        raise NetklyngeError(f"figure '{strange[0]}' is unknown; known are {', '.join(figures)}")
    asked = bool(len(study.answers)) if whole is None and study is not None else bool(whole)
    silent = set() if asked else {*_SILENT} - {*(told or {})}
    figures |= {name: (None if value is None else float(value), None, None) for name, value in (told or {}).items()}
    at_most = ("near", "competitors")
    below = ("largest_component", "small", "formal")
    holds: dict[str, bool | None] = {}
    rows = []
    for name, (value, n, of) in figures.items():
        bound = limit.get(name)
        if value is None:
            answer = None
        elif bound is None:
            answer = value > 0
        else:
            answer = value <= bound if name in at_most else value < bound if name in below else value >= bound
            if name in silent and answer == _SILENT[name]:
                answer = None
        holds[name] = answer
        rows.append((name, value, n, of, bound, answer))
    parts = _any(holds["largest_component"], holds["small"])
    fits = {
        "cluster": {k: holds[k] for k in ("near", "networked", "one_branch")},
        "initiative": {"funded": holds["funded"], "in parts or small": parts, "not wholly formal": holds["formal"]},
        "platform": {k: holds[k] for k in ("related", "competitors", "flat")},
    }
    named = [
        (label, _word(_all(*facts.values())), _words()["labels"][label],
         "; ".join(f"{fact}: {_word(answer)}" for fact, answer in facts.items()))
        for label, facts in fits.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["figure", "value", "n", "of", "threshold", "holds"])
    types = {"value": "Float64", "n": "Int64", "of": "Int64", "threshold": "Float64", "holds": "boolean"}
    return Labels(pd.DataFrame(named, columns=["label", "fits", "what", "why"]), table.astype(types))


def _all(*answers: bool | None) -> bool | None:
    """All hold; None when what is not known decides."""
    return False if False in answers else None if None in answers else True


def _any(*answers: bool | None) -> bool | None:
    return True if True in answers else None if None in answers else False


def _word(answer: bool | None) -> str:
    return UNKNOWN if answer is None else YES if answer else NO
