// The icicle: imports inside imports, of many processes together.
const nodes = data.icicle.map(([parent, name, wall, own, processes, cut]) => ({ parent, name: names[name], wall, own, processes, cut, inside: [] }));
nodes.forEach((node, number) => number && nodes[node.parent].inside.push(number));
for (const node of nodes) node.inside.sort((a, b) => nodes[b].wall - nodes[a].wall);
nodes[0].name = data.ofChildren ? "all children" : "all processes";
const icicle = byId("icicle");
if (icicle) {
  const canvas = icicle.querySelector("canvas");
  const place = byId("icicle-details");
  const HEIGHT = 19;
  let top = 0, at = 0, boxes = [];
  const depth = (number) => nodes[number].inside.reduce((most, child) => Math.max(most, 1 + depth(child)), 0);
  const rows = Math.min(28, depth(0) + 1);
  const about = (number) => {
    const node = nodes[number];
    const share = `${((100 * node.wall) / nodes[0].wall).toFixed(1)}% of all import time`;
    if (!number) return [node.name, `${duration(node.wall)} in imports`];
    const cut = node.cut ? [`${grouped(node.cut, 0)} ${node.cut === 1 ? "import" : "imports"} in it too short to be drawn`] : [];
    return [node.name, `${duration(node.wall)} with what it imports, ${share}`,
      `${duration(node.own)} itself, in ${grouped(node.processes, 0)} ${node.processes === 1 ? "process" : "processes"}`, ...cut];
  };
  const ancestors = (number) => (number > 0 ? [...ancestors(nodes[number].parent), number] : [0]);

  function put(number, x, width, y) {
    boxes.push([number, x, width, y]);
    let left = x;
    for (const child of nodes[number].inside) {
      const share = nodes[number].wall ? (nodes[child].wall / nodes[number].wall) * width : 0;
      if (share >= 0.5) put(child, left, share, y + HEIGHT);
      left += share;
    }
  }
  function drawIcicle() {
    const width = icicle.clientWidth;
    const context = drawing(canvas, width, rows * HEIGHT);
    boxes = [];
    const above = ancestors(top).slice(0, -1);
    above.forEach((number, level) => boxes.push([number, 0, width, level * HEIGHT]));
    put(top, 0, width, above.length * HEIGHT);
    for (const [number, x, wide, y] of boxes) {
      const node = nodes[number];
      context.globalAlpha = above.includes(number) ? 0.6 : 1;
      context.fillStyle = number ? barColour("import", node.name) : colour("--life");
      context.fillRect(x, y, Math.max(0.5, wide - 0.8), HEIGHT - 1);
      context.fillStyle = colour("--ink");
      const text = wide > 160 ? `${node.name}  ${duration(node.wall)}` : node.name;
      if (wide > 20) context.fillText(shortened(context, text, wide - 8), x + 4, y + HEIGHT / 2);
      context.globalAlpha = 1;
      if (number === at && document.activeElement === icicle) {
        context.strokeStyle = colour("--ink");
        context.lineWidth = 1.5;
        context.strokeRect(x + 0.75, y + 0.75, Math.max(2, wide - 2.3), HEIGHT - 2.5);
      }
    }
  }
  redraws.push(drawIcicle);
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    return boxes.find(([, left, width, upper]) => x >= left && x < left + width && y >= upper && y < upper + HEIGHT);
  };
  function enter(number) {
    at = number;
    say(place, about(number));
    redraw();
  }
  function zoomInto(number) {
    top = number;
    enter(number);
  }
  const beside = (direction) => {
    const family = at ? nodes[nodes[at].parent].inside : [0];
    enter(family[Math.max(0, Math.min(family.length - 1, family.indexOf(at) + direction))]);
  };
  const MOVES = {
    ArrowDown: () => nodes[at].inside.length && enter(nodes[at].inside[0]),
    ArrowUp: () => at && enter(nodes[at].parent),
    ArrowLeft: () => at !== top && beside(-1), ArrowRight: () => at !== top && beside(1),
    Enter: () => zoomInto(at), " ": () => zoomInto(at),
    Backspace: () => zoomInto(Math.max(0, nodes[top].parent)), Escape: () => zoomInto(0), Home: () => zoomInto(0),
  };
  icicle.addEventListener("keydown", (event) => {
    if (!MOVES[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    MOVES[event.key]();
  });
  for (const name of ["focus", "blur"]) icicle.addEventListener(name, redraw);
  canvas.addEventListener("click", (event) => under(event) && zoomInto(under(event)[0]));
  canvas.addEventListener("pointermove", (event) => showTip(under(event) && about(under(event)[0]), event));
  canvas.addEventListener("pointerleave", () => showTip());
}
