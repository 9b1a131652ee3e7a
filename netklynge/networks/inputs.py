"""What measures take as ties and as groups, whoever made it: read once, refused in plain words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError

if TYPE_CHECKING:
    import igraph as ig
    import networkx as nx
    from scipy.sparse import sparray, spmatrix

__all__ = [
    "Groups",
    "Others",
    "TieRows",
    "Ties",
    "Weight",
    "blank_names",
    "columns_of",
    "frame_like",
    "group_table",
    "is_undirected",
    "tie_rows",
]

Names = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

Pairs: TypeAlias = Sequence[tuple[Any, ...]]
Matrix: TypeAlias = "npt.NDArray[Any] | sparray | spmatrix"
Others: TypeAlias = "nx.Graph[Any] | ig.Graph | Matrix | Pairs | Mapping[str, Sequence[Any]]"
Ties: TypeAlias = "IntoFrame | Others"
Groups: TypeAlias = "IntoFrame | Mapping[Any, Any] | pd.Series[Any]"
Weight: TypeAlias = str | bool | None

Given = TypeVar("Given")

WANTED = (
    "a frame (pandas, polars, pyarrow, DuckDB, Spark) with columns source and target, a networkx or igraph graph, "
    "a square matrix (numpy, scipy), or a list of pairs"
)
_YES, _NO = {"1", "true", "1.0"}, {"0", "false", "0.0"}


class TieRows(NamedTuple):
    """Ties as they were given, an undirected one in both directions unless told apart."""

    source: Names
    target: Names
    columns: dict[str, Names]  # further columns that were asked for
    weight: Floats | None
    nodes: list[Hashable] | None  # all actors of a graph or a matrix, with or without ties; None for a frame


def tie_rows(ties: Ties, more: Sequence[str] = (), weight: Weight = None, as_given: bool = False) -> TieRows:
    """Read ties of any kind.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        A frame that narwhals knows (or a mapping of columns) with columns ``source`` and ``target``; where it has a
        column ``directed`` too, a row with 0 there is a tie in both directions. A networkx or igraph graph, whose
        edges are ties in both directions unless it is directed; igraph's vertices go by their ``name``, else by
        number. A square matrix, in which a cell other than 0 is a tie from its row to its column. A list of pairs,
        or of triples with the weight last.
    more : sequence of str
        Further columns, or attributes of edges, to read.
    weight : str or bool, optional
        The column, or attribute of edges, with each tie's strength or amount; True for ``weight``. Of a matrix the
        cells, of triples the third.
    as_given : bool
        Leave undirected ties once, in the order they were typed.

    Raises
    ------
    NetklyngeError
        What was given is none of these, a column is missing, a flag is no flag, or a weight is blank, negative or no
        number.

    Examples
    --------
    >>> rows = tie_rows(pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "directed": [1, 0]}))
    >>> rows.source.tolist(), rows.target.tolist()
    (['a', 'b', 'c'], ['b', 'c', 'b'])
    """
    name = "weight" if weight is True else weight or None
    if _is_networkx(ties):
        rows, undirected = _of_networkx(ties, more, name)
    elif type(ties).__module__.split(".")[0] == "igraph":
        rows, undirected = _of_igraph(ties, more, name)
    elif isinstance(ties, np.ndarray) or (hasattr(ties, "tocoo") and hasattr(ties, "shape")):
        rows, undirected = _of_matrix(ties, more, name), None
    elif isinstance(ties, list | tuple):
        rows, undirected = _of_pairs(ties, more, name), None
    else:
        rows, undirected = _of_frame(ties, more, name)
    if undirected is None or as_given or not undirected.any():
        return rows
    back = np.flatnonzero(undirected)
    return TieRows(
        _joined(rows.source, rows.target[back]),
        _joined(rows.target, rows.source[back]),
        {key: _joined(values, values[back]) for key, values in rows.columns.items()},
        None if rows.weight is None else np.concatenate([rows.weight, rows.weight[back]]),
        rows.nodes,
    )


def is_undirected(ties: Any) -> bool:
    """Whether `ties` are an undirected networkx or igraph graph; the ties of a frame have a direction each."""
    return callable(getattr(ties, "is_directed", None)) and not ties.is_directed()


def _is_networkx(ties: Any) -> bool:
    return hasattr(ties, "is_directed") and hasattr(ties, "edges") and hasattr(ties, "nodes")


def _joined(one: Names, two: Names) -> Names:
    joined: Names = np.concatenate([one, two])
    return joined


def _objects(items: Iterable[Any]) -> Names:
    """An array of objects, in which a tuple is one of them."""
    listed = list(items)
    array = np.empty(len(listed), dtype=object)
    for k, item in enumerate(listed):
        array[k] = item
    return array


def _of_networkx(graph: Any, more: Sequence[str], weight: str | None) -> tuple[TieRows, Flags | None]:
    edges = list(graph.edges(data=True))
    columns = {}
    for name in more:
        columns[name] = _objects(data.get(name) for *_, data in edges)
        if len(edges) and all(value is None for value in columns[name]):
            raise NetklyngeError(f"ties: no edge of the graph has the attribute '{name}'")
    source, target = _objects(a for a, _, _ in edges), _objects(b for _, b, _ in edges)
    weights = None if weight is None else _weights([data.get(weight) for *_, data in edges], source, target, weight)
    undirected = None if graph.is_directed() else source != target
    return TieRows(source, target, columns, weights, list(graph.nodes)), undirected


def _of_igraph(graph: Any, more: Sequence[str], weight: str | None) -> tuple[TieRows, Flags | None]:
    names = _objects(graph.vs["name"] if "name" in graph.vs.attributes() else range(graph.vcount()))
    if len(set(names.tolist())) < len(names):
        raise NetklyngeError("ties: two vertices of the igraph graph have the same name; an actor has one vertex")
    edges = np.asarray(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2)
    lacking = [name for name in (*more, *filter(None, [weight])) if name not in graph.es.attributes()]
    if lacking and len(edges):
        raise NetklyngeError(f"ties: no edge of the graph has the attribute '{lacking[0]}'")
    source, target = names[edges[:, 0]], names[edges[:, 1]]
    columns = {name: _objects(graph.es[name] if len(edges) else ()) for name in more}
    values = graph.es[weight] if weight and len(edges) else []
    weights = None if weight is None else _weights(values, source, target, weight)
    undirected = None if graph.is_directed() else edges[:, 0] != edges[:, 1]
    return TieRows(source, target, columns, weights, names.tolist()), undirected


def _of_matrix(matrix: Any, more: Sequence[str], weight: str | None) -> TieRows:
    shape = tuple(matrix.shape)
    if len(shape) != 2 or shape[0] != shape[1]:
        raise NetklyngeError(f"ties: a matrix of shape {shape}; ties as a matrix have as many rows as columns")
    if more:
        raise NetklyngeError(f"ties: a matrix has no column '{more[0]}'; give a frame with source, target, {more[0]}")
    if isinstance(matrix, np.ndarray):
        try:
            dense = np.asarray(matrix, dtype=float)
        except (TypeError, ValueError):
            raise NetklyngeError(f"ties: a matrix of {matrix.dtype}; its cells are numbers") from None
        row, column = np.nonzero(dense)
        values = dense[row, column]
    else:
        cells = matrix.tocoo()
        cells.sum_duplicates()
        there = cells.data != 0
        row, column, values = cells.row[there], cells.col[there], np.asarray(cells.data[there], dtype=float)
    blank = np.flatnonzero(np.isnan(values))
    if len(blank):
        raise NetklyngeError(
            f"ties: cell ({row[blank[0]]}, {column[blank[0]]}) of the matrix is blank; unknown is not 0: fill it, or "
            "leave the actor out"
        )
    source, target = row.astype(np.int64), column.astype(np.int64)
    weights = None if weight is None else _weights(values, source, target, "cell")
    return TieRows(source, target, {}, weights, list(range(shape[0])))


def _of_pairs(pairs: Sequence[Any], more: Sequence[str], weight: str | None) -> TieRows:
    if more:
        raise NetklyngeError(f"ties: pairs have no column '{more[0]}'; give a frame with source, target, {more[0]}")
    wanted = 2 if weight is None else 3
    for row, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple | np.ndarray) or not wanted <= len(pair) <= 3:
            told = "a source and a target" if wanted == 2 else "a source, a target and a weight"
            raise NetklyngeError(f"ties: item {row} is {pair!r}; each item of a list of ties is {told}")
    source, target = _objects(pair[0] for pair in pairs), _objects(pair[1] for pair in pairs)
    weights = None if weight is None else _weights([pair[2] for pair in pairs], source, target, "the third item")
    return TieRows(source, target, {}, weights, None)


def _of_frame(ties: Any, more: Sequence[str], weight: str | None) -> tuple[TieRows, Flags | None]:
    frame = _native(ties, "ties")
    names = ["source", "target", *more, *([weight] if weight else [])]
    present = list(frame.columns) if isinstance(frame, pd.DataFrame) else frame.collect_schema().names()
    flagged = "directed" in present and "directed" not in names
    table = columns_of(frame, list(dict.fromkeys([*names, *(["directed"] if flagged else [])])), "ties")
    source, target = table["source"].to_numpy(), table["target"].to_numpy()
    weights = None if weight is None else _weights(table[weight], source, target, weight)
    columns = {name: table[name].to_numpy() for name in more}
    undirected = ~_directed(table["directed"]) & (source != target) if flagged else None
    return TieRows(source, target, columns, weights, None), undirected


def _directed(flags: pd.Series[Any]) -> Flags:
    """Whether each row of a column ``directed`` says so; a blank does."""
    if flags.dtype == bool:
        return np.asarray(flags, dtype=bool)
    known = flags.notna().to_numpy()
    told = flags.where(known, "1").astype(str).str.strip().str.lower()
    wrong = np.flatnonzero(~told.isin(_YES | _NO | {""}).to_numpy())
    if len(wrong):
        raise NetklyngeError(f"ties: row {wrong[0]}: directed is '{flags.iloc[wrong[0]]}'; it is 1 or 0")
    return np.asarray(~told.isin(_NO), dtype=bool)


def _weights(values: Any, source: Names, target: Names, name: str) -> Floats:
    """Weights as numbers from 0 up, none of them blank."""
    try:
        numbers = pd.to_numeric(pd.Series(values)).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise NetklyngeError(f"ties: weights are numbers from 0 up; '{name}': {error}") from None
    wrong = np.flatnonzero(~np.isfinite(numbers) | (numbers < 0))
    if len(wrong):
        row = int(wrong[0])
        raise NetklyngeError(
            f"ties: row {row} ({source[row]} to {target[row]}): '{name}' is {numbers[row]:g}, as in {len(wrong)} of "
            f"{len(numbers)} rows; a weight is a number from 0 up. Unknown is not 0: fill it, or leave such ties out"
        )
    return np.asarray(numbers, dtype=np.float64)


def _native(frame: Any, what: str) -> Any:
    """A frame that narwhals knows, or a plain refusal."""
    if isinstance(frame, pd.DataFrame):
        return frame
    if isinstance(frame, Mapping):
        try:
            return pd.DataFrame(dict(frame))
        except ValueError as error:
            raise NetklyngeError(f"{what}: a mapping of columns: {error}") from None
    try:
        return nw.from_native(frame)
    except TypeError:
        hint = "; of a study give study.ties(layer)" if hasattr(frame, "ties") else ""
        raise NetklyngeError(f"{what}: a {type(frame).__name__} cannot be read; give {WANTED}{hint}") from None


def columns_of(frame: Any, names: Sequence[str], what: str) -> pd.DataFrame:
    """These columns of any frame that narwhals knows, read at once into pandas; `what` names it in errors."""
    native = _native(frame, what)
    if isinstance(native, pd.DataFrame) and set(names) <= set(native.columns):
        return pd.DataFrame({name: native[name].to_numpy() for name in names})
    native = nw.from_native(native)
    lacking = [name for name in names if name not in native.collect_schema().names()]
    if lacking:
        raise NetklyngeError(f"{what}: column '{lacking[0]}' is missing; needed are {', '.join(names)}")
    native = native.select(*names)
    eager = native.collect() if isinstance(native, nw.LazyFrame) else native
    return pd.DataFrame({name: eager[name].to_numpy() for name in names})


def blank_names(names: Names) -> Flags:
    """Which names of actors are no names: missing, or text with nothing but blanks."""
    if names.dtype.kind in "iub":
        return np.zeros(len(names), dtype=bool)
    return np.array(
        [(isinstance(name, str) and not name.strip()) or (np.ndim(name) == 0 and pd.isna(name)) for name in names],
        dtype=bool,
    )


def group_table(groups: Groups) -> tuple[Names, Names]:
    """Actors and their groups, as two arrays; None where the group is unknown (missing, or blank text).

    Parameters
    ----------
    groups : frame or mapping
        A frame with columns ``actor`` and ``group``, or a mapping from actor to group.

    Raises
    ------
    NetklyngeError
        A column is missing, or an actor is blank or stands in two groups.
    """
    if isinstance(groups, Mapping | pd.Series):
        actors, of = _objects(groups.keys()), _objects(dict(groups.items()).values())
        pairs = pd.DataFrame({"actor": pd.Series(actors).infer_objects(), "group": pd.Series(of, dtype=object)})
    else:
        pairs = columns_of(groups, ("actor", "group"), "groups")
    blank = np.flatnonzero(blank_names(pairs["actor"].to_numpy()))
    if len(blank):
        raise NetklyngeError(f"groups: row {blank[0]}: the actor is blank; every row names an actor")
    unknown = blank_names(pairs["group"].to_numpy())
    pairs["group"] = pairs["group"].astype(object).mask(unknown, None)
    pairs = pairs.drop_duplicates()
    twice = pairs.loc[pairs["actor"].duplicated(), "actor"]
    if len(twice):
        raise NetklyngeError(f"groups: actor '{twice.iloc[0]}' stands in two groups; give each one group")
    of_actor = pairs["group"].where(pairs["group"].notna(), None)
    return pd.Index(pairs["actor"].to_numpy(), tupleize_cols=False).to_numpy(), of_actor.to_numpy(dtype=object)


def frame_like(result: pd.DataFrame, given: Any) -> Any:
    """The result as the kind of frame that was given; a pandas frame for anything else.

    Examples
    --------
    >>> import polars as pl
    >>> type(frame_like(pd.DataFrame({"n": [1]}), pl.DataFrame({"source": ["a"]}))).__module__.split(".")[0]
    'polars'
    """
    frame = nw.from_native(given, pass_through=True)
    if not isinstance(frame, nw.DataFrame | nw.LazyFrame) or frame.implementation.is_pandas():
        return result
    arrow = nw.from_native(result, eager_only=True).to_arrow()  # which tells a blank from not a number
    if isinstance(frame, nw.DataFrame):
        return nw.from_arrow(arrow, backend=frame.implementation).to_native()
    if frame.implementation.is_pyspark():
        return given.sparkSession.createDataFrame(arrow)
    return nw.from_native(result).lazy(frame.implementation).to_native()
