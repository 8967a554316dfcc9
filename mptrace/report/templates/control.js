// How the timeline is moved: mouse, wheel, keys, buttons, search, and the findings.
function choose(number, bar = -1) {
  chosen.process = number;
  chosen.bar = bar;
  const found = number < 0 || bar < 0 ? undefined : [...barsOf(number)][bar];
  say(details, number < 0 ? [] : found ? aboutBar(number, found) : aboutProcess(number));
  redraw();
}
function reveal(number) {
  const top = tops[number] - AXIS, bottom = tops[number + 1] + GAP;
  if (top < timeline.scrollTop) timeline.scrollTop = top;
  else if (bottom > timeline.scrollTop + timeline.clientHeight)
    timeline.scrollTop = Math.min(top, bottom - timeline.clientHeight);
}
function toggle(number) {
  if (!expanded.delete(number)) expanded.add(number);
  layout();
}
function zoomTo(begin, end) {
  const margin = Math.max((end - begin) * 0.06, 0.01);
  look(begin - margin, end + margin);
}
function zoomToStartUp(number) {
  const process = data.processes[number];
  zoomTo(process.start, process.ready !== null && process.ready > process.start ? process.ready : process.last);
}
function bring(bar) {
  if (bar.begin >= view.from && bar.begin + bar.wall <= view.to) return;
  const span = Math.max(view.to - view.from, bar.wall * 1.1);
  look(bar.begin + bar.wall / 2 - span / 2, bar.begin + bar.wall / 2 + span / 2);
}
function step(direction) {
  const bars = [...barsOf(chosen.process)];
  if (!bars.length) return;
  const order = bars.map((bar) => bar.index).sort((a, b) => bars[a].begin - bars[b].begin || a - b);
  const at = order.indexOf(chosen.bar);
  const next = order[at < 0 ? (direction > 0 ? 0 : order.length - 1) : Math.max(0, Math.min(order.length - 1, at + direction))];
  const bar = bars[next];
  if (!bar.isPhase && bar.lane > 0 && !expanded.has(chosen.process)) toggle(chosen.process);
  bring(bar);
  choose(chosen.process, next);
}
function chooseRow(number) {
  if (number < 0 || number >= data.processes.length) return;
  choose(number);
  reveal(number);
}
const nothing = () => {
  marks = new Map();
  choose(-1);
};
const withChosen = (act) => () => chosen.process >= 0 && act(chosen.process);
const KEYS = {
  "+": () => zoom(1 / 1.5), "=": () => zoom(1 / 1.5), "-": () => zoom(1.5), _: () => zoom(1.5),
  ArrowLeft: () => move(-0.15), ArrowRight: () => move(0.15),
  ArrowUp: () => chooseRow(Math.max(0, chosen.process - 1)), ArrowDown: () => chooseRow(chosen.process + 1),
  PageUp: () => chooseRow(Math.max(0, chosen.process - 10)),
  PageDown: () => chooseRow(Math.min(data.processes.length - 1, chosen.process + 10)),
  Enter: withChosen(toggle), " ": withChosen(toggle),
  z: withChosen(zoomToStartUp), n: withChosen(() => step(1)), p: withChosen(() => step(-1)),
  Home: () => look(whole.from, whole.to), 0: () => look(whole.from, whole.to), Escape: nothing,
};
timeline.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});

rowsCanvas.addEventListener("wheel", (event) => {
  const isOurs = event.ctrlKey || event.metaKey || document.activeElement === timeline;
  if (!isOurs) return;
  event.preventDefault();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    move((event.deltaX || event.deltaY) / timeWidth());
    return;
  }
  const lines = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
  zoom(Math.exp(Math.max(-300, Math.min(300, lines)) * 0.002), timeOf(event.clientX - rowsCanvas.getBoundingClientRect().left));
}, { passive: false });

