"""The study: one district at one time, as actors, relations in layers, published answers and zones."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pandas as pd
import yaml

from netklynge.files.limits import check_size, parse_yaml
from netklynge.files.outputs import write_text
from netklynge.files.tables import (
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    read_parquet,
    read_table,
    read_workbook,
)
from netklynge.findings import Finding, InputError, NetklyngeError, refuse
from netklynge.study import contracts
from netklynge.study.contracts import CATEGORY, EVENT_LAYERS, UNSTATED
from netklynge.study.zones import RINGS, check_cut, inside, rings_inside

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["SIZE_WINDOW", "Study", "bundled", "check", "load"]

SIZE_WINDOW = 7  # years: a size counts for a year when it was taken at most so many years from it

When = Literal["current", "past", "all"]
T = TypeVar("T")


@dataclass(frozen=True)
class Study:
    """One district at one time.

    Parameters
    ----------
    name : str
        Short name.
    actors, relations, links, answers : DataFrame
        The tables, typed as in :data:`netklynge.study.contracts.TABLES`; a table that the source lacks is empty.
    meta : mapping
        What ``study.yaml`` holds.
    year : int, optional
        The year that the study is seen at; None is its reference year as coded.
    boundary : str
        The cut: the last ring that counts as inside.
    sources : mapping
        Table name to the file that it came from; a table that is missing there was not given.

    Notes
    -----
    A study is never changed: :meth:`at` and :meth:`cut` return views of it.

    Examples
    --------
    >>> import netklynge as nk
    >>> study = nk.load("horten")
    >>> study
    Study('horten', 2005, cut=local: 130 actors (34 categories), 241 ties in 12 layers, 29 published answers)
    >>> study.cut("regional").boundary
    'regional'
    """

    name: str
    actors: pd.DataFrame
    relations: pd.DataFrame
    links: pd.DataFrame
    answers: pd.DataFrame
    meta: Mapping[str, Any] = field(default_factory=dict)
    year: int | None = None
    boundary: str = "local"
    sources: Mapping[str, str] = field(default_factory=dict)
    undated: int = 0

    def __repr__(self) -> str:
        categories = int(self.is_category.sum())
        return (
            f"Study({self.name!r}, {self.when or 'undated'}, cut={self.boundary}: {len(self.actors)} actors "
            f"({categories} categories), {len(self.relations)} ties in {len(self.layers)} layers, "
            f"{len(self.links)} published answers)"
        )

    # -- what the study says of itself -------------------------------------------------------------

    @property
    def title(self) -> str:
        """Title for readers; the name where none is given."""
        return str(self.meta.get("title") or self.name)

    @property
    def reference_year(self) -> int | None:
        """The year for which ``current`` is coded."""
        year = self.meta.get("reference_year")
        return int(year) if isinstance(year, int | float) else None

    @property
    def when(self) -> int | None:
        """The year that the study is seen at: that of :meth:`at`, else the reference year."""
        return self.year if self.year is not None else self.reference_year

    @property
    def own_zones(self) -> Mapping[str, str]:
        """Zone names of the survey's own, and the rings that each covers."""
        zones = self.meta.get("zones") or {}
        return dict(zones.get("own_zone_names") or {}) if isinstance(zones, Mapping) else {}

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Layers that have ties, in the contract's order."""
        found = set(self.relations["layer"].dropna())
        return tuple(layer for layer in (*contracts.LAYERS, UNSTATED) if layer in found)

    # -- views of the study ------------------------------------------------------------------------

    def at(self, year: int) -> Study:
        """The study as it was in `year`: the ties known to hold then, the actors that existed.

        A tie holds in a year between its start and its end. A blank end of a current tie is open; a blank
        start is open for a tie that has ended, and means "known by the reference year" for a current one. A
        tie that is over without a told end counts from its start until the reference year. Spin-offs are
        events: those up to `year` are kept. Ties that no date can place are left out and counted in
        ``undated``. Actors founded later or closed before are left out unless a tie of the year names them.
        Published answers are kept when the reference year is near (:data:`SIZE_WINDOW`).

        Parameters
        ----------
        year : int

        Returns
        -------
        Study
            With the ties of that year only; all of them are ``current`` except the events.

        Raises
        ------
        NetklyngeError
            `year` is no whole number between 1 and 9999.

        Examples
        --------
        >>> import netklynge as nk
        >>> raufoss = nk.load("raufoss")
        >>> len(raufoss.at(1985).ties("supply")), len(raufoss.ties("supply"))
        (7, 59)
        """
        if isinstance(year, bool) or not isinstance(year, int) or not 1 <= year <= 9999:
            raise NetklyngeError(f"year {year!r} is no year; give a whole number such as 1985")
        ties = self.relations
        held = self.held(year)
        undated = ties["start"].isna() & ties["end"].isna() & ~held
        kept = ties[held].assign(current=(~ties.loc[held, "layer"].isin(EVENT_LAYERS)).astype("boolean"))
        named = set(kept["source"]) | set(kept["target"])
        near = abs(year - (self.reference_year or year)) <= SIZE_WINDOW
        actors = self.actors
        existed = ~((actors["founded"] > year) | (actors["closed"] < year)).fillna(False).astype(bool)
        return replace(
            self,
            relations=kept,
            actors=actors[existed | actors["actor"].isin(named)],
            year=year,
            links=self.links if near else self.links.iloc[:0],
            answers=self.answers if near else self.answers.iloc[:0],
            undated=int(undated.sum()),
        )

    def held(self, year: int) -> pd.Series[bool]:
        """Which ties, events among them, are told in `year`; see :meth:`at` for what blank dates mean."""
        ties = self.relations
        reference = self.reference_year if self.reference_year is not None else year
        over = ~ties["current"].fillna(True).astype(bool)
        happened = (ties["start"].fillna(ties["end"]) <= year).astype("boolean").fillna(year >= reference)
        if year == self.reference_year:  # coded by hand for this very year
            lasts = ~over
        else:
            closed = self.actors.set_index("actor")["closed"]
            closings = [ties[side].map(closed) for side in ("source", "target")]
            end = pd.concat([ties["end"], *closings], axis=1).min(axis=1)
            begun = (ties["start"] <= year).astype("boolean").fillna(over & ties["end"].notna() | (year >= reference))
            lasting = (end >= year).astype("boolean").fillna(~over | (ties["start"].notna() & (year < reference)))
            lasts = begun & lasting
        return lasts.where(~ties["layer"].isin(EVENT_LAYERS), happened | (lasts & (year == reference))).astype(bool)

    def cut(self, ring: str) -> Study:
        """The same study with `ring` as the last ring that counts as inside the district."""
        return replace(self, boundary=check_cut(ring))

    # -- ties and actors that measures use ---------------------------------------------------------

    def ties(self, layer: str | None = None, when: When = "current") -> pd.DataFrame:
        """Ties of one layer, or of all with their layers told apart in a column.

        Parameters
        ----------
        layer : str, optional
            A layer; ``customer`` is ``supply`` turned round. Default: all.
        when : {"current", "past", "all"}
            Ties in force (a blank ``current`` counts as in force), ties that are over, or both. Events
            (spin-offs) are told whatever ``current`` says, when their layer is asked for.
        """
        return self.remember(("ties", layer, when), lambda: self._select(layer, when))

    def remember(self, what: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this view: measures ask for the same ties and partners again and again."""
        if what not in self._made:
            self._made[what] = make()
        made: T = self._made[what]
        return made

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def _select(self, layer: str | None, when: When) -> pd.DataFrame:
        frame = self.relations
        turned = layer == "customer"
        if layer is not None:
            wanted = "supply" if turned else layer
            if wanted not in (*contracts.LAYERS, UNSTATED):
                raise NetklyngeError(f"layer '{layer}' is unknown; the study has {', '.join(self.layers) or 'none'}")
            frame = frame[frame["layer"] == wanted]
        if when != "all" and layer not in EVENT_LAYERS:
            current = frame["current"].fillna(True).astype(bool)
            frame = frame[current if when == "current" else ~current]
        if turned:
            frame = frame.rename(columns={"source": "target", "target": "source"})[list(frame.columns)]
        return frame

    @property
    def is_category(self) -> pd.Series[bool]:
        """Whether each actor is a category; indexed as ``actors``."""
        return (self.actors["kind"] == CATEGORY).fillna(False).astype(bool)

    @cached_property
    def categories(self) -> frozenset[str]:
        """Ids of the categories: groups that count in shares, never in degrees."""
        return frozenset(self.actors.loc[self.is_category, "actor"])

    @cached_property
    def rings(self) -> pd.Series[str]:
        """Ring of each actor by id; blank where nobody has said."""
        return self.actors.set_index("actor")["scale"]

    @cached_property
    def insiders(self) -> pd.DataFrame:
        """Named actors inside the cut that are still open: the district as the cut draws it."""
        actors = self.actors
        within = inside(actors["scale"], self.boundary).fillna(False).astype(bool)
        year = self.when
        gone = actors["closed"].notna() if year is None else (actors["closed"] < year).fillna(False).astype(bool)
        return actors[within & ~self.is_category & ~gone & (actors["role"] != "source_only").fillna(True)]

    @cached_property
    def firms(self) -> pd.DataFrame:
        """Named firms inside the cut that are still open; an insider whose kind is blank counts as a firm."""
        return self.insiders[(self.insiders["kind"] == "firm").fillna(True).astype(bool)]

    def firm_sizes(self) -> pd.Series[float]:
        """Those of :meth:`sizes` that are sizes of firms."""
        sizes = self.sizes()
        return sizes[sizes.index.isin(self.firms["actor"])]

    def sizes(self) -> pd.Series[float]:
        """Employees by id of the insiders whose size was taken near the year of the view.

        A size counts when it was taken at most :data:`SIZE_WINDOW` years from that year; a size without a
        year counts for the reference year only.
        """
        rows = self.insiders
        rows = rows[rows["employees"].notna()]
        if self.when is not None:
            taken = rows["employees_year"].fillna(self.reference_year)
            near = ((taken - self.when).abs() <= SIZE_WINDOW).fillna(True).astype(bool)
            rows = rows[near]
        return rows.set_index("actor")["employees"].astype(float)

    def graph(self, layer: str | None = None, when: When = "current") -> nx.MultiDiGraph:
        """The ties as a networkx graph, see :func:`netklynge.study.network.to_networkx`."""
        from netklynge.study.network import to_networkx

        return to_networkx(self, layer, when)

    def rings_inside(self) -> tuple[str, ...]:
        """Rings that count as inside at the study's cut."""
        return rings_inside(self.boundary)

    # -- files -------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the study as a folder that :func:`load` reads back; return the folder."""
        target = Path(path)
        for table in contracts.TABLES:
            frame: pd.DataFrame = getattr(self, table)
            if table in self.sources or len(frame):
                write_text(target / f"{table}.csv", _as_text(frame).to_csv(index=False, lineterminator="\n"))
        meta = {**self.meta, "name": self.name}
        write_text(target / "study.yaml", yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=110))
        return target


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers and flags as the format writes them: whole numbers plain, flags 1 and 0."""
    out = frame.copy()
    for column in out.columns:
        if out[column].dtype == "boolean":
            out[column] = out[column].astype("Int64")
        elif out[column].dtype == "Float64":
            out[column] = out[column].map(lambda v: f"{v:.15g}", na_action="ignore")
    return out


# -- loading -----------------------------------------------------------------------------------------


def bundled() -> tuple[str, ...]:
    """Names of the studies that come with the package."""
    return tuple(sorted(path.name for path in surveys().iterdir() if (path / "relations.csv").is_file()))


def surveys() -> Path:
    """The folder of the bundled surveys: inside the package when installed, beside it in a checkout."""
    inside_package = Path(str(resources.files("netklynge"))) / "data" / "studies"
    return inside_package if inside_package.is_dir() else Path(__file__).resolve().parents[2] / "surveys"


def load(source: str | Path | pd.DataFrame | Mapping[str, pd.DataFrame]) -> Study:
    """Load a study: a folder, a workbook, a relations file, the name of a bundled study, or frames.

    Parameters
    ----------
    source : str, Path, DataFrame or mapping
        A folder with ``relations.csv`` and, each optional, ``actors.csv``, ``links.csv``, ``answers.csv``,
        ``study.yaml`` (tables may be ``.parquet``, and relations the Parquet parts of one table); an ``.xlsx`` or
        ``.ods`` workbook with sheets of those names; a single file of relations; the name of a bundled study; a
        frame of relations; or a mapping of table name to frame.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        Nothing can be read there.
    StudyError
        The tables do not keep their contracts; ``findings`` lists every failure.

    Examples
    --------
    >>> import netklynge as nk
    >>> nk.load("kongsberg").title
    'Defence, maritime, subsea, car and aircraft part industry at Kongsberg'
    >>> len(nk.load("kongsberg").relations)
    178
    """
    study, findings = read(source)
    refuse(findings)
    assert study is not None
    return study


def check(source: str | Path) -> list[Finding]:
    """Every finding in a study's files, sorted by file, row and column.

    Raises
    ------
    InputError
        Nothing can be read there.
    """
    return sorted(read(source)[1])


def is_study(source: str | Path) -> bool:
    """Whether a source looks like a study: a bundled name, a folder or workbook with relations, a file of ties."""
    path = Path(source)
    if not path.exists():
        return True  # so that reading it says what there is
    if path.is_dir():
        return (path / "relations.csv").is_file() or bool(parquet_relations(path))
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return any(sheet.strip().lower() == "relations" for sheet in read_workbook(path))
    if path.suffix.lower() in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES):
        return {"source", "target"} <= set(read_table(path)[0].columns)
    return False


def read_meta(path: str | Path) -> dict[str, Any]:
    """What a ``study.yaml`` says.

    Raises
    ------
    InputError
        It is not there.
    StudyError
        It cannot be understood.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a study.yaml")
    meta, findings = _read_meta(Path(path))
    refuse(findings)
    return meta or {}


