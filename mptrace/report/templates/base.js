// What every part of the page uses: the data, how times are written, colours, canvases, the tooltip.
const data = JSON.parse(document.getElementById("data").textContent);
const names = data.names;
const byId = (id) => document.getElementById(id);
let GUTTER; // left of every time axis: the names of the processes
const setGutter = () => (GUTTER = innerWidth < 700 ? 120 : 210);
setGutter();
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LABEL = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

const grouped = (number, digits) =>
  number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

function duration(ms) {
  if (ms >= 10000) return `${grouped(ms / 1000, 1)} s`;
  if (ms >= 1000) return `${grouped(ms, 0)} ms`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${Math.round(ms * 1000)} \u00b5s`;
}

// Elements are made of text nodes only: names come from the traced program, and mean nothing here.
function element(tag, content = [], attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...[content].flat());
  return made;
}

// A canvas does not know CSS variables, so an element is asked. Everything is drawn anew when the theme changes.
const probe = document.body.appendChild(element("i", [], { hidden: "" }));
let colours = new Map();
function colour(variable, className = "") {
  const key = `${className} ${variable}`;
  if (!colours.has(key)) {
    probe.className = className;
    probe.style.color = `var(${variable}, var(--dim))`;
    colours.set(key, getComputedStyle(probe).color);
  }
  return colours.get(key);
}
const isDark = () => colour("--l").replace(/\D+/g, " ").trim().startsWith("255");
const phaseColour = (name) => colour("--c", `p-${name || "none"}`);

// Modules of one package have one hue; it is paler than that of any phase.
const hues = new Map();
function hue(name) {
  const top = name.split(".", 1)[0];
  if (!hues.has(top)) {
    let hash = 7;
    for (const letter of top) hash = (hash * 31 + letter.codePointAt(0)) % 3600;
    hues.set(top, (hash * 137) % 360);
  }
  return hues.get(top);
}
const SOLID = { lock: "--lock", gc: "--gc", tracer: "--tracer", start: "--start", "fork-hook": "--hook" };
function barColour(kind, name) {
  if (kind in SOLID) return colour(SOLID[kind]);
  const key = `${kind === "import" ? "import" : "other"} ${hue(name)}`;
  if (!colours.has(key)) {
    const light = isDark() ? (kind === "import" ? 0.4 : 0.5) : kind === "import" ? 0.88 : 0.8;
    colours.set(key, `oklch(${light} ${kind === "import" ? 0.06 : 0.1} ${kind === "import" ? hue(name) : 95})`);
  }
  return colours.get(key);
}

// Size a canvas in CSS pixels, and return what draws on it.
function drawing(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.textBaseline = "middle";
  context.font = FONT;
  return context;
}

const widths = new Map();
function widthOf(context, text) {
  const key = context.font + text;
  if (!widths.has(key)) widths.set(key, context.measureText(text).width);
  return widths.get(key);
}
function shortened(context, text, room) {
  if (room < 14) return "";
  const width = widthOf(context, text);
  if (width <= room) return text;
  for (let length = Math.floor((text.length * room) / width); length >= 2; length--) {
    const start = `${text.slice(0, length)}\u2026`;
    if (widthOf(context, start) <= room) return start;
  }
  return "";
}

const redraws = [];
let isAwaited = false;
function redraw() {
  if (isAwaited) return;
  isAwaited = true;
  requestAnimationFrame(drawNow);
}
function drawNow() {
  isAwaited = false;
  for (const draw of redraws) draw();
}

const tip = document.body.appendChild(element("div", [], { class: "tip", hidden: "", "aria-hidden": "true" }));
function showTip(lines, event) {
  tip.hidden = !lines;
  if (!lines) return;
  tip.replaceChildren(...lines.map((line) => element("p", line)));
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8))}px`;
  tip.style.top = `${event.clientY + 18 + box.height > innerHeight ? event.clientY - box.height - 10 : event.clientY + 18}px`;
}
function say(place, lines) {
  place.replaceChildren(...lines.map((line, number) => element("p", number ? line : element("b", line))));
}
