"""UCINET's DL files: data language, as its manual describes it.

Full, upper- and lower-half matrices, edge and node lists, edge arrays; labels at the top or embedded, with blanks where
they are quoted; several matrices are several relations.

References
----------
Borgatti, S. P., Everett, M. G. & Freeman, L. C. *UCINET for Windows: user's guide*, "DL files".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["read_dl"]

_TOKEN = re.compile(r'"([^"]*)"|([^\s,]+)')
_FORMATS = (
    "fullmatrix", "upperhalf", "lowerhalf", "edgelist1", "edgelist2", "nodelist1", "nodelist2", "nodelist1b",
    "edgearray1",
)  # fmt: skip
_KEYS = re.compile(
    r"(?i)(?<![\w\"])(n|nr|nc|nm|format|diagonal|"
    r"(?:(?:row|column|col)\s+)?labels\s+embedded|"
    r"(?:(?:row|column|col|matrix|level)\s+)?labels|data)\s*(:|=|(?=\s|,|$))"
)
_UNKNOWN = {"na", ".", "nan", "-"}
_MOST = 20_000  # actors of a full matrix: more than that is no table that anybody typed


@dataclass
class _Head:
    """What stands above the data."""

    sizes: dict[str, int] = field(default_factory=dict)
    format: str = "fullmatrix"
    diagonal: bool = True
    embedded: frozenset[str] = frozenset()
    labels: dict[str, list[str]] = field(default_factory=dict)


def read_dl(text: str) -> Network:
    """Read a DL file.

    Parameters
    ----------
    text : str

    Returns
    -------
    Network
        One tie per cell or line that is not 0, with its value as ``weight``; a cell ``NA`` is unknown and told. A
        matrix
        whose cells mirror each other everywhere is undirected, each tie once. Of several matrices each tie bears the
        matrix's label as ``relation``. A file of rows and columns of different actors is two-mode.

    Raises
    ------
    InputError
        It does not start with ``dl``, has no data, is in a format that is not known, or cells are too few.

    Examples
    --------
    >>> net = read_dl('dl n=2 format=edgelist1 labels: "Kongsberg Våpen","Nammo AS" data: 1 2')
    >>> [(tie["source"], tie["target"]) for tie in net.ties]
    [('Kongsberg Våpen', 'Nammo AS')]
    """
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped[:2].lower() != "dl":
        raise InputError("is no DL file: it starts with 'dl'")
    head, data, line = _parse_head(text)
    network = Network("DL (UCINET)")
    rows = head.sizes.get("nr", head.sizes.get("n", 0))
    columns = head.sizes.get("nc", head.sizes.get("n", 0))
    matrices = max(head.sizes.get("nm", 1), 1)
    if max(rows, columns) > _MOST and head.format in ("fullmatrix", "upperhalf", "lowerhalf"):
        raise InputError(f"says that it has {max(rows, columns):,} actors; a matrix of at most {_MOST:,} is read")
    if max(rows, columns) > max(len(text), 10_000):
        raise InputError(f"says that it has {max(rows, columns)} actors and is too short for them")
    sides = [head.labels.get(side) for side in ("row", "column")]
    two_mode = (
        rows != columns or head.format in ("edgelist2", "nodelist2") or (None not in sides and sides[0] != sides[1])
    )
    if head.format in ("fullmatrix", "upperhalf", "lowerhalf"):
        cells, names = _read_matrices(head, data, line, rows, columns, matrices, network)
    else:
        cells, names = _read_lists(head, data, line, two_mode, matrices, rows, columns)
    row_names, column_names = names
    network.two_mode = two_mode
    _to_network(network, cells, row_names, column_names, two_mode, head)
    network.taken = {
        "actors": f"labels of {len(row_names)} rows" + (f" and {len(column_names)} columns" if two_mode else ""),
        "ties": head.format,
        "layer": "matrix labels" if head.labels.get("matrix") else ("number of the matrix" if matrices > 1 else "none"),
        "weight": "the value of a cell",
        "mode": "two" if two_mode else "one",
    }
    return network


# -- the head -----------------------------------------------------------------------------------------------


def _tokens(text: str) -> list[str]:
    if '"' not in text and "'" not in text:
        return text.replace(",", " ").split()
    words = [next(part for part in found.groups() if part is not None) for found in _TOKEN.finditer(text)]
    return [word.replace("&#34;", '"').replace("&#38;", "&") for word in words] if "&#3" in text else words


def _parse_head(text: str) -> tuple[_Head, str, int]:
    """Everything up to ``data:``, keyword by keyword; quoted labels may hold keywords of their own."""
    bare = re.sub(r'"[^"\n]*"', lambda found: '"' + "\0" * (len(found[0]) - 2) + '"', text)
    found = [match for match in _KEYS.finditer(bare) if match[2] or match[1].lower().endswith(("embedded", "diagonal"))]
    end = next((match for match in found if match[1].lower() == "data" and match[2] == ":"), None)
    if end is None:
        raise InputError("has no 'data:'")
    found = [match for match in found if match.start() < end.start()]
    head = _Head()
    for place, match in enumerate(found):
        stop = found[place + 1].start() if place + 1 < len(found) else end.start()
        word = re.sub(r"\s+", " ", match[1].lower())
        value = text[match.end() : stop].strip(" ,\t\r\n=:")
        if word in ("n", "nr", "nc", "nm"):
            size = re.match(r"\d+", value)
            if not size or len(size[0]) > 9:
                raise InputError(f"'{word}={value[:20]}' gives no number")
            head.sizes[word] = int(size[0])
        elif word == "format":
            name = value.split()[0].strip(",").lower() if value else ""
            name = {"nodelist": "nodelist1", "edgelist": "edgelist1", "edgearray": "edgearray1"}.get(name, name)
            if name not in _FORMATS:
                raise InputError(f"format '{name[:40]}' is not one that is read; {', '.join(_FORMATS)} are")
            head.format = name
        elif word == "diagonal":
            head.diagonal = not value.lower().startswith("absent")
        elif word.endswith("embedded") or value.lower() == "embedded":
            which = word.split()[0]
            head.embedded |= {"row", "column"} if which == "labels" else {"column" if which == "col" else which}
        elif word.endswith("labels"):
            which = {"labels": "both", "col": "column", "level": "matrix"}.get(word.split()[0], word.split()[0])
            head.labels[which] = _labels(value)
    if "both" in head.labels:
        head.labels.setdefault("row", head.labels["both"])
        head.labels.setdefault("column", head.labels["both"])
    return head, text[end.end() :], text.count("\n", 0, end.end()) + 1


def _labels(text: str) -> list[str]:
    """Labels parted by commas or line ends, or by blanks where several stand on a line without commas."""
    names: list[str] = []
    for line in text.split("\n"):
        names += _tokens(line)
    return names


# -- matrices -----------------------------------------------------------------------------------------------

Cell = tuple[int, int, int, float]  # matrix, row, column, value
Names = tuple[list[str], list[str]]


def _value(word: str, line: int) -> float | None:
    if word.lower() in _UNKNOWN:
        return None
    try:
        return float(word)
    except ValueError:
        raise InputError(f"line {line}: '{word[:40]}' is no value of a matrix; a number or NA is") from None


def _read_matrices(
    head: _Head, data: str, line: int, rows: int, columns: int, matrices: int, network: Network
) -> tuple[list[Cell], Names]:
    if not rows or not columns:
        raise InputError("does not say how many actors it has (n=, or nr= and nc=)")
    row_names, column_names = list(head.labels.get("row", [])), list(head.labels.get("column", []))
    words = (
        (word, number)
        for number, text in enumerate(data.split("\n"), start=line)
        for word in _tokens(text)
        if word != "!"
    )
    cells: list[Cell] = []
    unknown = 0

    def take(what: str) -> tuple[str, int]:
        told = next(words, None)
        if told is None:
            raise InputError(f"ends before {what}")
        return told

    for matrix in range(matrices):
        if "column" in head.embedded:
            column_names = [take("the labels of its columns")[0] for _ in range(columns)]
        found_rows = []
        for row in range(rows):
            if "row" in head.embedded:
                found_rows.append(take(f"the label of row {row + 1}")[0])
            here = {
                "fullmatrix": range(columns),
                "lowerhalf": range(row + 1),
                "upperhalf": range(row, columns),
            }[head.format]
            for column in here:
                if column == row and not head.diagonal and rows == columns:
                    continue
                told = next(words, None)
                if told is None:
                    raise InputError(f"ends before cell {row + 1}, {column + 1} of matrix {matrix + 1}")
                value = _value(*told)
                unknown += value is None
                if value:
                    cells.append((matrix, row, column, value))
                    if head.format != "fullmatrix" and row != column:
                        cells.append((matrix, column, row, value))
        row_names = found_rows or row_names
    beyond = next(words, None)
    if beyond is not None:
        word, number = beyond
        raise InputError(f"line {number}: '{word[:40]}' stands beyond the {rows} x {columns} cells of the matrix")
    if unknown:
        network.note(line, f"{unknown} cells are NA: unknown, and no ties")
    return cells, (_filled(row_names, rows), _filled(column_names or (row_names if rows == columns else []), columns))


def _filled(names: list[str], size: int) -> list[str]:
    if names and len(names) != size:
        raise InputError(f"has {len(names)} labels for {size} actors")
    return names or [str(k) for k in range(1, size + 1)]


# -- lists --------------------------------------------------------------------------------------------------


def _read_lists(
    head: _Head, data: str, line: int, two_mode: bool, matrices: int, rows: int, columns: int
) -> tuple[list[Cell], Names]:
    names: Names = (list(head.labels.get("row", [])), list(head.labels.get("column", [])))
    if not two_mode:
        names = (names[0] or names[1], names[0] or names[1])
    embedded, matrix, counted = bool(head.embedded), 0, 0
    cells: list[Cell] = []
    lookup = tuple({name.lower(): k for k, name in enumerate(side)} for side in names)
    sizes = (rows, columns)

    def place(word: str, side: int, number: int) -> int:
        side = side if two_mode else 0
        if embedded or not word.isdigit() or (names[side] and word.lower() in lookup[side] and not sizes[side]):
            if word.lower() not in lookup[side]:
                if not embedded and names[side]:
                    raise InputError(f"line {number}: '{word[:40]}' is none of the labels")
                lookup[side][word.lower()] = len(names[side])
                names[side].append(word)
                if not two_mode and names[1] is not names[0]:
                    names[1].append(word)
            return lookup[side][word.lower()]
        index = int(word)
        if not 1 <= index <= (sizes[side] or index):
            raise InputError(f"line {number}: actor {index} is none of the {sizes[side]}")
        return index - 1

    for number, text in enumerate(data.split("\n"), start=line):
        words = _tokens(text)
        if not words:
            continue
        if words == ["!"]:
            matrix, counted = matrix + 1, 0
            continue
        if head.format == "nodelist1b":  # row by row, each with how many others it names
            counted += 1
            if not words[0].isdigit() or int(words[0]) != len(words) - 1:
                raise InputError(f"line {number}: '{words[0][:20]}' is not how many others row {counted} names")
            cells += [(matrix, counted - 1, place(word, 1, number), 1.0) for word in words[1:]]
            continue
        if head.format.startswith("nodelist"):
            row = place(words[0], 0, number)
            cells += [(matrix, row, place(word, 1, number), 1.0) for word in words[1:]]
            continue
        if len(words) < 2:
            raise InputError(f"line {number}: '{text.strip()[:60]}' names one actor; a tie has two")
        row, column = place(words[0], 0, number), place(words[1], 1, number)
        values = [_value(word, number) for word in words[2:]] or [1.0]
        for k, value in enumerate(values if head.format == "edgearray1" else values[:1]):
            if value:
                cells.append((matrix + k, row, column, value))
    least = [max((cell[side] + 1 for cell in cells), default=0) for side in (1, 2)]
    if not two_mode:
        least = [max(least)] * 2
    counts = [int(max(size, at_least)) for size, at_least in zip(sizes, least, strict=True)]
    if max(counts) > max(len(data), 10_000):
        raise InputError(f"names actor {max(counts)} and is too short for so many")
    filled = [list(side) or [str(k) for k in range(1, count + 1)] for side, count in zip(names, counts, strict=True)]
    for side, count in zip(filled, least, strict=True):
        if count > len(side):
            raise InputError(f"names actor {count}; it has labels for {len(side)}")
    return cells, (filled[0], filled[1])


# -- to a network -------------------------------------------------------------------------------------------


def _to_network(
    network: Network, cells: list[Cell], rows: list[str], columns: list[str], two_mode: bool, head: _Head
) -> None:
    layers = head.labels.get("matrix", [])
    several = len({matrix for matrix, *_ in cells}) > 1 or head.sizes.get("nm", 1) > 1
    if two_mode:
        both = set(rows) & set(columns)
        heads = [f"{name} (column)" if name in both else name for name in columns]
        network.actors = [{"actor": name, "name": name, "mode": 1} for name in rows]
        network.actors += [{"actor": new, "name": name, "mode": 2} for new, name in zip(heads, columns, strict=True)]
    else:
        heads = rows
        repeated = len(set(rows)) < len(rows)
        if repeated:
            network.note(1, "labels repeat; an actor is called by its number, with the label as its name")
        own = [str(k) for k in range(1, len(rows) + 1)] if repeated else rows
        network.actors = [{"actor": new, "name": name} for new, name in zip(own, rows, strict=True)]
        rows = heads = own
    matrices: dict[int, dict[tuple[int, int], float]] = {}
    for matrix, row, column, value in cells:
        matrices.setdefault(matrix, {})[row, column] = value
    for matrix, here in matrices.items():
        loops = sum(row == column for row, column in here) if not two_mode else 0
        mirrored = not two_mode and all(here.get((column, row)) == value for (row, column), value in here.items())
        undirected = mirrored and len(here) > loops
        for (row, column), value in here.items():
            if undirected and row > column:
                continue
            tie: dict[str, object] = {
                "source": rows[row],
                "target": heads[column],
                "directed": 0 if undirected else 1,
                "weight": value,
            }
            if several or layers:
                tie["relation"] = layers[matrix] if matrix < len(layers) else str(matrix + 1)
            network.ties.append(tie)
