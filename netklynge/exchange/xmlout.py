"""GraphML and GEXF out, with a direction for each tie and ids for Gephi.

Written by hand, since networkx's writers know one direction for all ties and refuse columns called ``key`` or ``self``.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from netklynge.exchange.outgoing import Outgoing

__all__ = ["gexf", "graphml"]

_GRAPHML = {str: "string", int: "long", float: "double", bool: "boolean"}
_YEARS = {"start": "start_year", "end": "end_year"}  # start and end would hide edges behind Gephi's time line


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _attribute(value: Any) -> str:
    return quoteattr(_text(value), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _inner(value: Any) -> str:
    return escape(_text(value), {"\r": "&#13;"})


def graphml(out: Outgoing) -> str:
    """The study as GraphML; ``directed`` stands at an edge where it differs from the graph's ``edgedefault``."""
    node_keys = {"label": str, **out.columns("actors")}
    edge_keys = out.columns("ties")
    lines = [
        "<?xml version='1.0' encoding='utf-8'?>",
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
    ]
    ids: dict[tuple[str, str], str] = {}
    for where, keys in (("node", node_keys), ("edge", edge_keys)):
        for name, kind in keys.items():
            ids[where, name] = key = f"d{len(ids)}"
            lines.append(f'  <key id="{key}" for="{where}" attr.name={_attribute(name)} attr.type="{_GRAPHML[kind]}"/>')
    directed = any(tie["directed"] for tie in out.ties) or not out.ties
    lines.append(f'  <graph id={_attribute(out.name)} edgedefault="{"directed" if directed else "undirected"}">')
    for row in out.actors:
        lines.append(f"    <node id={_attribute(row['actor'])}>")
        told = {"label": row.get("name", row["actor"]), **row}
        lines += [
            f'      <data key="{ids["node", name]}">{_inner(value)}</data>'
            for name, value in told.items()
            if name != "actor"
        ]
        lines.append("    </node>")
    for k, tie in enumerate(out.ties):
        own = ' directed="false"' if directed and not tie["directed"] else ""
        ends = f"source={_attribute(tie['source'])} target={_attribute(tie['target'])}"
        lines.append(f'    <edge id="e{k}" {ends}{own}>')
        lines += [
            f'      <data key="{ids["edge", name]}">{_inner(value)}</data>'
            for name, value in tie.items()
            if ("edge", name) in ids
        ]
        lines.append("    </edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def gexf(out: Outgoing) -> str:
    """The study as GEXF 1.2; ``type`` stands at each edge that is not of the graph's default kind."""
    node_keys = {name: kind for name, kind in out.columns("actors").items() if name != "name"}
    edge_keys = {_YEARS.get(name, name): kind for name, kind in out.columns("ties").items()}
    weighted = edge_keys.get("weight") in (int, float)
    if weighted:
        edge_keys.pop("weight")
    directed = any(tie["directed"] for tie in out.ties) or not out.ties
    default = "directed" if directed else "undirected"
    lines = [
        "<?xml version='1.0' encoding='utf-8'?>",
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">',
        "  <meta><creator>netklynge</creator></meta>",
        f'  <graph defaultedgetype="{default}" mode="static" name={_attribute(out.name)}>',
    ]
    ids: dict[tuple[str, str], str] = {}
    for where, keys in (("node", node_keys), ("edge", edge_keys)):
        lines.append(f'    <attributes class="{where}" mode="static">')
        for name, kind in keys.items():
            ids[where, name] = key = f"{where[0]}{len(ids)}"
            lines.append(f'      <attribute id="{key}" title={_attribute(name)} type="{_GRAPHML[kind]}"/>')
        lines.append("    </attributes>")
    lines.append("    <nodes>")
    for row in out.actors:
        lines.append(f"      <node id={_attribute(row['actor'])} label={_attribute(row.get('name', row['actor']))}>")
        lines += _values({name: value for name, value in row.items() if ("node", name) in ids}, "node", ids)
        lines.append("      </node>")
    lines += ["    </nodes>", "    <edges>"]
    for k, tie in enumerate(out.ties):
        way = ' type="undirected"' if directed and not tie["directed"] else ""
        weight = f" weight={_attribute(tie['weight'])}" if weighted and "weight" in tie else ""
        ends = f"source={_attribute(tie['source'])} target={_attribute(tie['target'])}"
        lines.append(f'      <edge id="{k}" {ends}{way}{weight}>')
        told = {_YEARS.get(name, name): value for name, value in tie.items()}
        lines += _values({name: value for name, value in told.items() if ("edge", name) in ids}, "edge", ids)
        lines.append("      </edge>")
    return "\n".join([*lines, "    </edges>", "  </graph>", "</gexf>", ""])


def _values(told: dict[str, Any], where: str, ids: dict[tuple[str, str], str]) -> list[str]:
    if not told:
        return []
    inner = [
        f'          <attvalue for="{ids[where, name]}" value={_attribute(value)}/>' for name, value in told.items()
    ]
    return ["        <attvalues>", *inner, "        </attvalues>"]
