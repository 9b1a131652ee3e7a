"""Pajek's .net and .paj files, as its manual describes them.

A vertex is its number; labels may repeat. Several networks in one file are relations where their vertices are the same;
of others the first is read and the rest are told. Partitions, vectors and permutations become attributes.

References
----------
Mrvar, A. & Batagelj, V. *Pajek: programs for analysis and visualization of very large networks, reference manual*,
sections "Data objects" and "Input files".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["read_pajek"]

# a word in quotes, or one without blanks; a quote within a word is written as &#34;, by some as \"
_WORD = re.compile(r'"((?:[^"\\]|\\"(?=[^"]*"\s*(?:$|[^"\s]))|\\)*)"|(\S+)')
_ENTITY = re.compile(r"&#(\d{1,7});")
_RELATION = re.compile(r"^\*\w+\s*(?::\s*(\d+))?\s*(.*)$")
_TIME = re.compile(r'("[^"]*")|(?<=\s)\[[^\s"\]]*\](?=\s|$)')
_SHAPES = ("ellipse", "box", "diamond", "triangle", "cross", "empty", "house", "man", "woman", "circle")
_LOOKS = frozenset(
    [
        "x_fact",
        "y_fact",
        "phi",
        "r",
        "q",
        "ic",
        "bc",
        "bw",
        "lc",
        "la",
        "lr",
        "lphi",
        "fos",
        "font",
        "c",
        "p",
        "w",
        "s",
        "a",
        "ap",
        "l",
        "lp",
        "l1",
        "l2",
        "h1",
        "h2",
        "a1",
        "a2",
        "k1",
        "k2",
        "al",
        "shape",
    ]
)  # of the manual's section on figures: how vertices and lines are drawn
_MOST = 5_000_000  # vertices that a header may promise


@dataclass
class _Net:
    """One *Network of a file: how many vertices, their rows and lists of ties, with line numbers."""

    line: int
    title: str = ""
    size: int = 0
    first_mode: int | None = None
    labels: dict[int, str] = field(default_factory=dict)
    extra: dict[int, dict[str, object]] = field(default_factory=dict)
    ties: list[tuple[int, int, bool, str | None, float | None, dict[str, object]]] = field(default_factory=list)
    drawn: bool = False

    def same_actors(self, other: _Net) -> bool:
        return (self.size, self.first_mode, self.labels) == (other.size, other.first_mode, other.labels)


def read_pajek(text: str) -> Network:
    r"""Read a Pajek file.

    Parameters
    ----------
    text : str
        Line ends may be LF, CRLF or CR alone; a line that starts with % is a comment.

    Returns
    -------
    Network
        ``actor`` is the vertex's label where every label is there once, else its number, with the label as ``name``;
        ``relation`` the name of a list of ties (``*Arcs :1 "advice"``) or of the network.

    Raises
    ------
    InputError
        There is no ``*Vertices``, a number lies outside them, or a line is not in the format, with its line.

    Examples
    --------
    >>> net = read_pajek('*Vertices 3\n1 "Mekan AS"\n2 Fjord\n3 "Mekan AS"\n*Arcs\n1 2 4\n3 2')
    >>> [(tie["source"], tie["target"], tie["weight"]) for tie in net.ties]
    [('1', '2', 4.0), ('3', '2', 1.0)]
    """
    network = Network("Pajek")
    nets, beside = _parts(text, network)
    if not nets:
        raise InputError("is no Pajek network: *Vertices is missing")
    first = nets[0]
    if len(nets) > 1 and not first.labels and not any(net.labels for net in nets):
        network.note(first.line, f"{len(nets)} networks of {first.size} vertices without labels are taken for the same")
    kept = [net for net in nets if net.same_actors(first)]
    for net in nets:
        if not net.same_actors(first):
            network.note(net.line, f"network '{net.title or net.line}' has other vertices and is not read")
    if any(net.drawn for net in kept):
        network.note(first.line, "how vertices are drawn (coordinates, shapes) is not kept")
    _actors(network, first, beside)
    names = [str(actor["actor"]) for actor in network.actors]
    for net in kept:
        for source, target, directed, relation, weight, more in net.ties:
            told = relation or (net.title if len(kept) > 1 else None)
            tie = {"source": names[source - 1], "target": names[target - 1], "directed": int(directed), **more}
            if told:
                tie["relation"] = told
            if weight is not None:
                tie.setdefault("weight", weight)
            network.ties.append(tie)
    network.two_mode = first.first_mode is not None
    network.taken = {
        "actors": f"*Vertices {first.size}" + (f" {first.first_mode}" if first.first_mode is not None else ""),
        "ties": ", ".join(sorted({"*Arcs" if tie["directed"] else "*Edges" for tie in network.ties})) or "none",
        "weight": "third number of a tie" if any("weight" in tie for tie in network.ties) else "none",
        "layer": "names of relations or networks" if any("relation" in tie for tie in network.ties) else "none",
    }
    return network


def _parts(text: str, network: Network) -> tuple[list[_Net], list[tuple[str, str, int, list[str]]]]:
    """The networks of a file, and the partitions and vectors that lie beside them."""
    nets: list[_Net] = []
    numbered: dict[str, str] = {}  # relation by its number
    beside: list[tuple[str, str, int, list[str]]] = []
    state, relation, title = "", None, ""
    matrix = _Matrix()
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("%"):
            continue
        if line.startswith("*"):
            word = line[1:].split()[0].lower().rstrip(":") if line[1:].split() else ""
            if word == "network":
                title, state = line[len("*network") :].strip().strip('"'), ""
            elif word == "vertices" and state in ("partition", "vector", "permutation"):
                continue
            elif word == "vertices":
                if nets and not title and not nets[-1].ties and state == "vertices":
                    network.note(number, "*Vertices stands twice; the later list names the vertices")
                    nets.pop()
                nets.append(_vertices(line, number, title))
                title, state = "", "vertices"
            elif word in ("arcs", "edges", "arcslist", "edgeslist", "matrix"):
                if not nets:
                    raise InputError(f"line {number}: *{word} before *Vertices")
                state, matrix = word, _Matrix()
                found = _RELATION.match(line)
                named = _plain(found[2].strip().strip('"')) if found and not found[2].strip().isdigit() else ""
                number_of = found[1] if found else None
                if number_of and named:
                    numbered[number_of] = named
                relation = named or (numbered.get(number_of, number_of) if number_of else None)
            elif word in ("partition", "vector", "permutation"):
                beside.append((word, line[len(word) + 1 :].strip().strip('"'), number, []))
                state = word
            else:
                network.note(number, f"section *{word} is not read")
                state = "unread"
        elif state in ("partition", "vector", "permutation"):
            beside[-1][3].append(line)
        elif state == "vertices":
            _vertex(nets[-1], line, number)
        elif state == "matrix":
            matrix.take(nets[-1], line, number, relation)
        elif state in ("arcs", "edges"):
            _tie(nets[-1], line, number, state == "arcs", relation, numbered)
        elif state in ("arcslist", "edgeslist"):
            ends = [_number(nets[-1], word, number) for word in line.split()]
            nets[-1].ties += [(ends[0], other, state == "arcslist", relation, None, {}) for other in ends[1:]]
        elif not state and not nets:
            raise InputError(f"line {number}: '{line[:60]}' stands before *Vertices")
    return nets, beside


def _vertices(line: str, number: int, title: str) -> _Net:
    words = line.split()[1:]
    try:
        sizes = [int(word) for word in words[:2]]
    except ValueError:
        raise InputError(f"line {number}: '{line[:60]}': *Vertices is followed by their number") from None
    if not sizes or min(sizes) < 0 or sizes[0] > _MOST:
        raise InputError(f"line {number}: '{line[:60]}': *Vertices is followed by their number, at most {_MOST:,}")
    two_mode = len(sizes) > 1 and 0 < sizes[1] < sizes[0]
    return _Net(number, title, sizes[0], sizes[1] if two_mode else None)


def _words(line: str) -> list[str]:
    words = [found[1].replace('\\"', '"') if found[1] is not None else found[2] for found in _WORD.finditer(line)]
    return [_plain(word) for word in words] if "&#" in line else words


def _plain(text: str) -> str:
    """Text with what Pajek writes as &#229; in its place."""
    return _ENTITY.sub(lambda found: chr(int(found[1])) if 31 < int(found[1]) < 0x110000 else found[0], text)