def read(source: str | Path | pd.DataFrame | Mapping[str, pd.DataFrame]) -> tuple[Study | None, list[Finding]]:
    """Read a study and all findings in it; the study is None when one of them is an error."""
    tables, files, meta, name, findings = _read_source(source)
    if "relations" not in tables:
        raise InputError(
            f"{source if isinstance(source, str | Path) else 'the frames'}: no relations; a study is at least a "
            "table 'relations' with columns source and target"
        )
    clear = {table: frame for table, frame in tables.items() if not frame.columns.has_duplicates}
    for table, frame in clear.items():
        findings += contracts.check_table(table, frame, files[table])
    own_zones = None if meta is None else dict(_own_zone_items(meta))
    findings += contracts.check_study(clear, files, own_zones)
    if meta is None or any(finding.severity == "error" for finding in findings):
        return None, findings
    empty = pd.DataFrame(index=pd.Index([], name="row"))
    frames = {table: contracts.typed(table, tables.get(table, empty)) for table in contracts.TABLES}
    relations = frames["relations"]
    relations = relations.assign(layer=relations["layer"].fillna(UNSTATED)).reset_index(drop=True)
    actors = frames["actors"].reset_index(drop=True) if "actors" in tables else _actors_of(relations, frames["actors"])
    actors["name"] = actors["name"].fillna(actors["actor"])
    study = Study(
        name=str(meta.get("name") or name),
        actors=actors,
        relations=relations,
        links=frames["links"].reset_index(drop=True),
        answers=frames["answers"].reset_index(drop=True),
        meta=meta,
        sources=files,
    )
    return study, findings


