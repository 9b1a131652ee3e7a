"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const t = (message) => data.texts[message] ?? message;
  const $ = (id) => document.getElementById(id);
  const actors = data.actors, ties = data.ties;
  const byId = new Map(actors.map((a) => [a.id, a]));
  const groups = new Map((data.groups ?? []).map((g) => [g.id, g]));
  const kinds = new Map(data.kinds.map((k) => [k.id, k]));
  const layers = new Map(data.layers.map((l) => [l.id, l]));
  const rings = new Map(data.rings.map((r) => [r.id, r]));
  const cuts = Object.keys(data.numbers);
  const paths = Object.fromEntries(Object.entries(data.shapes).map(([k, d]) => [k, new Path2D(d)]));
  const REACH = [
    { id: "i", label: t("inside the district"), among: { buzz: t("inside the district (buzz)") }, brief: t("inside"), ink: "buzz", width: 2 },
    { id: "p", label: t("out of the district"), among: { pipeline: t("out of the district (pipelines)") }, brief: t("outside"), ink: "pipeline", width: 1.5 },
    { id: "o", label: t("between outsiders"), brief: t("between outsiders"), ink: "outside", width: 1 },
    { id: "u", label: t("place of the other end unknown"), brief: t("unknown"), ink: "unknown", width: 1 },
  ];
  const reachOf = new Map(REACH.map((r) => [r.id, r]));
  // Buzz and pipelines are words for some layers only: they are said where every layer that is on is one of them.
  const reachLabel = (r) => {
    const on = data.layers.filter((l) => !state.off.has(l.id));
    const word = Object.keys(r.among ?? {}).find((role) => on.length && on.every((l) => l[role]));
    return word ? r.among[word] : r.label;
  };
  const LEVEL = { high: 3, medium: 2, low: 1 };
  const years = ties.flatMap((e) => e.years ?? []).flat();
  const span = years.length ? [Math.min(...years), Math.max(...years)] : null;
  const partners = new Map(actors.map((a) => [a.id, []]));
  ties.forEach((e, k) => {
    e.k = k;
    e.a = byId.get(e.from);
    e.b = byId.get(e.to);
    partners.get(e.from).push(e);
    if (e.to !== e.from) partners.get(e.to).push(e);
  });

  // ---- small builders: every text goes in as text ---------------------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.filter((c) => c != null && c !== ""));
    return node;
  }
  function draw(tag, attributes = {}, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const fill = (message, values) => t(message).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sentence = (words) => words.charAt(0).toLocaleUpperCase(data.lang) + words.slice(1);
  const kindMark = (kind, size = 15) =>
    draw("svg", { width: size, height: size, viewBox: "-1.45 -1.45 2.9 2.9", "aria-hidden": "true" }, mark(kind, 0, 0, 1));
  function mark(kind, x, y, r) {
    const hollow = kind.id === "category";
    return draw("path", {
      d: data.shapes[kind.shape], transform: `translate(${x} ${y}) scale(${r})`,
      fill: hollow ? ink.paper : kind.color, stroke: hollow ? kind.color : ink.paper, "stroke-width": hollow ? 0.28 : 0.12,
    });
  }
  const lineMark = (look, size = 34) =>
    draw("svg", { width: size, height: 10, viewBox: `0 0 ${size} 10`, "aria-hidden": "true" },
      draw("line", { x1: 1, y1: 5, x2: size - 1, y2: 5, stroke: look.color, "stroke-width": look.width ?? 2.2,
        "stroke-dasharray": (look.dash ?? []).join(" ") }));

  // ---- colours of the theme -------------------------------------------------------------------------
  const ink = {};
  function readInk() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["paper", "ink", "soft", "line", "ring", "inside", "district", "halo", "buzz", "pipeline",
      "outside", "unknown", "hub", "accent"]) ink[name] = style.getPropertyValue("--" + name).trim();
    const dark = matchMedia("(prefers-color-scheme: dark)").matches && !printing;
    for (const look of [...data.kinds, ...data.layers]) {
      look.base ??= look.color;
      look.color = dark && look.base === "#4d4d4d" ? "#c3c9d0" : dark && look.base === "#0072b2" ? "#3d9fe0" : look.base;
    }
  }
  let printing = false;

  // ---- state, kept in the address so that a link opens the same view ---------------------------------
  const fresh = () => ({
    cut: data.cut, colour: "reach", off: new Set(data.layers.map((l) => l.id).filter((id) => data.opens != null && id !== data.opens)), hidden: new Set(), confidence: "low", open: new Set(),
    year: span && data.year != null ? Math.min(Math.max(data.year, span[0]), span[1]) : "now", actor: null,
  });
  const state = fresh();
  function toFragment() {
    const plain = fresh(), parts = new URLSearchParams();
    if (state.cut !== plain.cut) parts.set("cut", state.cut);
    if (state.colour !== plain.colour) parts.set("colour", state.colour);
    const off = [...state.off].sort().join(",");
    if (off !== [...plain.off].sort().join(",")) parts.set("off", off);
    if (state.open.size) parts.set("open", [...state.open].join(","));
    if (state.hidden.size) parts.set("hide", [...state.hidden].join(","));
    if (state.confidence !== plain.confidence) parts.set("confidence", state.confidence);
    if (state.year !== plain.year) parts.set("year", state.year);
    if (state.actor) parts.set("actor", state.actor);
    const text = parts.toString();
    if (text === location.hash.slice(1)) return;
    try { history.replaceState(null, "", "#" + text); } catch { /* a page inside another page has no address */ }
  }
  function fromFragment() {
    const parts = new URLSearchParams(location.hash.slice(1));
    Object.assign(state, fresh());
    const list = (name, known) => new Set((parts.get(name) ?? "").split(",").filter((v) => known.has(v)));
    if (cuts.includes(parts.get("cut"))) state.cut = parts.get("cut");
    if (parts.get("colour") === "layer") state.colour = "layer";
    const off = list("off", layers);
    if (off.size || parts.get("off") === "") state.off = off; // an empty one is all layers
    state.hidden = list("hide", kinds);
    state.open = list("open", groups);
    if (parts.get("confidence") in LEVEL) state.confidence = parts.get("confidence");
    const year = parts.get("year");
    if (year === "all") state.year = "all";
    else if (span && Number(year) >= span[0] && Number(year) <= span[1]) state.year = Number(year);
    if (byId.has(parts.get("actor"))) state.actor = parts.get("actor");
  }

  // ---- what is shown --------------------------------------------------------------------------------
  let passing = [], shownTies = [], shownActors = [], roles = {}; // what the filters let through; the tables list it
  let drawnTies = [], drawnActors = []; // the same, with closed groups in the place of their members
  const inYear = (e) =>
    state.year === "all" || (state.year === "now" || !e.years && state.year === data.year ? e.now === 1
      : (e.years ?? []).some(([from, to]) => from <= state.year && state.year <= to));
  const existed = (a) => typeof state.year !== "number" || !(a.founded > state.year || a.closed < state.year);
  function choose() {
    const at = cuts.indexOf(state.cut);
    roles = data.numbers[state.cut].roles;
    passing = ties.filter((e) => (LEVEL[e.confidence] ?? 3) >= LEVEL[state.confidence] &&
      inYear(e) && !state.hidden.has(e.a.kind) && !state.hidden.has(e.b.kind)); // in whatever layer
    shownTies = passing.filter((e) => !state.off.has(e.layer));
    const named = new Set(shownTies.flatMap((e) => [e.from, e.to]));
    shownActors = actors.filter((a) => !state.hidden.has(a.kind) && (existed(a) || named.has(a.id)));
    if (state.actor && !shownActors.includes(byId.get(state.actor))) state.actor = null;
    const ego = state.actor ? new Set([state.actor]) : null;
    for (const e of shownTies) {
      e.side = e.reach[at];
      e.lit = !ego || e.from === state.actor || e.to === state.actor;
      if (ego && e.lit) ego.add(e.from).add(e.to);
    }
    for (const a of actors) {
      a.shown = false;
      a.lit = !ego || ego.has(a.id);
    }
    for (const a of shownActors) a.shown = true;
    gather();
    bend();
  }
  function gather() {
    drawnActors = shownActors;
    drawnTies = shownTies;
    if (!data.groups) return;
    for (const g of groups.values()) Object.assign(g, { shown: false, lit: false, members: 0 });
    const closed = (a) => (state.open.has(a.group) ? null : groups.get(a.group));
    for (const a of shownActors) {
      const g = closed(a);
      if (!g) continue;
      a.shown = false;
      Object.assign(g, { shown: true, lit: g.lit || a.lit, members: g.members + 1 });
    }
    drawnActors = [...shownActors.filter((a) => a.shown), ...[...groups.values()].filter((g) => g.shown)];
    const bundles = new Map();
    for (const e of shownTies) {
      const a = closed(e.a) ?? e.a, b = closed(e.b) ?? e.b;
      if (a === b && a.group === true) continue;
      const [first, second] = a.id < b.id ? [a, b] : [b, a];
      const key = [first.id, second.id, state.colour === "layer" ? e.layer : e.side, e.lit].join("\n");
      const bundle = bundles.get(key);
      if (a === e.a && b === e.b) bundles.set(e, e);
      else if (bundle) bundle.count += 1;
      else bundles.set(key, { a: first, b: second, from: first.id, to: second.id, layer: e.layer, side: e.side, lit: e.lit, count: 1 });
    }
    drawnTies = [...bundles.values()];
  }
  const lookOf = (e) => {
    const layer = layers.get(e.layer), reach = reachOf.get(e.side);
    if (e.count) return { color: state.colour === "layer" ? layer.color : ink[reach.ink], dash: [], width: 0.6 + Math.round(Math.log2(e.count)) * 0.4 };
    return state.colour === "layer" ? { color: layer.color, dash: layer.dash, width: 1.8 }
      : { color: ink[reach.ink], dash: layer.dash, width: reach.width };
  };
  function bend() { // several ties between the same two actors lie side by side
    const between = new Map();
    for (const e of drawnTies) {
      const key = e.from < e.to ? e.from + "\n" + e.to : e.to + "\n" + e.from;
      if (!between.has(key)) between.set(key, []);
      between.get(key).push(e);
    }
    for (const group of between.values()) {
      group.forEach((e, k) => {
        const { a, b } = e;
        if (a === b) { e.loop = a.r + 5 + 4 * k; return; }
        const offset = Math.min(13, 1.2 * (a.r + b.r)) * (k - (group.length - 1) / 2), turn = e.from < e.to ? 1 : -1;
        const dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy) || 1;
        e.loop = 0;
        e.bent = offset !== 0;
        e.cx = (a.x + b.x) / 2 - (dy / length) * offset * 2 * turn;
        e.cy = (a.y + b.y) / 2 + (dx / length) * offset * 2 * turn;
      });
    }
  }

  // ---- drawing on the canvas ------------------------------------------------------------------------
  const box = $("network");
  let labels = [], moving = false, still = null; // still: the picture as it stood, shown while a crowd moves
  const nodeSet = new vis.DataSet([...actors, ...groups.values()].map((a) => ({ id: a.id, x: a.x, y: a.y, size: a.r })));
  let network;
  function startNetwork() {
    network = new vis.Network(box, { nodes: nodeSet, edges: new vis.DataSet() }, {
      physics: false, autoResize: true,
      layout: { improvedLayout: false },
      nodes: { shape: "custom", ctxRenderer: renderNode, fixed: true, chosen: false },
      interaction: { hover: true, dragNodes: false, tooltipDelay: 1e9, keyboard: { enabled: true, bindToWindow: false } },
    });
    network.on("beforeDrawing", (ctx) => {
      if (still) ctx.drawImage(still.canvas, -still.reach, -still.reach, 2 * still.reach, 2 * still.reach);
      else { drawRings(ctx); drawTies(ctx); }
    });
    network.on("afterDrawing", drawLabels);
    network.on("dragStart", move);
    network.on("zoom", () => { move(); settle(); });
    network.on("dragEnd", settle);
    network.on("resize", ({ width, height, oldWidth, oldHeight }) => { if (width !== oldWidth || height !== oldHeight) fit(); });
    network.on("click", ({ nodes }) => {
      const hit = nodes.filter((id) => (byId.get(id) ?? groups.get(id)).shown)[0] ?? null;
      if (groups.has(hit)) openGroup(hit);
      else select(hit);
    });
    const pointer = box.querySelector("canvas");
    pointer.addEventListener("mousemove", hover);
    pointer.addEventListener("mouseleave", hideTip);
  }
  function move() {
    clearTimeout(settling);
    hideTip();
    if (!moving && drawnTies.length > 2000) freeze();
    moving = true;
  }
  function freeze() { // thousands of ties are drawn once, not in every frame
    const reach = bottom + 60, scale = Math.min(network.getScale() * window.devicePixelRatio, 2048 / reach);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(2 * reach * scale);
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.translate(reach, reach);
    drawRings(ctx);
    drawTies(ctx);
    for (const a of [...actors, ...groups.values()]) if (a.shown) paint(ctx, a, a.x, a.y);
    still = { canvas, reach };
  }
  let settling = 0;
  function settle() {
    clearTimeout(settling);
    settling = setTimeout(() => { moving = false; still = null; placeLabels(); network.redraw(); }, 90);
  }
  const world = Math.max(...data.rings.filter((r) => r.count && r.id !== "unknown").map((r) => r.radius), 0);
  const bottom = Math.max(world, ...data.rings.filter((r) => r.count).map((r) => r.radius));
  const whole = { width: 2 * (world || bottom), height: (world || bottom) + bottom, y: (bottom - (world || bottom)) / 2 };
  function fit() {
    const margin = 22, w = box.clientWidth, h = box.clientHeight;
    const scale = Math.min((w - margin) / whole.width, (h - margin) / whole.height);
    if (scale <= 0) return; // the page is hidden
    network.moveTo({ position: { x: 0, y: whole.y }, scale });
    placeLabels();
  }
  const innermost = (ring) => cuts.indexOf(ring) >= 0 && cuts.indexOf(ring) <= cuts.indexOf(state.cut);
  function drawRings(ctx) {
    const s = network.getScale();
    for (const ring of [...data.rings].reverse()) {
      if (ring.radius == null) continue;
      ctx.beginPath();
      if (ring.id === "unknown") {
        ctx.setLineDash([2 / s, 5 / s]);
        ctx.arc(0, 0, ring.radius, Math.PI / 4, 3 * Math.PI / 4);
      } else {
        ctx.setLineDash([]);
        ctx.arc(0, 0, ring.radius, 0, 2 * Math.PI);
        ctx.fillStyle = innermost(ring.id) ? (ring.id === "local" ? ink.district : ink.inside) : ink.paper;
        ctx.fill();
      }
      const boundary = ring.id === state.cut;
      ctx.strokeStyle = boundary ? ink.buzz : ink.ring;
      ctx.lineWidth = (boundary ? 2.6 : 0.8) / s;
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }
  function trace(ctx, e) {
    if (e.loop) { ctx.moveTo(e.a.x + e.loop * 2, e.a.y); ctx.arc(e.a.x + e.loop, e.a.y, e.loop, 0, 2 * Math.PI); return; }
    ctx.moveTo(e.a.x, e.a.y);
    if (e.bent) ctx.quadraticCurveTo(e.cx, e.cy, e.b.x, e.b.y);
    else ctx.lineTo(e.b.x, e.b.y);
  }
  function drawTies(ctx) { // one path for all ties that look alike: thousands of ties stay quick
    const s = network.getScale(), sorts = new Map();
    for (const e of drawnTies) {
      const look = lookOf(e), key = [e.lit, look.color, look.dash, look.width].join();
      if (!sorts.has(key)) sorts.set(key, { look, lit: e.lit, members: [] });
      sorts.get(key).members.push(e);
    }
    const faint = Math.max(0.15, 0.75 * Math.min(1, Math.sqrt(400 / drawnTies.length)));
    for (const { look, lit, members } of [...sorts.values()].sort((a, b) => a.lit - b.lit || a.look.width - b.look.width)) {
      ctx.globalAlpha = lit ? (state.actor ? 1 : faint) : 0.07;
      ctx.strokeStyle = ctx.fillStyle = look.color;
      ctx.lineWidth = look.width / s;
      ctx.setLineDash(look.dash.map((d) => d / s));
      for (let k = 0; k < members.length; k += 250) {
        ctx.beginPath();
        for (const e of members.slice(k, k + 250)) trace(ctx, e);
        ctx.stroke();
      }
      ctx.setLineDash([]);
      ctx.beginPath();
      for (const e of members) {
        const p = arrow(e, 6.5 / s);
        if (p) { ctx.moveTo(p[0], p[1]); ctx.lineTo(p[2], p[3]); ctx.lineTo(p[4], p[5]); ctx.closePath(); }
      }
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }
  function arrow(e, size) {
    if (!e.directed || e.loop) return null;
    const fromX = e.bent ? e.cx : e.a.x, fromY = e.bent ? e.cy : e.a.y;
    const dx = e.b.x - fromX, dy = e.b.y - fromY, length = Math.hypot(dx, dy) || 1, ux = dx / length, uy = dy / length;
    const x = e.b.x - ux * (e.b.r + 1.5), y = e.b.y - uy * (e.b.r + 1.5);
    return [x, y, x - ux * size - uy * size * 0.45, y - uy * size + ux * size * 0.45,
      x - ux * size + uy * size * 0.45, y - uy * size - ux * size * 0.45];
  }
  function renderNode({ ctx, id, x, y }) {
    const a = byId.get(id) ?? groups.get(id);
    return { drawNode: () => { if (a.shown && !still) paint(ctx, a, x, y); }, nodeDimensions: { width: 2 * a.r, height: 2 * a.r } };
  }
  function paint(ctx, a, x, y) {
    const kind = kinds.get(a.kind), role = roles[a.id], s = network.getScale();
    ctx.save();
    ctx.globalAlpha = a.lit ? 1 : 0.13;
    ctx.translate(x, y);
    if (a.group === true) { // a closed group
      circle(ctx, a.r, ink.accent, 1.5 / s);
      ctx.fillStyle = ink.paper;
      ctx.fill();
      ctx.fillStyle = ink.ink;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.font = `${a.r * 0.8}px sans-serif`;
      ctx.fillText(a.members, 0, 0);
      ctx.restore();
      return;
    }
    if (role?.hub) circle(ctx, a.r + 4, ink.hub, 2 / s);
    if (a.id === state.actor) circle(ctx, a.r + 8, ink.accent, 3 / s);
    ctx.scale(a.r, a.r);
    const hollow = a.kind === "category";
    ctx.fillStyle = hollow ? ink.paper : kind.color;
    ctx.strokeStyle = hollow ? kind.color : ink.paper;
    ctx.lineWidth = (hollow ? 1.3 : 1) / s / a.r;
    ctx.fill(paths[kind.shape]);
    ctx.stroke(paths[kind.shape]);
    if (role?.gatekeeper) {
      ctx.fillStyle = ink.paper;
      ctx.beginPath();
      ctx.arc(0, 0, 0.42, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }
  function circle(ctx, radius, color, width) {
    ctx.beginPath();
    ctx.arc(0, 0, radius, 0, 2 * Math.PI);
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.stroke();
  }

  // ---- labels: as many as fit without touching, the most important first -------------------------------
  const FONT = '11.5px system-ui, "Segoe UI", Roboto, Arial, sans-serif';
  const BOLD = FONT.replace("11.5px", "600 12.5px");
  const brief = (name, most) => (name.length > most ? name.slice(0, most - 1).trimEnd() + "…" : name);
  const measure = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  function widthOf(text, font) {
    const key = font + text;
    if (!widths.has(key)) { measure.font = font; widths.set(key, measure.measureText(text).width); }
    return widths.get(key);
  }
  const importance = (a) => (a.id === state.actor ? 1e6 : 0) + (state.actor && a.lit ? 1e5 : 0) +
    (roles[a.id]?.hub ? 1e3 : 0) + (roles[a.id]?.gatekeeper ? 200 : 0) - (a.kind === "category" ? 60 : 0) + a.r * 10;
  function layoutLabels(width, height, toScreen, scale, reserved) {
    const cell = 48, words = new Map(), marks = new Map(), placed = []; // boxes of labels and of actors, by grid cell
    const near = (b, visit) => {
      for (let i = Math.floor(b[0] / cell); i <= Math.floor(b[2] / cell); i++)
        for (let j = Math.floor(b[1] / cell); j <= Math.floor(b[3] / cell); j++) if (visit(i + ":" + j)) return true;
      return false;
    };
    const add = (grid, b) => near(b, (key) => { (grid.get(key) ?? grid.set(key, []).get(key)).push(b); return false; });
    const taken = (grid, b) => near(b, (key) => (grid.get(key) ?? []).some((o) => b[0] < o[2] && o[0] < b[2] && b[1] < o[3] && o[1] < b[3]));
    if (reserved) add(words, reserved);
    for (const ring of data.rings) {
      if (!ring.count) continue;
      const text = ring.label, w = widthOf(text, BOLD), below = ring.id === "unknown";
      const [x, y] = toScreen(0, below ? ring.radius : -ring.radius);
      const b = [x - w / 2 - 3, y - 8, x + w / 2 + 3, y + 8];
      add(words, b);
      placed.push({ text, x, y, align: "center", font: BOLD, color: ink.soft, box: b, ring: true });
    }
    const visible = drawnActors.map((a) => [a, ...toScreen(a.x, a.y)]).filter(([, x, y]) => x > -20 && y > -20 && x < width + 20 && y < height + 20);
    for (const [a, x, y] of visible) if (a.lit) { const r = a.r * scale * 0.9; add(marks, [x - r, y - r, x + r, y + r]); }
    const order = visible.filter(([a]) => a.lit).sort((p, q) => importance(q[0]) - importance(p[0]) || (p[0].id < q[0].id ? -1 : 1));
    for (const [a, x, y] of order.slice(0, 700)) {
      const strong = roles[a.id]?.hub || a.id === state.actor;
      const text = a.group === true ? brief(a.name, 18) + (a.members > 1 ? ` +${a.members - 1}` : "") : brief(a.name, width < 500 ? 18 : 30), font = strong ? BOLD : FONT, w = widthOf(text, font) + 2, h = strong ? 14 : 13, gap = a.r * scale + (roles[a.id]?.hub ? 6 : 2.5);
      const side = a.x >= 0 ? 1 : -1;
      const spots = [side, -side].map((d) => (d > 0 ? [x + gap, y - h / 2, "left"] : [x - gap - w, y - h / 2, "right"]));
      spots.splice(1, 0, [x - w / 2, a.y >= 0 ? y + gap : y - gap - h, "center"], [x - w / 2, a.y >= 0 ? y - gap - h : y + gap, "center"]);
      const tries = strong ? [...spots.map((spot) => [spot, true]), ...spots.map((spot) => [spot, false])] : spots.map((spot) => [spot, true]);
      for (const [[left, top, align], clear] of tries) { // a hub's label may cover small actors, never another label
        const b = [left, top, left + w, top + h];
        if (left < 2 || top < 2 || b[2] > width - 2 || b[3] > height - 2 || taken(words, b) || (clear && taken(marks, b))) continue;
        add(words, b);
        placed.push({ text, id: a.id, x: align === "left" ? left : align === "right" ? left + w : left + w / 2, y: top + h / 2, align, font, color: ink.ink, box: b, nodeX: x, nodeY: y });
        break;
      }
    }
    return placed;
  }
  function placeLabels() {
    const s = network.getScale(), centre = network.getViewPosition(), w = box.clientWidth, h = box.clientHeight;
    labels = layoutLabels(w, h, (x, y) => [(x - centre.x) * s + w / 2, (y - centre.y) * s + h / 2], s, [w - 50, 0, w, 124]); // the zoom buttons' corner
    for (const l of labels) {
      const anchor = l.id ? byId.get(l.id) ?? groups.get(l.id) : null;
      l.atX = anchor ? anchor.x : (l.x - w / 2) / s + centre.x;
      l.atY = anchor ? anchor.y : (l.y - h / 2) / s + centre.y;
      l.dx = anchor ? l.x - l.nodeX : 0;
      l.dy = anchor ? l.y - l.nodeY : 0;
    }
  }
  function drawLabels(ctx) {
    const s = network.getScale();
    ctx.save();
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    for (const l of labels) {
      ctx.save();
      ctx.translate(l.atX, l.atY);
      ctx.scale(1 / s, 1 / s);
      ctx.font = l.font;
      ctx.textAlign = l.align;
      ctx.strokeStyle = ink.halo;
      ctx.lineWidth = 3;
      ctx.globalAlpha = 0.85;
      ctx.strokeText(l.text, l.dx, l.dy);
      ctx.globalAlpha = 1;
      ctx.fillStyle = l.color;
      ctx.fillText(l.text, l.dx, l.dy);
      ctx.restore();
    }
    ctx.restore();
  }

  // ---- hovering -------------------------------------------------------------------------------------
  const span2 = (from, to) => (from == null && to == null ? "" : `${from ?? ""}–${to ?? ""}`);
  const arrowSign = (e) => (e.directed ? "→" : "–");
  const evidence = (row) => (row.lines ? fill("source lines {lines}", { lines: row.lines.replaceAll(";", "; ") }) : "");
  const tieFacts = (e) => [layers.get(e.layer).label, e.scale ? rings.get(e.scale).label.toLowerCase() : "", span2(e.start, e.end),
    e.confidence ? fill("confidence: {level}", { level: t2(e.confidence) }) : "", e.strategic === 1 || e.strategic === true ? t("strategic") : ""].filter(Boolean).join(" · ");
  const t2 = (level) => data.confidence.find((c) => c.id === level)?.label ?? level;
  const actorFacts = (a) => [kinds.get(a.kind).label, rings.get(a.ring).label.toLowerCase(), a.place, a.sector].filter(Boolean).join(" · ");
  function hover(event) {
    if (moving || event.buttons) return hideTip();
    const at = { x: event.offsetX, y: event.offsetY }, id = network.getNodeAt(at), point = network.DOMtoCanvas(at);
    const under = byId.get(id) ?? groups.get(id), a = under?.shown ? under : null;
    const e = a ? null : tieAt(point, 5 / network.getScale());
    box.style.cursor = a ? "pointer" : "";
    if (a?.group === true) showTip(at, a.name, fill("and {n} more; click to open the group", { n: a.members - 1 }));
    else if (e?.count) showTip(at, `${e.a.name} – ${e.b.name}`, fill("{n} ties", { n: e.count }));
    else if (a) showTip(at, a.name, actorFacts(a), a.employees ? fill("{n} employees ({year})", { n: a.employees, year: a.employees_year ?? "?" }) : "", evidence(a));
    else if (e) showTip(at, `${e.a.name} ${arrowSign(e)} ${e.b.name}`, tieFacts(e), e.content, evidence(e));
    else hideTip();
  }
  function tieAt(p, reach) {
    let best = null, least = reach;
    for (const e of drawnTies) {
      if (!e.lit || e.loop) continue;
      let d;
      if (!e.bent) d = distance(p, e.a.x, e.a.y, e.b.x, e.b.y);
      else {
        d = Infinity;
        for (let k = 0, x = e.a.x, y = e.a.y; k < 8; k++) {
          const u = (k + 1) / 8, v = 1 - u;
          const nx = v * v * e.a.x + 2 * u * v * e.cx + u * u * e.b.x, ny = v * v * e.a.y + 2 * u * v * e.cy + u * u * e.b.y;
          d = Math.min(d, distance(p, x, y, nx, ny));
          x = nx; y = ny;
        }
      }
      if (d < least) { least = d; best = e; }
    }
    return best;
  }
  function distance(p, x1, y1, x2, y2) {
    const dx = x2 - x1, dy = y2 - y1, u = Math.max(0, Math.min(1, ((p.x - x1) * dx + (p.y - y1) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(p.x - x1 - u * dx, p.y - y1 - u * dy);
  }
  const tip = $("tip");
  function showTip(at, title, ...lines) {
    tip.replaceChildren(make("b", {}, title), ...lines.filter(Boolean).map((line) => make("div", {}, line)));
    tip.hidden = false;
    const w = box.clientWidth;
    tip.style.left = Math.max(4, Math.min(at.x + 14, w - tip.offsetWidth - 6)) + "px";
    tip.style.top = (at.y + 18 + tip.offsetHeight > box.clientHeight ? Math.max(4, at.y - tip.offsetHeight - 12) : at.y + 18) + "px";
  }
  function hideTip() { tip.hidden = true; }

  // ---- panels ---------------------------------------------------------------------------------------
  const tally = (list, of) => list.reduce((m, x) => m.set(of(x), (m.get(of(x)) ?? 0) + 1), new Map());
  function check(group, item, picture, count) {
    const input = make("input", { type: "checkbox", value: item.id });
    input.checked = !state[group].has(item.id);
    input.addEventListener("change", () => { input.checked ? state[group].delete(item.id) : state[group].add(item.id); refresh(); });
    return make("label", { class: "check" }, input, picture, make("span", {}, item.label), make("span", { class: "n" }, String(count)));
  }
  function showKeys() {
    const perLayer = tally(passing, (e) => e.layer), perKind = tally(shownActors, (a) => a.kind), perReach = tally(shownTies, (e) => e.side);
    const legendOf = (field) => $(field).querySelector("legend");
    const focused = document.activeElement?.value, inside = document.activeElement?.closest("fieldset")?.id;
    $("layers").replaceChildren(legendOf("layers"), ...data.layers.map((l) =>
      check("off", l, lineMark(state.colour === "layer" ? l : { color: ink.soft, dash: l.dash }), perLayer.get(l.id) ?? 0)));
    $("kinds").replaceChildren(legendOf("kinds"), ...data.kinds.map((k) => check("hidden", k, kindMark(k), perKind.get(k.id) ?? 0)));
    if (inside === "layers" || inside === "kinds") $(inside).querySelector(`input[value="${focused}"]`)?.focus();
    $("reach-key").hidden = state.colour === "layer";
    $("reach-key").replaceChildren(...REACH.filter((r) => perReach.get(r.id)).map((r) =>
      make("li", {}, lineMark({ color: ink[r.ink], width: r.width + 0.6 }), make("span", {}, reachLabel(r)), make("span", { class: "n" }, String(perReach.get(r.id))))));
    const hub = draw("svg", { width: 17, height: 17, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
      draw("circle", { r: 4.6, fill: ink.soft }), draw("circle", { r: 7.6, fill: "none", stroke: ink.hub, "stroke-width": 1.8 }));
    const gate = draw("svg", { width: 17, height: 17, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
      draw("circle", { r: 6.4, fill: ink.soft }), draw("circle", { r: 2.7, fill: ink.paper }));
    $("role-key").replaceChildren(
      make("li", {}, hub, make("span", {}, t("hub: large and trades inside")), make("span", { class: "n" }, String(shownActors.filter((a) => roles[a.id]?.hub).length))),
      make("li", {}, gate, make("span", {}, t("gatekeeper: ties inside and outside")), make("span", { class: "n" }, String(shownActors.filter((a) => roles[a.id]?.gatekeeper).length))));
  }
  function numbers(rows, heads, caption) {
    return make("table", {}, make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...heads.map((h, k) => make("th", { scope: "col", class: k ? "num" : null }, h)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((c, k) => make(k ? "td" : "th", k ? { class: "num" } : { scope: "row" }, c))))));
  }
  function bar(share) {
    return make("div", { class: "bar", "aria-hidden": "true" }, draw("svg", { viewBox: "0 0 100 9", preserveAspectRatio: "none" },
      draw("rect", { width: 100 * (share ?? 0), height: 9, fill: ink.accent })));
  }
  function showNumbers() {
    const now = data.numbers[state.cut];
    $("cut-meaning").textContent = sentence(rings.get(state.cut).meaning);
    const rows = now.memberships.map((m) => make("tr", {}, make("th", { scope: "row" }, m.label), make("td", { class: "mid" }, bar(m.value)), make("td", { class: "num" }, m.text)));
    $("verdict").replaceChildren(make("p", { class: "type" }, sentence(now.label)), make("p", { class: "soft" }, now.level),
      make("table", { id: "memberships" }, make("caption", {}, t("Membership in each type, 0 to 1")), make("tbody", {}, ...rows)));
    const sources = [...new Set(now.profile.map((r) => r.source).filter(Boolean))];
    const star = (source) => (source ? "*".repeat(1 + sources.indexOf(source)) : "");
    const cells = now.profile.map((r) => [layers.get(r.layer)?.label ?? r.layer, String(r.inside), String(r.outside), r.eiText, r.shareText + star(r.source)]);
    const caption = data.year == null ? t("Ties in force, layer by layer") : fill("Ties in force in {year}, layer by layer", { year: data.year });
    $("profile").replaceChildren(numbers(cells, [t("Layer"), t("inside"), t("outside"), t("E-I"), t("share inside")], caption),
      ...sources.map((source) => make("p", { class: "note" }, `${star(source)} ${source}`)),
      ...[...now.leftOut, ...data.leftOut].map((line) => make("p", { class: "note" }, line)),
      make("p", { class: "note" }, t("E-I: from −1 (all inside) to 1 (all outside). Filters and the year slider leave these numbers as they are.")));
  }
  function actorLink(id) {
    return make("button", { type: "button", class: "link", onclick: () => select(id) }, byId.get(id).name);
  }
  function showActor() {
    const card = $("actor"), a = byId.get(state.actor);
    card.hidden = !a;
    if (!a) return;
    const role = roles[a.id] ?? {}, mine = partners.get(a.id).filter((e) => shownTies.includes(e));
    card.replaceChildren(...[make("button", { type: "button", class: "close", onclick: () => select(null) }, t("Close")), make("h2", {}, a.name),
      make("p", { class: "soft" }, actorFacts(a)),
      a.aka ? make("p", { class: "soft" }, fill("also: {names}", { names: a.aka.replaceAll(";", ", ") })) : null,
      a.employees ? make("p", {}, fill("{n} employees ({year})", { n: a.employees, year: a.employees_year ?? "?" })) : null,
      make("p", {}, ...[role.hub && t("hub"), role.gatekeeper && t("gatekeeper")].filter(Boolean).map((r) => make("span", { class: "badge" }, r))),
      ...(role.facts ?? []).map(([label, value]) => make("p", {}, `${label}: ${value}`)),
      a.lines ? make("p", { class: "soft" }, evidence(a)) : null].filter(Boolean));
    for (const layer of data.layers) {
      const rows = mine.filter((e) => e.layer === layer.id);
      if (!rows.length) continue;
      card.append(make("h3", {}, lineMark(layer, 28), ` ${layer.label} (${rows.length})`), ...rows.map((e) => {
        const out = e.from === a.id;
        return make("div", { class: "tie" }, make("span", {}, e.directed ? (out ? "→" : "←") : "–"), actorLink(out ? e.to : e.from),
          make("div", { class: "soft" }, [tieFacts(e).split(" · ").slice(1).join(" · "), e.content, evidence(e)].filter(Boolean).join(" · ")));
      }));
    }
  }

  // ---- tables that mirror the picture -----------------------------------------------------------------
  const TABLES = {
    actor: {
      rows: () => shownActors.map((a) => ({ a, cells: [a.name, kinds.get(a.kind).label, rings.get(a.ring).label, a.place ?? "", partners.get(a.id).filter((e) => e.in).length,
        [roles[a.id]?.hub && t("hub"), roles[a.id]?.gatekeeper && t("gatekeeper")].filter(Boolean).join(", "), a.lines ?? ""] })),
      heads: [t("Actor"), t("Kind"), t("Ring"), t("Place"), t("Ties"), t("Roles"), t("Source lines")],
      cell: (row, k) => (k === 0 ? actorLink(row.a.id) : String(row.cells[k])),
    },
    tie: {
      rows: () => shownTies.map((e) => ({ e, cells: [e.a.name, e.b.name, layers.get(e.layer).label, reachOf.get(e.side).brief, span2(e.start, e.end), e.confidence ? t2(e.confidence) : "", e.content ?? "", e.lines ?? ""] })),
      heads: [t("From"), t("To"), t("Layer"), t("Reach"), t("Years"), t("Confidence"), t("Content"), t("Source lines")],
      cell: (row, k) => (k === 0 ? actorLink(row.e.from) : k === 1 ? actorLink(row.e.to) : String(row.cells[k])),
    },
  };
  const CHUNK = 300, sorting = {};
  function showTable(name) {
    const table = TABLES[name], holder = $(name + "-table"), count = name === "actor" ? shownActors.length : shownTies.length;
    holder.querySelector(".count").textContent = `(${count})`;
    if (!holder.open) return;
    for (const e of ties) e.in = false;
    for (const e of shownTies) e.in = true;
    const rows = table.rows(), order = sorting[name];
    if (order) rows.sort((p, q) => order.sign * (typeof p.cells[order.k] === "number" ? p.cells[order.k] - q.cells[order.k] : String(p.cells[order.k]).localeCompare(String(q.cells[order.k]), data.lang)));
    const body = make("tbody"), scroll = holder.querySelector(".scroll");
    let next = 0;
    const more = make("button", { type: "button", onclick: () => extend() }, t("More rows"));
    function extend() {
      body.append(...rows.slice(next, next + CHUNK).map((row) => make("tr", {}, ...table.heads.map((_, k) => make("td", typeof row.cells[k] === "number" ? { class: "num" } : {}, table.cell(row, k))))));
      next += CHUNK;
      more.hidden = next >= rows.length;
    }
    extend();
    const heads = table.heads.map((head, k) => make("th", { scope: "col", "aria-sort": order?.k === k ? (order.sign > 0 ? "ascending" : "descending") : "none" },
      make("button", { type: "button", onclick: () => { sorting[name] = { k, sign: order?.k === k ? -order.sign : 1 }; showTable(name); } }, head)));
    scroll.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body), more);
  }

  // ---- downloads ------------------------------------------------------------------------------------
  const fileName = (suffix) => `${data.name}-${state.cut}.${suffix}`;
  function download(blob, name) {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 2000);
  }
  function csv() {
    const columns = ["source", "target", "layer", "directed", "scale", "reach", "strategic", "start", "end", "content", "confidence", "lines"];
    const reachNames = { i: "inside", p: "pipeline", o: "outside", u: "unknown" };
    const safe = (v) => (typeof v === "string" && /^[=+\-@\t\r]/.test(v) ? "'" + v : v);
    const quote = (v) => (/[",\n\r]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
    const rows = shownTies.map((e) => columns.map((c) => ({ source: e.from, target: e.to, reach: reachNames[e.side], strategic: e.strategic == null ? "" : Number(e.strategic) })[c] ?? e[c] ?? ""));
    return "\ufeff" + [columns, ...rows].map((row) => row.map((v) => quote(String(safe(v)))).join(",")).join("\r\n") + "\r\n";
  }
  function picture() { // the whole picture with title and legend, as SVG
    const side = 1200, keyWidth = 330, top = 76, scale = 0.96 * side / Math.max(whole.width, whole.height);
    const toScreen = (x, y) => [x * scale + side / 2, (y - whole.y) * scale + side / 2 + top];
    const svg = draw("svg", { xmlns: SVG, width: side + keyWidth, height: side + top + 10, viewBox: `0 0 ${side + keyWidth} ${side + top + 10}`, "font-family": "Helvetica, Arial, sans-serif" });
    const text = (x, y, words, extra = {}) => { const n = draw("text", { x, y, fill: ink.ink, "font-size": 13, ...extra }); n.textContent = words; return n; };
    svg.append(draw("title"), draw("rect", { width: "100%", height: "100%", fill: ink.paper }));
    svg.firstChild.textContent = data.title;
    if (data.source) svg.append(text(20, side + top, fill("Source: {report}", { report: data.source }), { fill: ink.soft, "font-size": 11 }));
    svg.append(text(20, 34, data.title, { "font-size": 22, "font-weight": 700 }), text(20, 58, $("subtitle").textContent, { fill: ink.soft }));
    const stage = draw("g", { transform: `translate(${side / 2} ${side / 2 + top - whole.y * scale}) scale(${scale})` });
    for (const ring of [...data.rings].reverse()) {
      if (ring.radius == null) continue;
      const r = ring.radius, c = r * Math.SQRT1_2, boundary = ring.id === state.cut;
      const line = { stroke: boundary ? ink.buzz : ink.ring, "stroke-width": (boundary ? 2.6 : 0.8) / scale };
      stage.append(ring.id === "unknown" ? draw("path", { d: `M${c} ${c}A${r} ${r} 0 0 1 ${-c} ${c}`, fill: "none", "stroke-dasharray": "4 8", ...line })
        : draw("circle", { r, fill: innermost(ring.id) ? (ring.id === "local" ? ink.district : ink.inside) : ink.paper, ...line }));
    }
    for (const e of drawnTies) {
      const look = lookOf(e), opacity = e.lit ? 0.8 : 0.07, p = arrow(e, 6.5 / scale);
      const d = e.loop ? `M${e.a.x + 2 * e.loop} ${e.a.y}a${e.loop} ${e.loop} 0 1 1 ${-2 * e.loop} 0a${e.loop} ${e.loop} 0 1 1 ${2 * e.loop} 0`
        : `M${e.a.x} ${e.a.y}` + (e.bent ? `Q${e.cx.toFixed(1)} ${e.cy.toFixed(1)} ` : "L") + `${e.b.x} ${e.b.y}`;
      stage.append(draw("path", { d, fill: "none", stroke: look.color, opacity, "stroke-width": look.width / scale, "stroke-dasharray": look.dash.map((v) => v / scale).join(" ") }));
      if (p) stage.append(draw("path", { d: `M${p.map((v) => v.toFixed(1)).join(" ")}Z`, fill: look.color, opacity }));
    }
    for (const a of drawnActors) {
      if (a.group === true) {
        stage.append(draw("circle", { cx: a.x, cy: a.y, r: a.r, fill: ink.paper, stroke: ink.accent, "stroke-width": 1.5 / scale, opacity: a.lit ? 1 : 0.13 }));
        continue;
      }
      const role = roles[a.id], g = draw("g", { opacity: a.lit ? 1 : 0.13 });
      if (role?.hub) g.append(draw("circle", { cx: a.x, cy: a.y, r: a.r + 4, fill: "none", stroke: ink.hub, "stroke-width": 2 / scale }));
      g.append(mark(kinds.get(a.kind), a.x, a.y, a.r));
      if (role?.gatekeeper) g.append(draw("circle", { cx: a.x, cy: a.y, r: a.r * 0.42, fill: ink.paper }));
      stage.append(g);
    }
    svg.append(stage);
    for (const l of layoutLabels(side, side + top, toScreen, scale))
      svg.append(text(l.x, l.y + 4, l.text, { "font-size": l.font === BOLD ? 12.5 : 11.5, "font-weight": l.font === BOLD ? 600 : 400, fill: l.color,
        "text-anchor": { left: "start", right: "end", center: "middle" }[l.align], stroke: ink.halo, "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round" }));
    let y = top + 16;
    const x = side + 16, head = (words) => { svg.append(text(x, y, words, { "font-weight": 700 })); y += 22; };
    const entry = (node, words) => { svg.append(node, text(x + 44, y, words)); y += 20; };
    const dash = (look) => draw("line", { x1: x, x2: x + 36, y1: y - 4, y2: y - 4, stroke: look.color, "stroke-width": look.width ?? 2.2, "stroke-dasharray": (look.dash ?? []).join(" ") });
    head(t("Actors"));
    for (const k of data.kinds) if (!state.hidden.has(k.id)) entry(mark(k, x + 18, y - 4, 7), k.label);
    entry(draw("circle", { cx: x + 18, cy: y - 4, r: 8, fill: "none", stroke: ink.hub, "stroke-width": 2 }), t("hub: large and trades inside"));
    entry(draw("path", { d: `M${x + 25} ${y - 4}a7 7 0 1 1 -14 0a7 7 0 1 1 14 0ZM${x + 21} ${y - 4}a3 3 0 1 0 -6 0a3 3 0 1 0 6 0Z`, fill: ink.soft, "fill-rule": "evenodd" }), t("gatekeeper: ties inside and outside"));
    y += 10;
    if (state.colour === "reach") {
      head(t("Inside and outside"));
      for (const r of REACH) entry(dash({ color: ink[r.ink], width: r.width }), reachLabel(r));
      y += 10;
    }
    head(t("Layers"));
    for (const l of data.layers) if (!state.off.has(l.id)) entry(dash(state.colour === "layer" ? l : { color: ink.soft, dash: l.dash }), l.label);
    return svg;
  }
  const svgText = () => new XMLSerializer().serializeToString(picture());
  function savePng() {
    const image = new Image(), url = URL.createObjectURL(new Blob([svgText()], { type: "image/svg+xml" }));
    image.onload = () => {
      const canvas = make("canvas", { width: image.width * 2, height: image.height * 2 });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => { download(blob, fileName("png")); URL.revokeObjectURL(url); }, "image/png");
    };
    image.src = url;
  }

  // ---- putting it together ---------------------------------------------------------------------------
  function openGroup(id) {
    const g = groups.get(id);
    state.open.add(id);
    refresh();
    network.moveTo({ position: { x: g.x, y: g.y }, scale: Math.min(box.clientWidth, box.clientHeight) / (6 * g.r) });
    settle();
  }
  function select(id) {
    state.actor = id;
    if (id && data.groups) state.open.add(byId.get(id).group);
    refresh();
    if (id) $("facts").scrollTop = 0;
  }
  function refresh() {
    choose();
    for (const input of document.querySelectorAll("[name=colour]")) input.checked = input.value === state.colour;
    for (const input of document.querySelectorAll("[name=cut]")) input.checked = input.value === state.cut;
    $("confidence").value = state.confidence;
    if (span) {
      $("year").value = typeof state.year === "number" ? state.year : span[1];
      $("year").disabled = state.year === "all";
      $("year-shown").textContent = state.year === "all" ? `${span[0]}–${span[1]}` : state.year === "now" ? t("now") : state.year;
      $("all-years").checked = state.year === "all";
    }
    showKeys();
    showNumbers();
    showActor();
    showTable("actor");
    showTable("tie");
    $("subtitle").textContent = subtitle();
    $("shown").textContent = fill("{actors} actors, {ties} ties shown", { actors: shownActors.length, ties: shownTies.length }) +
      (data.groups ? " " + fill("in {groups} groups, too many to draw one by one; click a group to open it", { groups: groups.size }) : "");
    toFragment();
    if (network) { placeLabels(); network.redraw(); }
  }
  function layersOn() {
    const on = data.layers.filter((l) => !state.off.has(l.id));
    return on.length === data.layers.length ? t("all layers") : on.length ? on.map((l) => l.label).join(", ") : t("no layer");
  }
  function subtitle() {
    const year = state.year === "all" ? t("all years") : state.year === "now" ? data.year ?? "" : state.year;
    return [data.synthetic ? t("SYNTHETIC DATA") : "", data.unringed ? t("NOBODY SAYS WHO IS INSIDE: give a column scale, or --inside COLUMN=VALUE") : "", data.public ? t("PUBLIC VERSION, names are pseudonyms") : "", layersOn(), year, fill("district: {ring}", { ring: rings.get(state.cut).label.toLowerCase() })].filter(Boolean).join(" · ");
  }
  function find() {
    const words = $("search").value.trim().toLowerCase(), list = $("found");
    const hit = (a) => [a.name, a.aka, a.sector, a.place, a.id].some((v) => v?.toLowerCase().includes(words));
    const found = words ? shownActors.filter(hit).sort((p, q) => q.name.toLowerCase().startsWith(words) - p.name.toLowerCase().startsWith(words) || q.r - p.r).slice(0, 8) : [];
    list.hidden = !words;
    list.replaceChildren(...(words && !found.length ? [make("li", { class: "soft" }, t("no actor found"))] : []),
      ...found.map((a) => make("li", {}, make("button", { type: "button", onclick: () => { list.hidden = true; $("search").value = a.name; select(a.id); } }, a.name))));
    return found;
  }
  function wire() {
    for (const cut of cuts) {
      const input = make("input", { type: "radio", name: "cut", value: cut });
      $("cut").append(make("label", {}, input, make("span", {}, rings.get(cut).label)));
    }
    for (const level of [...data.confidence].reverse())
      $("confidence").append(make("option", { value: level.id }, level.id === "low" ? t("all ties") : level.id === "medium" ? t("medium or high") : t("high only")));
    document.addEventListener("change", ({ target }) => {
      if (target.name === "cut") { state.cut = target.value; refresh(); }
      if (target.name === "colour") { state.colour = target.value; refresh(); }
      if (target.id === "confidence") { state.confidence = target.value; refresh(); }
      if (target.id === "all-years") { state.year = target.checked ? "all" : fresh().year; refresh(); }
    });
    if (span) {
      Object.assign($("year"), { min: span[0], max: span[1] });
      $("year").addEventListener("input", () => { state.year = Number($("year").value); refresh(); });
    } else $("time").hidden = true;
    for (const button of document.querySelectorAll("[data-all],[data-none]"))
      button.addEventListener("click", () => { state.off = new Set("none" in button.dataset ? layers.keys() : []); refresh(); });
    $("search").addEventListener("input", find);
    $("search").addEventListener("keydown", (event) => {
      if (event.key === "Escape") { $("found").hidden = true; select(null); }
      if (event.key === "Enter") { const [first] = find(); if (first) { $("found").hidden = true; select(first.id); } }
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.actor) select(null); });
    $("save-svg").addEventListener("click", () => download(new Blob([svgText()], { type: "image/svg+xml" }), fileName("svg")));
    $("save-png").addEventListener("click", savePng);
    $("save-csv").addEventListener("click", () => download(new Blob([csv()], { type: "text/csv" }), fileName("csv")));
    $("zoom-in").addEventListener("click", () => { network.moveTo({ scale: network.getScale() * 1.3 }); settle(); });
    $("zoom-out").addEventListener("click", () => { network.moveTo({ scale: network.getScale() / 1.3 }); settle(); });
    $("zoom-fit").addEventListener("click", () => { state.open.clear(); refresh(); fit(); network.redraw(); });
    for (const name of ["actor", "tie"]) $(name + "-table").addEventListener("toggle", () => showTable(name));
    addEventListener("hashchange", () => { fromFragment(); refresh(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readInk(); refresh(); });
    addEventListener("beforeprint", () => { printing = true; readInk(); refresh(); $("printed").replaceChildren(picture()); });
    addEventListener("afterprint", () => { printing = false; readInk(); refresh(); $("printed").replaceChildren(); });
    $("source").textContent = data.source ? fill("Source: {report}", { report: data.source }) : "";
    if (matchMedia("(max-width: 700px)").matches) for (const panel of document.querySelectorAll(".panel")) panel.open = false;
  }

  readInk();
  wire();
  fromFragment();
  refresh();
  startNetwork();
  fit();
  window.netklynge = { state, show: select, labels: () => labels, network, drawn: () => drawnActors.map((a) => a.id), shown: () => ({ actors: shownActors.map((a) => a.id), ties: shownTies.map((e) => e.k) }), svg: svgText, csv };
})();