let drag;
rowsCanvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  drag = { x: event.clientX, y: event.clientY, from: view.from, to: view.to, top: timeline.scrollTop, isMoved: false };
  rowsCanvas.setPointerCapture(event.pointerId);
});
rowsCanvas.addEventListener("pointermove", (event) => {
  if (!drag) {
    const [number, bar] = hit(event);
    showTip(number >= 0 && (bar ? aboutBar(number, bar) : aboutProcess(number)), event);
    return;
  }
  const x = event.clientX - drag.x, y = event.clientY - drag.y;
  if (!drag.isMoved && Math.hypot(x, y) < 4) return;
  drag.isMoved = true;
  showTip();
  rowsCanvas.classList.add("dragging");
  const shift = (-x / timeWidth()) * (drag.to - drag.from);
  look(drag.from + shift, drag.to + shift);
  if (event.pointerType === "mouse") timeline.scrollTop = drag.top - y;
});
rowsCanvas.addEventListener("pointerup", (event) => {
  const wasMoved = drag && drag.isMoved;
  drag = undefined;
  rowsCanvas.classList.remove("dragging");
  if (wasMoved) return;
  const [number, bar] = hit(event);
  const isName = event.clientX - rowsCanvas.getBoundingClientRect().left < GUTTER;
  if (number >= 0 && isName) toggle(number);
  choose(number, bar ? bar.index : -1);
});
rowsCanvas.addEventListener("pointercancel", () => (drag = undefined));
rowsCanvas.addEventListener("pointerleave", () => showTip());
rowsCanvas.addEventListener("dblclick", (event) => {
  const [number, bar] = hit(event);
  if (bar) zoomTo(bar.begin, bar.begin + bar.wall);
  else if (number >= 0 && event.clientX - rowsCanvas.getBoundingClientRect().left >= GUTTER) zoomToStartUp(number);
});
timeline.addEventListener("scroll", redraw);

byId("zoom-in").addEventListener("click", () => zoom(1 / 1.5));
byId("zoom-out").addEventListener("click", () => zoom(1.5));
byId("fit").addEventListener("click", () => look(whole.from, whole.to));
function expandAll(isOn) {
  expanded.clear();
  if (isOn) data.processes.forEach((_, number) => expanded.add(number));
  byId("expand").setAttribute("aria-pressed", String(isOn));
  layout();
}
byId("expand").addEventListener("click", () => expandAll(byId("expand").getAttribute("aria-pressed") === "false"));

// What is found is counted at each letter; Enter goes from one process to the next.
function holding() {
  return data.processes.flatMap((process, number) => {
    const isIn = process.name.toLowerCase().includes(wanted) || [...barsOf(number)].some(isWanted);
    return isIn ? [number] : [];
  });
}
byId("search").addEventListener("input", () => {
  wanted = byId("search").value.trim().toLowerCase();
  const number = wanted ? holding().length : 0;
  byId("found").textContent = wanted ? `in ${grouped(number, 0)} ${number === 1 ? "process" : "processes"}` : "";
  redraw();
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !wanted) return;
  const found = holding();
  const next = found.find((number) => number > chosen.process) ?? found[0];
  if (next === undefined) return;
  const bar = [...barsOf(next)].find(isWanted);
  if (bar && bar.lane > 0) expanded.add(next);
  layout();
  if (bar) bring(bar);
  choose(next, bar ? bar.index : -1);
  reveal(next);
});

// A finding is shown where its time went by.
function showFinding(number) {
  const { taken, count } = data.findings[number];
  if (!taken.length) return;
  marks = new Map();
  for (const [process, begin, end] of taken) marks.set(process, [...(marks.get(process) || []), [begin, end]]);
  // They are sorted by length: of those about as long as the longest, the first process's.
  const long = taken.filter(([, begin, end]) => end - begin >= 0.9 * (taken[0][2] - taken[0][1]));
  const first = Math.min(...long.map(([process]) => process));
  expanded.clear(); // so that many of the marks are seen together
  expanded.add(first);
  layout();
  zoomTo(Math.min(...taken.map((interval) => interval[1])), Math.max(...taken.map((interval) => interval[2])));
  choose(first);
  const cut = taken.length < count ? ` of ${grouped(count, 0)}, the longest` : "";
  details.append(element("p", `marked: ${grouped(taken.length, 0)}${cut}, in ${grouped(marks.size, 0)} ${marks.size === 1 ? "process" : "processes"}`));
  reveal(first);
  byId("picture").scrollIntoView();
  timeline.focus({ preventScroll: true });
}
for (const button of document.querySelectorAll("button.show"))
  button.addEventListener("click", () => showFinding(Number(button.dataset.finding)));