def _number(net: _Net, word: str, line: int) -> int:
    try:
        value = int(word)
    except ValueError:
        raise InputError(f"line {line}: '{word[:40]}' is no number of a vertex") from None
    if not 1 <= value <= net.size:
        raise InputError(f"line {line}: vertex {value} is none of the {net.size}")
    return value


def _float(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _vertex(net: _Net, line: str, number: int) -> None:
    """``number label x y z shape key value ...``; all but the number may be left out. How it is drawn is not kept."""
    more: dict[str, object] = {}
    words = _words(_timeless(line, more))
    vertex = _number(net, words[0], number)
    if len(words) > 1:
        net.labels[vertex] = words[1]
    rest = words[2:]
    for _ in ("x", "y", "z"):
        if rest and _float(rest[0]) is not None:
            rest.pop(0)
            net.drawn = True
    if rest and (len(rest) % 2 or rest[0].lower() in _SHAPES):
        rest.pop(0)
        net.drawn = True
    more.update(_pairs(rest))
    net.extra[vertex] = {key: value for key, value in more.items() if key not in _LOOKS}


def _pairs(words: list[str]) -> dict[str, object]:
    return dict(zip(words[::2], words[1::2], strict=False))


def _timeless(line: str, more: dict[str, object]) -> str:
    """The line without an interval such as [2001-2005], which becomes the attribute ``time``; quoted ones are text."""
    if "[" not in line:
        return line
    times: list[str] = []

    def taken(found: re.Match[str]) -> str:
        if found[1] is None:
            times.append(found[0].strip())
            return " "
        return found[0]

    bare = _TIME.sub(taken, line)
    if times:
        more["time"] = ";".join(times)
    return bare


def _tie(net: _Net, line: str, number: int, directed: bool, relation: str | None, numbered: dict[str, str]) -> None:
    """``[relation:] source target [value] [key value ...]``."""
    prefix = re.match(r"^(\d+)\s*:\s*(?=\d)", line)
    more: dict[str, object] = {}
    words = _words(_timeless(line[prefix.end() :] if prefix else line, more))
    if len(words) < 2:
        raise InputError(f"line {number}: '{line[:60]}' names one vertex; a tie has two")
    source, target = _number(net, words[0], number), _number(net, words[1], number)
    weight = _float(words[2]) if len(words) > 2 else None
    rest = words[3:] if weight is not None else words[2:]
    told = numbered.get(prefix[1], prefix[1]) if prefix else relation
    more.update(_pairs(rest))
    more = {key: value for key, value in more.items() if key not in _LOOKS}
    net.ties.append((source, target, directed, told, 1.0 if weight is None else weight, more))


@dataclass
class _Matrix:
    """A matrix that is being read; its rows may go on over several lines."""

    row: int = 1
    column: int = 0

    def take(self, net: _Net, line: str, number: int, relation: str | None) -> None:
        rows = net.first_mode or net.size
        columns = net.size - net.first_mode if net.first_mode else net.size
        for word in line.split():
            value = _float(word)
            self.column += 1
            if self.column > columns:
                self.row, self.column = self.row + 1, 1
            if value is None or self.row > rows:
                raise InputError(f"line {number}: '{word[:40]}' is no cell of a matrix of {rows} x {columns} numbers")
            if value:
                net.ties.append((self.row, self.column + (net.first_mode or 0), True, relation, value, {}))


def _actors(network: Network, net: _Net, beside: list[tuple[str, str, int, list[str]]]) -> None:
    labels = [net.labels.get(vertex, str(vertex)) for vertex in range(1, net.size + 1)]
    unique = len(set(labels)) == len(labels)
    if not unique:
        network.note(net.line, "labels repeat; a vertex is called by its number, with the label as its name")
    for vertex, label in enumerate(labels, start=1):
        actor: dict[str, object] = {"actor": label if unique else str(vertex), "name": label}
        if net.first_mode is not None:
            actor["mode"] = 1 if vertex <= net.first_mode else 2
        network.actors.append({**actor, **net.extra.get(vertex, {})})
    for kind, title, line, rows in beside:
        if len(rows) != net.size:
            network.note(line, f"{kind} '{title}' has {len(rows)} values for {net.size} vertices and is not read")
            continue
        name = title or kind
        for actor_row, value in zip(network.actors, rows, strict=True):
            number = _float(value)
            actor_row[name] = value if number is None else int(number) if number.is_integer() else number
