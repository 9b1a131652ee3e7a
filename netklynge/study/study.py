"""The study: one district at one time, as actors, relations in layers, published answers and zones."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from netklynge.files.outputs import write_text
from netklynge.files.tables import text_frame
from netklynge.findings import Finding, NetklyngeError, refuse
from netklynge.study import contracts
from netklynge.study.contracts import CATEGORY, SOURCE_ONLY
from netklynge.study.layers import EVENT_LAYERS, LAYERS, UNSTATED
from netklynge.study.meta import Meta
from netklynge.study.ties import Period, are_actual, between_outsiders, held, in_period, undated
from netklynge.study.views import once_at_any_cut
from netklynge.study.zones import check_cut, inside, rings_inside

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["SIZE_WINDOW", "Study"]

SIZE_WINDOW = 7  # years: a size counts for a year when it was taken at most so many years from it


@dataclass(frozen=True)
class Study:
    """One district at one time.

    Parameters
    ----------
    name : str
        Short name.
    actors, relations, links, answers : DataFrame
        The tables, typed as in :data:`netklynge.study.contracts.TABLES`; a table that the source lacks is empty.
    meta : Meta or mapping
        What ``study.yaml`` holds; a mapping is read as one.
    year : int, optional
        The year that the study is seen at; None is its reference year as coded.
    boundary : str
        The cut: the last ring that counts as inside.
    sources : mapping
        Table name to the file that it came from; a table that is missing there was not given.
    undated, undated_actors : int
        How many ties :meth:`at` left out since no date says whether they held in the year, and how many actors since
        neither a founding year nor a tie of the year says that they were there.
    statements : DataFrame
        What the author says of whole groups without counting.
    notices : tuple of Finding
        What the files tell in an older way; it was understood, and each says where it should stand.

    Notes
    -----
    A study is never changed: :meth:`at` and :meth:`cut` return views of it. :meth:`of` makes one that is checked.

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
    meta: Meta = field(default_factory=Meta)
    year: int | None = None
    boundary: str = "local"
    sources: Mapping[str, str] = field(default_factory=dict)
    undated: int = 0
    undated_actors: int = 0
    statements: pd.DataFrame = field(default_factory=lambda: contracts.typed("statements", contracts.NO_ROWS))
    notices: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.meta, Meta):
            object.__setattr__(self, "meta", Meta.of(self.meta))

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        meta: Mapping[str, Any] | None = None,
        *,
        name: str = "study",
        sources: Mapping[str, str] | None = None,
    ) -> Study:
        """A study of tables, checked against their contracts.

        Parameters
        ----------
        tables : mapping
            Table name to frame, of text or of any types; ``relations`` at least.
        meta : mapping, optional
            What ``study.yaml`` would hold.
        name : str
            Its name where `meta` has none.
        sources : mapping, optional
            Table name to the file that findings name; default the table's name.

        Raises
        ------
        StudyError
            The tables do not keep their contracts; ``findings`` lists every failure.

        Examples
        --------
        >>> import pandas as pd
        >>> Study.of({"relations": pd.DataFrame({"source": ["a"], "target": ["b"], "directed": [False]})})
        Study('study', undated, cut=local: 2 actors (0 categories), 1 ties in 1 layers, 0 published answers)
        """
        given = {table: text_frame(frame) for table, frame in tables.items() if table in contracts.TABLES}
        files = {table: (sources or {}).get(table, table) for table in given}
        told = Meta.of(meta)
        frames, findings = contracts.understood(given, files, told.own_zones, told.own_layers)
        refuse(findings)
        assert frames is not None
        return cls._of_typed(frames, Meta.of(meta), name, files, findings)

    @classmethod
    def _of_typed(
        cls,
        frames: Mapping[str, pd.DataFrame],
        meta: Meta,
        name: str,
        files: Mapping[str, str],
        findings: list[Finding],
    ) -> Study:
        return cls(name=meta.name or name, meta=meta, sources=files, notices=tuple(findings), **frames)

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
        return self.meta.title or self.name

    @property
    def reference_year(self) -> int | None:
        """The year for which ``current`` is coded."""
        return self.meta.reference_year

    @property
    def when(self) -> int | None:
        """The year that the study is seen at: that of :meth:`at`, else the reference year."""
        return self.year if self.year is not None else self.reference_year

    @property
    def own_zones(self) -> Mapping[str, str]:
        """Zone names of the survey's own, and the rings that each covers."""
        return self.meta.own_zones

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Layers that have ties, in the contract's order."""
        found = set(self.relations["layer"].dropna())
        return tuple(layer for layer in self.known_layers if layer in found)

    @property
    def known_layers(self) -> tuple[str, ...]:
        """Layers that a tie may have: ours, those that ``study.yaml`` names under ``layers``, and "unstated"."""
        return (*LAYERS, *self.meta.own_layers, UNSTATED)

    # -- views of the study ------------------------------------------------------------------------

    def at(self, year: int) -> Study:
        """The study as it was in `year`: the ties known to hold then, the actors that existed.

        A tie holds in a year between its start and its end, and not before both its actors were founded nor after one
        of them closed. A blank end of a current tie is open. A blank start is open *or unknown*: such a tie is known
        to hold in its last year when that is told, and by the reference year when it is current; for earlier years it
        is left out and counted in ``undated``. A tie that is over without a told end counts from its start until the
        reference year. Spin-offs are events: those up to `year` are kept; without a date they are known by the
        reference year. In the reference year itself a tie holds as ``current`` says.

        Actors founded later or closed before are left out unless a tie of the year names them; before the reference
        year so are those whose founding year nobody tells, counted in ``undated_actors``. Published answers and
        statements are kept when the reference year is near (:data:`SIZE_WINDOW`).

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
        (3, 59)
        """
        if isinstance(year, bool) or not isinstance(year, int) or not 1 <= year <= 9999:
            raise NetklyngeError(f"year {year!r} is no year; give a whole number such as 1985")
        ties = self.relations
        kept = ties[held(self, year)]
        kept = kept.assign(current=(~kept["layer"].isin(EVENT_LAYERS)).astype("boolean"))
        actors = self.actors
        named = actors["actor"].isin(kept["source"]) | actors["actor"].isin(kept["target"])
        known_by = self.reference_year if self.reference_year is not None else year
        founded = (actors["founded"].fillna(known_by) <= year).astype(bool)
        gone = (actors["closed"] < year).fillna(False).astype(bool)
        unknown = actors["founded"].isna() & ~founded & ~gone & ~named
        near = abs(year - known_by) <= SIZE_WINDOW
        return replace(
            self,
            relations=kept,
            actors=actors[(founded & ~gone) | named],
            year=year,
            links=self.links if near else self.links.iloc[:0],
            answers=self.answers if near else self.answers.iloc[:0],
            statements=self.statements if near else self.statements.iloc[:0],
            undated=int(undated(self, year).sum()),
            undated_actors=int(unknown.sum()),
        )

    def cut(self, ring: str) -> Study:
        """The same study with `ring` as the last ring that counts as inside the district."""
        seen = replace(self, boundary=check_cut(ring))
        vars(seen)["_made_at_any_cut"] = self._made_at_any_cut
        return seen

    # -- ties and actors that measures use ---------------------------------------------------------

    def ties(self, layer: str | None = None, period: Period = "current", *, when: Period | None = None) -> pd.DataFrame:
        """Ties of one layer, or of all with their layers told apart in a column.

        Parameters
        ----------
        layer : str, optional
            A layer; ``customer`` is ``supply`` turned round. Default: all.
        period : {"current", "past", "all"}
            Ties in force (a blank ``current`` counts as in force), ties that are over, or the table as it is. A tie
            that is planned, or told to be absent, is neither in force nor over. Events (spin-offs) are told whatever
            ``current`` says, when their layer is asked for.
        when : deprecated
            The former name of `period`.

        Notes
        -----
        Ties between two outsiders are among them; measures leave these out, see
        :func:`netklynge.study.ties.district_ties`.
        """
        if when is not None:
            warnings.warn("ties(when=) is now called period", DeprecationWarning, stacklevel=2)
            period = when
        return _ties(self, layer, period)

    def between_outsiders(self, layer: str | None = None) -> int:
        """How many ties in force have both ends outside the cut: not the district's, so no measure counts them."""
        return between_outsiders(self, layer)

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _made_at_any_cut(self) -> dict[Hashable, Any]:
        return {}

    @property
    def knows_rings(self) -> bool:
        """Whether anybody has said where an actor sits; else nobody is inside, and no tie either."""
        return bool(self.actors["scale"].notna().any())

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
        return actors[within & ~self.is_category & ~gone & (actors["status"] != SOURCE_ONLY).fillna(True)]

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

    def graph(
        self, layer: str | None = None, period: Period = "current", *, when: Period | None = None
    ) -> nx.MultiDiGraph:
        """The ties as a networkx graph, see :func:`netklynge.study.network.to_networkx`."""
        from netklynge.study.network import to_networkx

        if when is not None:
            warnings.warn("graph(when=) is now called period", DeprecationWarning, stacklevel=2)
            period = when
        return to_networkx(self, layer, period)

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
                write_text(target / f"{table}.csv", text_frame(frame).to_csv(index=False, lineterminator="\n"))
        meta = {**self.meta, "name": self.name}
        write_text(target / "study.yaml", yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=110))
        return target


@once_at_any_cut
def _ties(study: Study, layer: str | None, period: Period) -> pd.DataFrame:
    frame = study.relations
    wanted = "supply" if layer == "customer" else layer
    if wanted is not None:
        if wanted not in study.known_layers:
            raise NetklyngeError(f"layer '{layer}' is unknown; the study has {', '.join(study.layers) or 'none'}")
        frame = frame[frame["layer"] == wanted]
    if wanted in EVENT_LAYERS:
        frame = frame if period == "all" else frame[are_actual(frame)]
    else:
        frame = in_period(frame, period)
    if layer == "customer":
        frame = frame.rename(columns={"source": "target", "target": "source"})[list(frame.columns)]
    return frame
