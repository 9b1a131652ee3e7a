"""The view beside the bare library on the same graph: ``python -m benchmarks.pages``.

2,000 actors and 10,000 ties in headless Chromium: how soon the first picture stands, and how many frames a second are
drawn while it is moved. The bare library is vis-network as pyvis ships it, without physics, at the same places.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import netklynge as nk
from netklynge.pages.layout import ring_layout
from netklynge.study.study import Study

ACTORS, TIES = 2_000, 10_000
RINGS = {"local": 700, "regional": 300, "national": 600, "international": 400}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
FIRST = """
window.first = new Promise(done => {
  const look = () => document.querySelector("canvas")
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
});
"""
SECONDS = 3  # of dragging


def district(seed: int = 1) -> Study:
    """A made-up district with heavy-tailed numbers of ties, most of them inside."""
    rng = np.random.default_rng(seed)
    scale = np.repeat(list(RINGS), list(RINGS.values()))
    weight = rng.pareto(1.3, ACTORS) + 0.3
    inside = np.where(scale == "local", weight, 0)
    source = rng.choice(ACTORS, TIES, p=inside / inside.sum())
    target = rng.choice(ACTORS, TIES, p=weight / weight.sum())
    apart = source != target
    actors = pd.DataFrame({"actor": [f"a{k}" for k in range(ACTORS)], "scale": scale, "kind": "firm"})
    ties = pd.DataFrame({"source": source[apart], "target": target[apart], "layer": "supply"}).assign(
        source=lambda t: "a" + t["source"].astype(str), target=lambda t: "a" + t["target"].astype(str)
    )
    return nk.load({"actors": actors, "relations": ties})


def bare(study: Study) -> str:
    """A page that does nothing but draw the graph."""
    shipped = resources.files("pyvis").joinpath("templates", "lib", "vis-9.1.2", "vis-network.min.js")
    library = shipped.read_text("utf-8")
    places = ring_layout(study.actors, study.relations)
    nodes = [{"id": a, "x": x, "y": y, "label": a} for a, x, y in places[["actor", "x", "y"]].to_numpy().tolist()]
    edges = [{"from": a, "to": b} for a, b in study.relations[["source", "target"]].to_numpy().tolist()]
    return f"""<!doctype html><meta charset="utf-8"><div id="net" style="height:800px"></div><script>{library}</script>
<script>window.network = new vis.Network(document.getElementById("net"),
 {{nodes: {json.dumps(nodes)}, edges: {json.dumps(edges)}}}, {{physics: false, nodes: {{shape: "dot", size: 4}},
 edges: {{smooth: false}}}});</script>"""


def dragged(page: Any, network: str) -> float:
    """Frames a second while the picture is dragged to and fro."""
    page.evaluate(f"() => {{ window.frames_drawn = 0; {network}.on('afterDrawing', () => window.frames_drawn++); }}")
    page.mouse.move(640, 90)  # beside the actors, so that the picture moves and no actor does
    page.mouse.down()
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < SECONDS:
        page.mouse.move(640 + 90 * math.sin(3 * passed), 90 + 40 * math.cos(3 * passed))
    frames: int = page.evaluate("window.frames_drawn")
    page.mouse.up()
    return frames / (time.perf_counter() - begun)


def main() -> None:
    from playwright.sync_api import sync_playwright

    study = district()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        view = nk.view(study).save(Path(folder) / "view.html")
        plain = Path(folder) / "bare.html"
        plain.write_text(bare(study), encoding="utf-8")
        chromium = running.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        print("| page | MB | first picture, s | frames a second |\n|---|---:|---:|---:|")
        for name, path, network in (("view", view, "netklynge.network"), ("bare vis-network", plain, "network")):
            pictures, frames = [], []
            for _ in range(3):
                page = chromium.new_page(viewport={"width": 1280, "height": 800})
                page.add_init_script(FIRST)
                page.goto(path.as_uri())
                pictures.append(page.evaluate("window.first") / 1000)
                page.wait_for_timeout(1000)
                frames.append(dragged(page, network))
                page.close()
            size = path.stat().st_size / 1e6
            print(f"| {name} | {size:.1f} | {min(pictures):.2f} | {max(frames):.0f} |", flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
