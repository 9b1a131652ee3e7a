"""GML, Pajek, DL, VNA and an R script out: text formats, each with what it has for directions and layers."""

from __future__ import annotations

import re
from typing import Any

from netklynge.exchange.outgoing import Outgoing

__all__ = ["dl", "gml", "pajek", "pajek_project", "r_script", "vna"]


# -- GML ----------------------------------------------------------------------------------------------------

_GML_KEY = re.compile(r"[A-Za-z][0-9A-Za-z_]*")
_GML_OWN = {"actors": ("id", "label", "graphics"), "ties": ("source", "target", "id", "label", "key", "graphics")}


def _gml_keys(out: Outgoing) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Column to key, for actors and for ties; and the lines that say which column a made-up key stands for."""
    keys: dict[str, dict[str, str]] = {"actors": {}, "ties": {}}
    lines: list[str] = []
    made: dict[str, str] = {}
    for rows, own in _GML_OWN.items():
        for name in out.columns(rows):
            plain = _GML_KEY.fullmatch(name) and name not in own and name.lower() not in own
            if not plain and name not in made:
                made[name] = f"nkcol{len(made) + 1}"
                lines.append(f"  column [ key {_gml_value(made[name])} name {_gml_value(name)} ]")
            keys[rows][name] = name if plain else made[name]
    return keys, ["netklynge [", *lines, "]"] if lines else []


def _gml_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int) and abs(value) < 2**31:
        return str(value)
    if isinstance(value, float) and abs(value) != float("inf") and value == value:
        return repr(value) if re.search(r"[.]", repr(value)) else f'"{value!r}"'
    text = "".join(sign if " " <= sign <= "~" and sign not in '"&' else f"&#{ord(sign)};" for sign in str(value))
    return f'"{text}"'


def gml(out: Outgoing) -> str:
    """The study as GML; ``directed 0`` stands at a tie that has no direction in a graph that has."""
    keys, head = _gml_keys(out)
    directed = any(tie["directed"] for tie in out.ties) or not out.ties
    lines = ['Creator "netklynge"', *head, "graph [", f"  directed {int(directed)}", "  multigraph 1"]
    place = {row["actor"]: k for k, row in enumerate(out.actors)}
    for k, row in enumerate(out.actors):
        lines += ["  node [", f"    id {k}", f"    label {_gml_value(row['actor'])}"]
        lines += [f"    {keys['actors'][name]} {_gml_value(v)}" for name, v in row.items() if name in keys["actors"]]
        lines.append("  ]")
    for tie in out.ties:
        lines += ["  edge [", f"    source {place[tie['source']]}", f"    target {place[tie['target']]}"]
        if directed and not tie["directed"]:
            lines.append("    directed 0")
        lines += [f"    {keys['ties'][name]} {_gml_value(v)}" for name, v in tie.items() if name in keys["ties"]]
        lines.append("  ]")
    return "\n".join([*lines, "]", ""])


# -- Pajek --------------------------------------------------------------------------------------------------


def _pajek_text(value: Any) -> str:
    """Quoted text on its line; a quote, which Pajek has no sign for within quotes, as &#34;."""
    text = str(int(value)) if isinstance(value, bool) else str(value)
    text = re.sub(r"&(?=#)", "&#38;", text)
    text = text.replace('"', "&#34;").replace("\\", "&#92;")
    return f'"{re.sub(chr(10) + "|" + chr(13) + "|" + chr(9), " ", text)}"'


def pajek(out: Outgoing) -> str:
    """The study as one Pajek network, ``*Arcs`` and ``*Edges``, each tie with its layer.

    The lists bear no relation numbers, since networkx and igraph read no file that has them; :func:`pajek_project` does
    what Pajek itself has for layers.
    """
    lines = _pajek_vertices(out)
    for directed, word in ((1, "*Arcs"), (0, "*Edges")):
        ties = [tie for tie in out.ties if tie["directed"] == directed]
        lines += [word, *_pajek_ties(out, ties, ())] if ties else []
    return "\n".join([*lines, ""])


def pajek_project(out: Outgoing) -> str:
    """The study as a Pajek project (.paj): a network per layer, all with the same vertices."""
    lines = []
    for layer in out.layers() or ["unstated"]:
        lines += [f"*Network {' '.join(layer.split())}", *_pajek_vertices(out)]
        for directed, word in ((1, "*Arcs"), (0, "*Edges")):
            ties = [tie for tie in out.ties if tie["layer"] == layer and tie["directed"] == directed]
            lines += [word, *_pajek_ties(out, ties, ("layer",))] if ties else []
    return "\n".join([*lines, ""])


def _pajek_vertices(out: Outgoing) -> list[str]:
    lines = [f"*Vertices {len(out.actors)}"]
    for number, row in enumerate(out.actors, start=1):
        told = [f"{_pajek_key(k)} {_pajek_text(v)}" for k, v in row.items() if k != "actor"]
        lines.append(" ".join([f"{number} {_pajek_text(row['actor'])} 0.0 0.0 ellipse", *told]))
    return lines


def _pajek_ties(out: Outgoing, ties: list[dict[str, Any]], without: tuple[str, ...]) -> list[str]:
    place = {row["actor"]: k for k, row in enumerate(out.actors, start=1)}
    lines = []
    for tie in ties:
        weight = tie.get("weight", 1)
        number_like = isinstance(weight, int | float) or re.fullmatch(r"-?\d+(\.\d+)?", str(weight))
        kept = ("source", "target", "directed", *without, *(("weight",) if number_like else ()))
        told = [f"{_pajek_key(k)} {_pajek_text(v)}" for k, v in tie.items() if k not in kept]
        lines.append(" ".join([f"{place[tie['source']]} {place[tie['target']]} {weight if number_like else 1}", *told]))
    return lines