def _actors_of(relations: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Actors known only as ends of ties; nothing but their ids is known of them."""
    names = pd.unique(pd.concat([relations["source"], relations["target"]], ignore_index=True))
    return columns.reindex(range(len(names))).assign(actor=pd.array(names, dtype="string"))


Source = tuple[dict[str, pd.DataFrame], dict[str, str], dict[str, Any] | None, str, list[Finding]]


def _read_source(
    source: str | Path | pd.DataFrame | Mapping[str, pd.DataFrame],
) -> Source:
    """Tables as text, their file names, the meta data (None if unreadable), a name, findings of the files."""
    if isinstance(source, pd.DataFrame):
        source = {"relations": source}
    if isinstance(source, Mapping):
        frames = {table: _text_frame(frame) for table, frame in source.items() if table in contracts.TABLES}
        return frames, {table: table for table in frames}, {}, "study", []
    path = Path(source)
    if not path.exists() and str(source) in bundled():
        path = surveys() / str(source)
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise InputError(f"{source}: no such file or folder, and no bundled study ({', '.join(bundled())})")
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return _read_book(path)
    if path.suffix.lower() in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES):
        frame, findings = read_table(path)
        return {"relations": frame}, {"relations": path.name}, {}, path.stem, findings
    known = ", ".join((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES))
    raise InputError(f"{path}: a study is a folder or a file ending in one of {known}")


def parquet_relations(source: str | Path) -> list[Path]:
    """The Parquet files that hold a source's ties: the file itself, a folder's ``relations.parquet``, or its parts."""
    path = Path(source)
    if path.is_file() and path.suffix.lower() in PARQUET_SUFFIXES:
        return [path]
    if not path.is_dir() or (path / "relations.csv").is_file():
        return []
    parts = sorted(file for file in path.iterdir() if file.suffix.lower() in PARQUET_SUFFIXES)
    return [file for file in parts if file.stem == "relations"] or [
        file for file in parts if file.stem not in contracts.TABLES
    ]


def _text_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A user's frame as contracts read it: text cells, rows counted as in a file with a header."""
    buffer = io.StringIO(_as_text(frame).to_csv(index=False))
    text = pd.read_csv(buffer, dtype="string", keep_default_na=False, na_values=[""], skip_blank_lines=False)
    return text.set_axis(pd.RangeIndex(2, len(text) + 2, name="row"))


def _read_folder(path: Path) -> Source:
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    findings: list[Finding] = []
    for table in contracts.TABLES:
        file = next((f for end in (".csv", ".parquet") if (f := path / f"{table}{end}").is_file()), None)
        if file is not None:
            tables[table], found = read_table(file)
            files[table] = file.name
            findings += found
    if "relations" not in tables and (parts := parquet_relations(path)):
        whole = pd.concat([read_parquet(part) for part in parts])
        tables["relations"] = whole.set_axis(pd.RangeIndex(2, len(whole) + 2, name="row"))
        files["relations"] = f"{path.name}/*.parquet"
    meta, found = _read_meta(path / "study.yaml")
    return tables, files, meta, path.resolve().name, findings + found


def _read_book(path: Path) -> Source:
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    findings: list[Finding] = []
    meta: dict[str, Any] = {}
    for sheet, (frame, found) in read_workbook(path).items():
        table = sheet.strip().lower()
        if table in contracts.TABLES:
            tables[table], files[table] = frame, f"{path.name}[{sheet}]"
            findings += found
        elif table == "study" and len(frame.columns) >= 2:
            meta = _meta_of_sheet(frame)
    return tables, files, meta, path.stem, findings


def _meta_of_sheet(frame: pd.DataFrame) -> dict[str, Any]:
    """A sheet 'study' of two columns, key and value; a dotted key (``zones.local``) nests."""
    meta: dict[str, Any] = {}
    for key, value in zip(frame.iloc[:, 0].dropna(), frame.iloc[:, 1], strict=False):
        if value is pd.NA:
            continue
        here = meta
        *parents, last = str(key).split(".")
        for parent in parents:
            if not isinstance(here.get(parent), dict):
                here[parent] = {}
            here = here[parent]
        here[last] = int(value) if re.fullmatch(r"[0-9]{1,9}", str(value)) else value
    return meta


def _read_meta(path: Path) -> tuple[dict[str, Any] | None, list[Finding]]:
    if not path.is_file():
        return {}, []
    check_size(path)
    try:
        meta = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        return None, [Finding(path.name, mark.line + 1 if mark else 0, "", "", "no_yaml", problem=problem)]
    if meta is None:
        return {}, []
    if not isinstance(meta, dict):
        return None, [Finding(path.name, 1, "", str(meta), "no_mapping")]
    findings = []
    year = meta.get("reference_year")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int) or not 1 <= year <= 9999):
        findings.append(Finding(path.name, 0, "reference_year", str(year), "no_reference_year"))
    for zone, rings in _own_zone_items(meta):
        for ring in str(rings).split(","):
            if ring.strip() not in RINGS:
                where = f"zones.own_zone_names.{zone}"
                findings.append(Finding(path.name, 0, where, str(rings), "unknown_ring_in_zone", rings=RINGS))
    return meta, findings


def _own_zone_items(meta: Mapping[str, Any]) -> list[tuple[str, Any]]:
    zones = meta.get("zones")
    own = zones.get("own_zone_names") if isinstance(zones, Mapping) else None
    return list(own.items()) if isinstance(own, Mapping) else []
