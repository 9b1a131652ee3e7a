"""The network as pyvis has it, for whoever goes on in a notebook: our places, looks and words, nothing from outside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from netklynge.files.outputs import write_text
from netklynge.files.plain import records
from netklynge.language import language
from netklynge.pages.layout import ring_layout
from netklynge.pages.views import actor_looks, layer_looks
from netklynge.study.layers import UNSTATED
from netklynge.study.zones import UNKNOWN

if TYPE_CHECKING:
    from pyvis.network import Network

    from netklynge.study.study import Study

__all__ = ["network"]

# vis-network's names of our shapes; text stands beside these, not in them
_SHAPES = {"circle": "dot", "wedge": "triangleDown", "group": "dot", "cross": "star"}


def network(study: Study, layer: str | None = None, lang: str = "en", seed: int = 0) -> Network:
    """The ties in force as a pyvis network: actors at their places on the rings, physics off.

    Parameters
    ----------
    study : Study
    layer : str, optional
        One layer; default all, each tie an edge of its own in its layer's colour and dash.
    lang : {"en", "nb"}
    seed : int
        Of the places, those that :func:`netklynge.view` draws.

    Returns
    -------
    pyvis.network.Network
        Nodes are actor ids, with a tie or without when no `layer` is named. Names are text, never markup. Its
        ``write_html`` writes UTF-8 and a page that loads nothing.

    Examples
    --------
    >>> import netklynge as nk
    >>> net = network(nk.load("horten"), "supply")
    >>> len(net.edges)
    39
    """
    said = language(lang)
    ties = study.ties(layer)
    places = ring_layout(study.actors.reset_index(drop=True), study.relations.reset_index(drop=True), seed=seed)
    at = places.set_index("actor")[["x", "y"]]
    looks, lines = actor_looks(), {look["id"]: look for look in layer_looks(study, said)}
    net = _network()
    known = set(ties["source"]) | set(ties["target"])
    for actor in records(study.actors, blanks=False):
        name = str(actor["actor"])
        if layer is not None and name not in known:
            continue
        color, shape = looks[actor.get("kind", UNKNOWN)]
        words = str(actor.get("name", name))
        facts = [words, *(str(actor[key]) for key in ("role", "place") if key in actor)]
        x, y = (float(v) for v in at.loc[name])
        net.add_node(
            name,
            words,
            _SHAPES.get(shape, shape),
            color,
            x=x,
            y=y,
            physics=False,
            size=9,
            title=_tooltip(facts),
        )
    for tie in records(ties, blanks=False):
        look = lines[tie.get("layer", UNSTATED)]
        facts = [look["label"], *(str(tie[key]) for key in ("content", "start", "end") if key in tie)]
        arrows = "to" if tie.get("directed", True) else ""
        net.edges.append(  # add_edge drops parallel ties, and puts an arrow on undirected ones
            {
                "from": tie["source"],
                "to": tie["target"],
                "arrows": arrows,
                "color": look["color"],
                "dashes": list(look["dash"]) or False,
                "title": _tooltip(facts),
            }
        )
    return net


def _tooltip(facts: list[str]) -> str:
    """Text for vis-network, which shows it as text; pyvis makes markup of all tooltips when one holds "href"."""
    text = "\n".join(facts)
    return text.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}").replace("href", "hre\N{WORD JOINER}f")


def _network() -> Network:
    from pyvis.network import Network

    class _Offline(Network):  # type: ignore[misc]
        """pyvis loads Bootstrap from outside even when told to be in line, and writes in the system's encoding."""

        def generate_html(self, name: str = "index.html", local: bool = True, notebook: bool = False) -> str:
            page = str(super().generate_html(name, local, notebook))
            page = re.sub(r"<(script|link)\b[^>]*?(?:src|href)=[\"'](?:https?:)?//[^>]*?>(\s*</script>)?", "", page)
            return page.replace("</head>", '<meta charset="utf-8"></head>', 1)

        def write_html(self, name: str, local: bool = True, notebook: bool = False, open_browser: bool = False) -> None:
            write_text(Path(name), self.generate_html(name, local, notebook))

    net = _Offline(height="720px", width="100%", directed=True, cdn_resources="in_line")
    net.toggle_physics(False)
    net.options.edges.smooth.type = "dynamic"  # parallel ties bend apart
    return net
