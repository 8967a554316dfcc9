// The timeline: a row for each process, with its way to ready, and below that what went on in it.
const rowsCanvas = byId("rows");
const timeline = byId("timeline");
const extent = byId("extent");
const details = byId("details");
const AXIS = 22, BAND = 15, STRIP = 5, LANE = 14, GAP = 5;
const KINDS = { start: "start", user: "span", import: "import", statement: "statement", ...Object.fromEntries(
  ["lock", "gc", "fork-hook", "manager", "pool", "subprocess", "tracer"].map((kind) => [kind, kind])) };
const expanded = new Set();
const chosen = { process: -1, bar: -1 };
let marks = new Map(); // of the finding that is shown: process -> intervals
let wanted = ""; // what is searched for
let tops = [];

const depths = data.processes.map(() => 0);
data.processes.forEach((process, number) => {
  if (process.parent !== null && process.parent < number) depths[number] = depths[process.parent] + 1;
});
const rowHeight = (number) => {
  const { lanes } = data.processes[number];
  return GAP + BAND + (lanes ? (expanded.has(number) ? 1 + lanes * LANE : STRIP) : 0);
};
function layout() {
  tops = [AXIS];
  data.processes.forEach((_, number) => tops.push(tops[number] + rowHeight(number)));
  const height = tops[tops.length - 1] + GAP;
  extent.style.height = `${height}px`;
  timeline.style.height = `${Math.min(height, Math.max(260, innerHeight * 0.62)) + 2}px`;
  redraw();
}
function rowAt(y) {
  let low = 0, high = data.processes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle + 1] <= y) low = middle + 1;
    else high = middle;
  }
  return low < data.processes.length && y >= tops[0] ? low : -1;
}
function rowsShown() {
  const first = rowAt(timeline.scrollTop + AXIS), last = rowAt(timeline.scrollTop + timeline.clientHeight - GAP);
  return [Math.max(0, first), last < 0 ? data.processes.length - 1 : last];
}
function center(number) {
  const row = Math.max(0, Math.min(data.processes.length - 1, Math.floor(number)));
  timeline.scrollTop = (tops[row] + tops[row + 1] - timeline.clientHeight) / 2;
}
const timeWidth = () => timeline.clientWidth - GUTTER;
const xOf = (ms) => GUTTER + ((ms - view.from) / (view.to - view.from)) * timeWidth();
const timeOf = (x) => view.from + ((x - GUTTER) / timeWidth()) * (view.to - view.from);

redraws.push(function drawRows() {
  const width = timeline.clientWidth, height = timeline.clientHeight, top = timeline.scrollTop;
  const context = drawing(rowsCanvas, width, height);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  for (let number = Math.max(0, rowAt(Math.max(AXIS, top + AXIS))); number < data.processes.length; number++) {
    const y = tops[number] - top;
    if (y > height) break;
    drawRow(context, number, y, width);
  }
  drawArrow(context, top);
  context.restore();
  drawAxis(context, width, height);
  Object.assign(timeline.dataset, { from: view.from, to: view.to });
  timeline.setAttribute("aria-description", `${duration(view.to - view.from)} shown, from ${moment(view.from, 0.1)}`);
});

function drawAxis(context, width, height) {
  context.fillStyle = colour("--card");
  context.fillRect(0, 0, width, AXIS);
  context.fillStyle = colour("--dim");
  context.font = FONT;
  for (const [ms, step] of ticks(timeWidth())) {
    const x = Math.round(xOf(ms)) + 0.5;
    context.globalAlpha = 0.14;
    context.fillRect(x, AXIS, 1, height);
    context.globalAlpha = 1;
    const text = moment(ms, step);
    if (x + context.measureText(text).width + 6 < width) context.fillText(text, x + 4, AXIS / 2);
    context.fillRect(x, AXIS - 6, 1, 6);
  }
  context.fillRect(0, AXIS - 1, width, 1);
  context.fillText(`${duration(view.to - view.from)} shown`, 10, AXIS / 2);
}

function drawRow(context, number, y, width) {
  const process = data.processes[number];
  if (number === chosen.process) {
    context.fillStyle = colour("--chosen");
    context.fillRect(0, y, width, rowHeight(number));
  }
  drawName(context, process, number, y + GAP / 2 + BAND / 2);
  context.save();
  context.beginPath();
  context.rect(GUTTER, y, width - GUTTER, rowHeight(number));
  context.clip();
  const top = y + GAP / 2;
  context.fillStyle = colour("--life");
  context.fillRect(xOf(process.begin), top, Math.max(1, xOf(process.last) - xOf(process.begin)), BAND);
  for (const bar of barsOf(number)) if (bar.isPhase || expanded.has(number) || bar.lane === 0) drawBar(context, bar, top, number);
  if (process.ready !== null && process.method !== "root") {
    context.fillStyle = colour("--ready");
    context.fillRect(xOf(process.ready) - 1, top - 1, 2.5, BAND + 2);
  }
  if (process.troubles.length) {
    context.fillStyle = colour("--error");
    context.font = `bold ${LABEL}`;
    context.fillText("\u2715", xOf(process.last) - 4, top + BAND / 2);
  }
  for (const [begin, end] of marks.get(number) || []) {
    context.strokeStyle = colour("--mark");
    context.lineWidth = 2;
    context.strokeRect(xOf(begin), top - 1, Math.max(3, xOf(end) - xOf(begin)), BAND + 2);
  }
  context.restore();
}

