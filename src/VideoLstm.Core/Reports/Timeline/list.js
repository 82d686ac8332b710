// The segments as a list, in order of time or of doubt, and how much there is of each class.
const list = find("#list"), order = find("#order");

// A row a segment. Those that are not seen at first are made while nothing else is to be done, or when they are asked for.
const FIRST = 60, MORE = 200;
const rows = new Map();
let serial = 0, pending = [];

function makeRows(count = Infinity) {
  list.append(...pending.splice(0, count).map(makeRow));
}
function makeMore() {
  makeRows(MORE);
  if (pending.length > 0) setTimeout(makeMore);
}
function makeList() {
  pending = [...segments];
  makeRows(FIRST);
  setTimeout(makeMore, MORE);
}

function makeRow(segment) {
  const picture = pictures.get(segment.picture), changed = isChanged(segment), sure = sureness(segment);
  const cells = {
    picture: picture === undefined ? [] : element("img", [], { src: picture, alt: "" }),
    name: [element("i", [], { className: lookOf(segment.name) }), element("bdi", nameOf(segment))],
    times: `${text(segment.start)} to ${text(segment.end)}`, length: text(segment.end - segment.start), sure,
    mark: changed ? "changed" : "",
  };
  // With spaces between, for whoever hears it as one line.
  const row = element("div", Object.entries(cells).flatMap(([className, content]) => [element("span", content, { className }), " "]),
    { id: `segment-${++serial}`, role: "option" });
  row.setAttribute("aria-selected", segment === chosen);
  row.addEventListener("click", () => { go(segment.start); choose(segment); });
  rows.set(segment, row);
  return row;
}

// What the classifier says of the class, while that is its own.
const probabilityOf = segment => segment.name === segment.was ? segment.p : null;
function sureness(segment) {
  const p = probabilityOf(segment);
  return p === null ? "" : `${(100 * p).toFixed(1)}%`;
}

// Least sure first; what the classifier has not judged is not doubted. A change takes no segment from its place in this order.
const byDoubt = (a, b) => a.p - b.p || a.start - b.start;
const doubted = () => segments.filter(s => s.p !== null && s.name !== null).sort(byDoubt);
const ordered = () => order.value === "doubt" ? [...doubted(), ...segments.filter(s => s.p === null || s.name === null)] : segments;

function showList(removed, added) {
  makeRows();
  for (const segment of removed) {
    rows.get(segment)?.remove();
    rows.delete(segment);
  }
  const fresh = added.map(makeRow);
  if (order.value === "doubt") list.replaceChildren(...ordered().map(s => rows.get(s)));
  else if (fresh.length > 0) {
    const next = rows.get(segments[segments.indexOf(added.at(-1)) + 1]);
    if (next === undefined) list.append(...fresh); else next.before(...fresh);
  }
}
onChange.push(showList);

function showChosen(previous) {
  if (!rows.has(chosen)) makeRows();
  rows.get(previous)?.setAttribute("aria-selected", "false");
  const row = rows.get(chosen);
  row.setAttribute("aria-selected", "true");
  list.setAttribute("aria-activedescendant", row.id);
  // Only the list scrolls, and the page stays where it is.
  const top = row.offsetTop, bottom = top + row.offsetHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}
onChoice.push(showChosen);

order.addEventListener("change", () => {
  makeRows();
  list.replaceChildren(...ordered().map(s => rows.get(s)));
  showChosen(null);
  say(order.value === "doubt" ? "The least sure segment comes first." : "The segments are in order of time.");
});

// From doubt to doubt, wherever one has been in between.
let asked = { p: -1, start: 0 };
function doubt(by) {
  const all = doubted();
  if (all.length === 0) return say("There are no probabilities to go by.");
  const next = by > 0 ? all.find(s => byDoubt(s, asked) > 0) : all.findLast(s => byDoubt(s, asked) < 0);
  if (next === undefined) {
    asked = by > 0 ? { p: 2, start: 0 } : { p: -1, start: 0 };
    return say(by > 0 ? "That was the surest one." : "That was the least sure one.");
  }
  asked = next;
  go(next.start);
  choose(next);
  say(`${isolated(nameOf(next))}, ${sureness(next) || "changed"}, ${all.indexOf(next) + 1} of ${all.length} by doubt.`);
}

list.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const all = ordered(), at = all.indexOf(chosen), page = 10;
  const next = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const segment = all[clamp(next, 0, all.length - 1)];
  go(segment.start);
  choose(segment);
});

const totals = find(".classes tbody"), absent = find("#absent"), counts = find("#counts");
function showClasses() {
  const sums = new Map();
  for (const segment of segments) {
    const sum = sums.get(segment.name) ?? { count: 0, seconds: 0 };
    sums.set(segment.name, { count: sum.count + 1, seconds: sum.seconds + segment.end - segment.start });
  }
  const none = sums.get(null);
  sums.delete(null);
  const found = [...sums].sort((a, b) => b[1].seconds - a[1].seconds), missing = classes.filter(c => !sums.has(c));
  if (none !== undefined) found.push([null, none]);
  totals.replaceChildren(...found.map(([name, { count, seconds }]) => {
    const bar = element("td", `${(100 * seconds / end).toFixed(1)}%`, { className: "bar" });
    bar.style.setProperty("--share", (seconds / end).toFixed(4));
    const head = element("th", [element("i", [], { className: lookOf(name) }), element("bdi", name ?? NONE)], { scope: "row" });
    return element("tr", [head, element("td", name === null ? "" : String(count)), element("td", text(seconds)), bar]);
  }));
  absent.hidden = missing.length === 0;
  absent.querySelector("bdi").textContent = missing.join(", ");
  const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`, named = segments.filter(s => s.name !== null).length;
  counts.textContent = `${counted(named, "segment", "segments")} of ${counted(sums.size, "class", "classes")} in ${text(end)}`;
}
onChange.push(showClasses);