def _pajek_key(name: str) -> str:
    """A column's name; quoted where it has blanks, or is a word or a number that Pajek takes for its own."""
    return _pajek_text(name) if not re.fullmatch(r"[^\W\d]\w{2,}", name) else name


# -- DL and VNA ---------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    """A label in quotes; a quote within it, which UCINET has no sign for, as &#34;."""
    return '"' + " ".join(text.replace("&#", "&#38;#").replace('"', "&#34;").split()) + '"'


def dl(out: Outgoing) -> str:
    """UCINET's edge list, one matrix per layer; labels are ids, which are unlike; undirected ties fill both cells."""
    matrices = out.matrices()
    lines = [f"dl n={len(out.actors)} nm={max(len(matrices), 1)}", "format=edgelist1", "labels:"]
    lines += [_quoted(row["actor"]) for row in out.actors]
    if matrices:
        lines += ["matrix labels:", *map(_quoted, matrices)]
    lines.append("data:")
    for k, cells in enumerate(matrices.values()):
        lines += ["!"] * (k > 0)
        lines += [f"{row + 1} {column + 1} {value}" for (row, column), value in sorted(cells.items())]
    return "\n".join([*lines, ""])


def vna(out: Outgoing) -> str:
    """NetDraw's file: the actors with their columns, and of each pair how many ties it has in each layer."""
    columns = list(out.columns("actors"))
    names = [row["actor"] for row in out.actors]
    lines = ["*node data", " ".join(["ID", *map(_vna_cell, columns)])]
    lines += [" ".join([_vna_cell(row["actor"]), *(_vna_cell(row.get(c, "")) for c in columns)]) for row in out.actors]
    matrices = out.matrices()
    lines += ["*tie data", " ".join(["from", "to", *map(_vna_cell, matrices)])]
    pairs = sorted({pair for cells in matrices.values() for pair in cells})
    for a, b in pairs:
        values = [str(cells.get((a, b), 0)) for cells in matrices.values()]
        lines.append(" ".join([_vna_cell(names[a]), _vna_cell(names[b]), *values]))
    return "\n".join([*lines, ""])


def _vna_cell(value: Any) -> str:
    text = str(int(value)) if isinstance(value, bool) else str(value)
    text = " ".join(text.split()).replace('"', '""')
    return text if re.fullmatch(r"[\w.+-]+", text) else f'"{text}"'


# -- R ------------------------------------------------------------------------------------------------------

_R = """# {name}: loads the study into igraph, and each layer into sna; written by netklynge.
# source("this file") gives: actors, ties (data frames); g (igraph, directions as attribute 'directed');
# layers (a named list of igraph graphs, an undirected tie both ways); nets (a named list of network objects for sna).
actors <- {actors}
ties <- {ties}

both_ways <- function(rows) {{
  back <- rows[rows$directed == 0, , drop = FALSE]
  back[c("source", "target")] <- back[c("target", "source")]
  rbind(rows, back)
}}
if (requireNamespace("igraph", quietly = TRUE)) {{
  ends <- c("source", "target")
  order_of <- c(ends, setdiff(names(ties), ends))
  g <- igraph::graph_from_data_frame(ties[order_of], directed = TRUE, vertices = actors)
  layers <- lapply(split(ties[order_of], ties$layer), function(rows)
    igraph::graph_from_data_frame(both_ways(rows), directed = TRUE, vertices = actors))
}}
if (requireNamespace("network", quietly = TRUE)) {{
  nets <- lapply(split(ties, ties$layer), function(rows) {{
    rows <- both_ways(rows)
    m <- matrix(0, nrow(actors), nrow(actors), dimnames = list(actors$actor, actors$actor))
    for (k in seq_len(nrow(rows))) m[rows$source[k], rows$target[k]] <- m[rows$source[k], rows$target[k]] + 1
    network::network(m, directed = TRUE, ignore.eval = FALSE, names.eval = "ties")
  }})  # sna::degree(nets$supply), sna::efficiency(nets$supply), ...
}}
"""


def r_script(out: Outgoing) -> str:
    """A script in ASCII that needs nothing but base R to give the tables, and igraph and network for the graphs."""
    nodes, ties = out.node_frame(), out.tie_frame()
    ties.insert(2, "directed", [tie["directed"] for tie in out.ties])
    return _R.format(name=_ascii(out.name), actors=_r_frame(nodes), ties=_r_frame(ties))


def _r_frame(frame: Any) -> str:
    columns = []
    for k, name in enumerate(frame.columns):
        cells = frame.iloc[:, k].tolist()
        numeric = all(isinstance(cell, int | float) for cell in cells if cell is not None)
        told = ", ".join(
            "NA" if cell is None or cell != cell else str(cell) if numeric else _r_text(cell) for cell in cells
        )
        kind = "numeric" if numeric and any(c is not None for c in cells) else "character"
        columns.append(f"  {_r_text(name)} = as.{kind}(c({told}))")
    inner = ",\n".join([*columns, "  check.names = FALSE", "  stringsAsFactors = FALSE"])
    return f"data.frame(\n{inner}\n)"


def _r_text(value: Any) -> str:
    signs = []
    for sign in str(value):
        if sign in '"\\':
            signs.append(f"\\{sign}")
        elif " " <= sign <= "~":
            signs.append(sign)
        else:
            signs.append(f"\\U{ord(sign):08x}" if ord(sign) > 0xFFFF else f"\\u{ord(sign):04x}")
    return '"' + "".join(signs) + '"'


def _ascii(text: str) -> str:
    return re.sub(r"[^ -~]", "?", text)
