// The rest of the page: legend, theme, the table of processes; and the first drawing.
const used = (list, width, at) => new Set(data.processes.flatMap((process) => process[list].filter((_, place) => place % width === at)));
const isUsed = (numbers) => (name) => numbers.has(names.indexOf(name));
function addToLegend(text, className, variable) {
  const swatch = element("i", [], { class: `swatch ${className}` });
  if (variable) swatch.style.setProperty("--c", `var(${variable})`);
  byId("legend").append(element("li", [swatch, text]));
}
data.phaseNames.filter(isUsed(used("phases", 4, 2))).forEach((name) => addToLegend(name, `p-${name}`));
addToLegend("ready", "ready");
addToLegend("the rest of its life", "");
const MEANINGS = { import: "import: the colour is the package's", statement: "top-level statement", lock: "wait for a lock",
  gc: "garbage collection", "fork-hook": "at-fork handler", tracer: "tracing" };
const VARIABLES = { ...SOLID, import: "--import", statement: "--statement" };
Object.keys(MEANINGS).filter(isUsed(used("bars", 5, 3))).forEach((kind) => addToLegend(MEANINGS[kind], "", VARIABLES[kind]));

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const themeButton = byId("theme");
function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  const isDarkNow = (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  themeButton.textContent = isDarkNow ? "Light" : "Dark";
  themeButton.setAttribute("aria-label", isDarkNow ? "Use light colours" : "Use dark colours");
  colours = new Map();
  redraw();
}
themeButton.hidden = false;
themeButton.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
system.addEventListener("change", () => setTheme());

// Paper is white: the picture is drawn anew for it.
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = root.dataset.theme;
  setTheme("light");
  drawNow();
});
addEventListener("afterprint", () => {
  if (onScreen) root.dataset.theme = onScreen;
  else delete root.dataset.theme;
  setTheme();
});

// A thousand rows are made when somebody wants to read them.
const list = byId("processes");
list.addEventListener("toggle", () => {
  const place = list.querySelector(".wide");
  if (!list.open || place.firstChild) return;
  const heads = ["process", ">pid", "role", "method", ">started at", ">ready after", ">lived", "end"];
  const cell = (tag, text, name, more = {}) => element(tag, text, name.startsWith(">") ? { class: "number", ...more } : more);
  const rows = data.processes.map((process, number) => {
    const link = element("button", process.name, { type: "button", class: "link" });
    link.addEventListener("click", () => {
      expanded.add(number);
      layout();
      zoomToStartUp(number);
      chooseRow(number);
      byId("picture").scrollIntoView();
      timeline.focus({ preventScroll: true });
    });
    const ready = process.ready === null || process.method === "root" ? "-" : duration(process.ready - process.start);
    const texts = [String(process.pid), process.role, process.method, duration(process.start), ready, duration(process.last - process.begin), process.end];
    return element("tr", [element("th", link, { scope: "row" }), ...texts.map((text, at) => cell("td", text, heads[at + 1]))]);
  });
  const head = element("tr", heads.map((name) => cell("th", name.replace(">", ""), name, { scope: "col" })));
  place.append(element("table", [element("thead", head), element("tbody", rows)]));
});

addEventListener("resize", () => {
  setGutter();
  layout();
});
// A few processes are open from the first; of many, the one that took longest to be ready.
const wait = (process) => (process.ready === null || process.method === "root" ? 0 : process.ready - process.start);
const slowest = data.processes.reduce((worst, process, number) => (wait(process) > wait(data.processes[worst]) ? number : worst), 0);
data.processes.forEach((_, number) => (data.processes.length <= 5 || number === slowest) && expanded.add(number));
layout();
setTheme();
say(details, []);
drawNow();
root.dataset.drawn = "yes";