function drawName(context, process, number, y) {
  const left = 10 + Math.min(depths[number], 5) * 10;
  context.font = LABEL;
  context.fillStyle = colour("--dim");
  if (process.lanes) context.fillText(expanded.has(number) ? "\u25be" : "\u25b8", left - 6, y);
  context.fillStyle = process.troubles.length ? colour("--error") : colour("--ink");
  const isNarrow = GUTTER < 200;
  context.fillText(shortened(context, process.name, GUTTER - left - (isNarrow ? 14 : 66)), left + 8, y);
  if (isNarrow) return;
  context.fillStyle = colour("--dim");
  context.font = FONT;
  context.textAlign = "right";
  context.fillText(String(process.pid), GUTTER - 10, y);
  context.textAlign = "left";
}

// Everything of one process that has a begin and a length, as it is drawn.
function* barsOf(number) {
  const { phases, bars } = data.processes[number];
  for (let at = 0, index = 0; at < phases.length; at += 4, index++)
    yield { index, isPhase: true, begin: phases[at], wall: phases[at + 1], name: names[phases[at + 2]], isChilds: phases[at + 3], lane: -1, kind: "phase" };
  for (let at = 0, index = phases.length / 4; at < bars.length; at += 5, index++)
    yield { index, isPhase: false, begin: bars[at], wall: bars[at + 1], lane: bars[at + 2], kind: names[bars[at + 3]], name: names[bars[at + 4]] };
}
function placeOf(bar, top, number) {
  if (bar.isPhase) return [top, BAND];
  return expanded.has(number) ? [top + BAND + 1 + bar.lane * LANE, LANE - 1] : [top + BAND, STRIP - 1];
}
const isWanted = (bar) => wanted && bar.name.toLowerCase().includes(wanted);

function drawBar(context, bar, top, number) {
  const left = xOf(bar.begin), right = xOf(bar.begin + bar.wall);
  if (right < GUTTER || left > timeline.clientWidth) return;
  const from = Math.max(left, GUTTER - 2), length = Math.max(0.7, Math.min(right, timeline.clientWidth + 2) - from);
  const [y, height] = placeOf(bar, top, number);
  context.globalAlpha = wanted && !isWanted(bar) ? 0.25 : 1;
  context.fillStyle = bar.isPhase ? phaseColour(bar.name) : barColour(bar.kind, bar.name);
  context.fillRect(from, y, length > 3 ? length - 0.6 : length, height);
  if (length > 26 && height > 8) {
    context.fillStyle = colour("--ink");
    context.font = FONT;
    context.fillText(shortened(context, bar.name || "in no phase", length - 6), from + 3, y + height / 2 + 0.5);
  }
  context.globalAlpha = 1;
  if (number === chosen.process && bar.index === chosen.bar) {
    context.strokeStyle = colour("--ink");
    context.lineWidth = 1.5;
    context.strokeRect(from + 0.5, y + 0.5, Math.max(2, length - 1), height - 1);
  }
}

// From start() in the parent to the chosen child.
function drawArrow(context, top) {
  const child = data.processes[chosen.process];
  if (!child || child.parent === null || child.method === "root") return;
  const x = xOf(child.start);
  if (x < GUTTER || x > timeline.clientWidth) return;
  const from = tops[child.parent] - top + BAND, to = tops[chosen.process] - top + GAP / 2;
  context.strokeStyle = context.fillStyle = colour("--link");
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, from);
  context.lineTo(x, to);
  context.stroke();
  context.beginPath();
  context.moveTo(x, to);
  context.lineTo(x - 4, to - 6);
  context.lineTo(x + 4, to - 6);
  context.fill();
}

// What lies under a point: [process, bar or undefined].
function hit(event) {
  const box = rowsCanvas.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const number = y < AXIS ? -1 : rowAt(y + timeline.scrollTop);
  if (number < 0 || x < GUTTER) return [number, undefined];
  const top = tops[number] - timeline.scrollTop + GAP / 2;
  let found;
  for (const bar of barsOf(number)) {
    const [from, height] = placeOf(bar, top, number);
    if (!bar.isPhase && !expanded.has(number) && bar.lane > 0) continue;
    const isIn = y >= from && y < from + height + 1 && x >= xOf(bar.begin) - 1 && x <= xOf(bar.begin + bar.wall) + 1;
    if (isIn && (!found || bar.wall <= found.wall || xOf(found.begin + found.wall) < x)) found = bar;
  }
  return [number, found];
}

function aboutProcess(number) {
  const process = data.processes[number];
  const taken = process.ready === null ? "never said that it was ready" : `ready ${duration(process.ready - process.start)} after start()`;
  const parent = process.parent === null ? "" : `, started by ${data.processes[process.parent].name}`;
  const lines = [
    `${process.name} (pid ${process.pid})`,
    `${process.role}, ${process.method}${parent}; ${process.method === "root" ? "" : `${taken}; `}${process.end}`,
    `lived ${duration(process.last - process.begin)}, from ${moment(process.begin, 0.1)} to ${moment(process.last, 0.1)}`,
  ];
  lines.push(...process.troubles.filter((trouble) => trouble !== process.end));
  const [cut, longest] = process.cut;
  if (cut) lines.push(`${grouped(cut, 0)} more things, each of at most ${duration(longest)}, are not drawn`);
  return lines;
}
function aboutBar(number, bar) {
  const process = data.processes[number];
  const what = bar.isPhase
    ? `${bar.name || "in no phase"}: phase in the ${bar.isChilds ? "child" : "parent"}`
    : `${bar.kind === "start" || !(bar.kind in KINDS) ? "" : `${KINDS[bar.kind]} `}${bar.name}`;
  return [what, `${duration(bar.wall)}, ${duration(Math.max(0, bar.begin - process.start))} after ${process.method === "root" ? "the run began" : "start()"}`, `in ${process.name} (pid ${process.pid})`];
}
