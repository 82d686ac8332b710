// Keeps corrections in the browser's storage, so that they are there when the page is opened again. The key says of which video and which
// labels the page is: pages do not mix, and what was kept of a page before is offered where the file is newer.
const PREFIX = `vlstm ${given.identity} `, KEY = PREFIX + given.version;
const kept = find("#kept"), keptText = kept.querySelector("p");
let failed = false;

function tell(sentence, buttons = []) {
  keptText.textContent = sentence;
  kept.querySelector("div").replaceChildren(...buttons.map(([name, act]) =>
    element("button", name, { type: "button", onclick: () => { tell(""); act(); } })));
}

function store(what) {
  localStorage.setItem(KEY, JSON.stringify({ when: Date.now(), classes, segments, ...what }));
}

function keep() {
  try {
    if (done.length + undone.length === 0 && classes.length === given.classes.length) localStorage.removeItem(KEY);
    else {
      // Where not all has a place: rather what there is than how it came to be.
      try { store({ done, undone }); } catch (e) { if (e.name !== "QuotaExceededError") throw e; store({}); }
    }
    if (failed) tell("");
    failed = false;
  } catch (e) {
    failed = true;
    tell(e.name === "QuotaExceededError"
      ? "The browser's storage is full: a reload would lose the corrections. Save them before you leave."
      : "This browser keeps nothing for this page: a reload would lose the corrections. Save them before you leave.");
  }
}

// What lies in the storage may be anything.
const isSegment = s => typeof s === "object" && s !== null && Number.isFinite(s.start) && Number.isFinite(s.end) && s.start < s.end
  && [s.name, s.was].every(n => n === null || (typeof n === "string" && n !== "")) && (s.p === null || (s.p >= 0 && s.p <= 1))
  && (s.picture === null || Number.isInteger(s.picture));
const isTiling = list => Array.isArray(list) && list.length > 0 && list.every(isSegment)
  && list.every((s, i) => i === 0 || s.start === list[i - 1].end);
const isChange = c => typeof c?.what === "string" && Number.isInteger(c.at) && Array.isArray(c.removed) && c.removed.every(isSegment)
  && Array.isArray(c.added) && c.added.length > 0 && c.added.every(isSegment);

function parse(stored) {
  try {
    const record = JSON.parse(stored);
    const { classes: names } = record, isNamed = Array.isArray(names) && names.every(c => typeof c === "string" && c !== "");
    return isNamed && isTiling(record.segments) && Number.isFinite(record.when) ? record : null;
  } catch {
    return null;
  }
}

function addClasses(names) {
  for (const name of names) if (name !== null && !classes.includes(name)) classes.push(name);
}

// The history is taken if it leads from the file to what was kept.
function restoreHistory(record) {
  const changes = [...record.done ?? [], ...record.undone ?? []];
  if (!Array.isArray(record.done) || !Array.isArray(record.undone) || !changes.every(isChange)) return false;
  let state = original;
  for (const c of record.done) state = [...state.slice(0, c.at), ...c.added, ...state.slice(c.at + c.removed.length)];
  if (JSON.stringify(state) !== JSON.stringify(record.segments)) return false;
  done.push(...record.done.map(c => ({ ...c, border: null })));
  undone.push(...record.undone.map(c => ({ ...c, border: null })));
  return true;
}

function restore(record) {
  addClasses([...record.classes, ...record.segments.map(s => s.name)]);
  if (!restoreHistory(record)) done.push({ at: 0, removed: original, added: record.segments, what: "All corrections", border: null });
  segments = record.segments;
  chosen = segments[0];
  tell(`Corrections of ${new Date(record.when).toLocaleString()} are kept by this browser and shown.`);
}

// Of the pages of the same video the one that was corrected last.
function findOlder() {
  const records = Object.keys(localStorage).filter(key => key.startsWith(PREFIX) && key !== KEY)
    .map(key => ({ key, record: parse(localStorage.getItem(key)) })).filter(({ record }) => record !== null);
  return records.sort((a, b) => b.record.when - a.record.when)[0];
}

function offer({ key, record }) {
  tell(`This file is newer than the corrections of ${new Date(record.when).toLocaleString()} that this browser keeps of the same video.`, [
    ["Take them over", () => takeOver(record)],
    ["Forget them", () => { try { localStorage.removeItem(key); } catch { /* Then nothing is kept. */ } }],
  ]);
}

function takeOver(record) {
  addClasses(record.segments.map(s => s.name));
  const inside = record.segments.filter(s => s.end > begin && s.start < end && s.name !== null)
    .map(s => ({ ...s, start: Math.max(s.start, begin), end: Math.min(s.end, end), picture: null }));
  replaceAll(tile(inside), "Took over the corrections of the older file");
}

// Where a newer time is not said, it is that of the reading.
function recall() {
  try {
    const stored = localStorage.getItem(KEY), record = stored === null ? null : parse(stored);
    if (record !== null && record.segments[0].start === begin && record.segments.at(-1).end === end) return restore(record);
    if (stored !== null) return tell("What this browser kept of this page cannot be understood; the file is shown as it is.");
    const older = findOlder();
    if (older !== undefined && Date.parse(document.lastModified) > older.record.when) offer(older);
  } catch {
    failed = true;
    tell("This browser keeps nothing for this page: a reload would lose corrections. Save them before you leave.");
  }
}

addEventListener("storage", event => {
  if (event.key === KEY) tell("The corrections were changed in another window; reload this page to see them.");
});
addEventListener("beforeunload", event => {
  if (failed && done.length > 0) event.preventDefault();
});
