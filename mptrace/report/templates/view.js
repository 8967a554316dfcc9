// The part of the run that is looked at, and what shows all of the run: the overview and the curves of use.
const view = { from: 0, to: 1 };
const whole = { from: 0, to: Math.max(data.wall, 0.001) };
const LEAST_MS = 0.002;
Object.assign(view, whole);

function look(from, to) {
  const span = Math.min(Math.max(to - from, LEAST_MS), whole.to - whole.from);
  view.from = Math.min(Math.max(from, whole.from), whole.to - span);
  view.to = view.from + span;
  redraw();
}
function zoom(factor, at = (view.from + view.to) / 2) {
  const span = Math.min(Math.max((view.to - view.from) * factor, LEAST_MS), whole.to - whole.from);
  const left = (at - view.from) / (view.to - view.from);
  look(at - left * span, at + (1 - left) * span);
}
const move = (share) => look(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));

// Round times for an axis of this many pixels.
function* ticks(width) {
  const rough = ((view.to - view.from) * 110) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  for (let number = Math.ceil(view.from / step); number * step <= view.to; number++) yield [number * step, step];
}
function moment(ms, step) {
  if (step >= 1000) return `${grouped(ms / 1000, 0)} s`;
  if (whole.to >= 10000 && step >= 10) return `${grouped(ms / 1000, step >= 100 ? 1 : 2)} s`;
  return `${grouped(ms, Math.max(0, Math.min(3, -Math.floor(Math.log10(step) + 1e-9))))} ms`;
}

// The overview: each process a line, from start() to its end, coloured by phase until it is ready.
const overview = byId("overview");
const OVERVIEW_HEIGHT = 64;
redraws.push(function drawOverview() {
  const width = overview.clientWidth;
  const context = drawing(overview, width, OVERVIEW_HEIGHT);
  overview.style.width = "";
  const x = (ms) => GUTTER + ((ms - whole.from) / (whole.to - whole.from)) * (width - GUTTER);
  const step = (OVERVIEW_HEIGHT - 6) / data.processes.length;
  const height = Math.max(1, Math.min(10, step - (step > 3 ? 1 : 0)));
  data.processes.forEach((process, number) => {
    const y = 3 + number * step;
    context.fillStyle = colour("--life");
    context.fillRect(x(process.begin), y, Math.max(1, x(process.last) - x(process.begin)), height);
    for (let at = 0; at < process.phases.length; at += 4) {
      const [begin, wall, name] = process.phases.slice(at, at + 3);
      if (((wall * (width - GUTTER)) / whole.to) < 0.3) continue;
      context.fillStyle = phaseColour(names[name]);
      context.fillRect(x(begin), y, Math.max(0.6, x(begin + wall) - x(begin)), height);
    }
  });
  context.fillStyle = colour("--dim");
  context.font = LABEL;
  context.fillText("The whole run", 10, 20);
  context.fillText(duration(whole.to), 10, 38);
  const [first, last] = rowsShown();
  const isPart = last - first + 1 < data.processes.length;
  if (view.from <= whole.from && view.to >= whole.to && !isPart) return;
  const left = x(view.from), right = x(view.to);
  const upper = isPart ? Math.max(0, 1 + first * step) : 0;
  const lower = isPart ? Math.min(OVERVIEW_HEIGHT, Math.max(upper + 7, 5 + (last + 1) * step)) : OVERVIEW_HEIGHT;
  context.globalAlpha = 0.1;
  context.fillStyle = colour("--ink");
  context.fillRect(GUTTER, 0, left - GUTTER, OVERVIEW_HEIGHT);
  context.fillRect(right, 0, width - right, OVERVIEW_HEIGHT);
  context.fillRect(left, 0, right - left, upper);
  context.fillRect(left, lower, right - left, OVERVIEW_HEIGHT - lower);
  context.globalAlpha = 1;
  context.strokeStyle = colour("--link");
  context.lineWidth = 2;
  context.strokeRect(left + 1, upper + 1, Math.max(2, right - left - 2), lower - upper - 2);
});
// To the time and the processes under the mouse.
function goTo(event) {
  const box = overview.getBoundingClientRect();
  const share = Math.max(0, (event.clientX - box.left - GUTTER) / (box.width - GUTTER));
  const half = (view.to - view.from) / 2;
  center(((event.clientY - box.top - 3) / (OVERVIEW_HEIGHT - 6)) * data.processes.length);
  look(whole.from + share * (whole.to - whole.from) - half, whole.from + share * (whole.to - whole.from) + half);
}
overview.addEventListener("pointerdown", (event) => {
  overview.setPointerCapture(event.pointerId);
  goTo(event);
});
overview.addEventListener("pointermove", (event) => event.buttons && goTo(event));

// The curves share the time axis with the rows below.
const CURVE_HEIGHT = 62;
function addCurve(title, unit, series, tones, about) {
  const canvas = element("canvas", [], { role: "img" });
  const most = Math.max(...Object.values(series).flat(), 0.01);
  const entries = Object.entries(series);
  canvas.setAttribute("aria-label", `${title} over time, at most ${grouped(most, 1)} ${unit}`);
  const lines = entries.map(([name], number) => element("div", name, { class: tones[number] }));
  const caption = element("figcaption", [element("b", `${title}, up to ${grouped(most, most < 10 ? 1 : 0)} ${unit}`), ...lines]);
  byId("curves").append(element("figure", [canvas, caption], { title: about }));
  byId("curves").hidden = false;
  redraws.push(function drawCurve() {
    const width = canvas.parentNode.clientWidth;
    const context = drawing(canvas, width, CURVE_HEIGHT);
    const x = (ms) => GUTTER + ((ms - view.from) / (view.to - view.from)) * (width - GUTTER);
    const y = (value) => CURVE_HEIGHT - 2 - (value / most) * (CURVE_HEIGHT - 10);
    context.save();
    context.beginPath();
    context.rect(GUTTER, 0, width - GUTTER, CURVE_HEIGHT);
    context.clip();
    const first = Math.max(0, Math.floor(view.from / data.curves.step) - 1);
    const last = Math.min(entries[0][1].length - 1, Math.ceil(view.to / data.curves.step));
    entries.forEach(([, values], number) => {
      context.beginPath();
      for (let at = first; at <= last; at++) {
        context.lineTo(x(at * data.curves.step), y(values[at]));
        context.lineTo(x((at + 1) * data.curves.step), y(values[at]));
      }
      context.strokeStyle = colour(`--${tones[number]}`);
      context.lineWidth = 1.5;
      context.stroke();
      context.lineTo(x((last + 1) * data.curves.step), CURVE_HEIGHT);
      context.lineTo(x(first * data.curves.step), CURVE_HEIGHT);
      context.globalAlpha = 0.13;
      context.fillStyle = colour(`--${tones[number]}`);
      context.fill();
      context.globalAlpha = 1;
    });
    context.restore();
  });
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const at = view.from + ((event.clientX - box.left - GUTTER) / (box.width - GUTTER)) * (view.to - view.from);
    const step = Math.floor(at / data.curves.step);
    const known = event.clientX - box.left > GUTTER && entries[0][1][step] !== undefined;
    showTip(known && [...entries.map(([name, values]) => `${name}: ${grouped(values[step], 1)} ${unit}`), about], event);
  });
  canvas.addEventListener("pointerleave", () => showTip());
}
const { cpu, memory } = data.curves;
if (Object.keys(cpu).length)
  addCurve("CPU", "CPUs", cpu, ["cpu", "waiting"], "All processes together. CPU time is spread evenly between two samples of a process.");
if (Object.keys(memory).length)
  addCurve("Memory", "MB", memory, ["memory", "cpu", "waiting"], "All processes together: pages that several processes share count in each.");
