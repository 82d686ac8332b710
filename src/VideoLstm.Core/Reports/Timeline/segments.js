// The segments, and every way to change them. They lie one behind the other from begin to end; what no class is named for is a segment
// without a name. A segment never changes, others take its place; so what is to be undone is known by what took the place of what.
// { start, end, name, p, was, picture }: seconds; the class or null; the classifier's probability of the class `was`, both may be null;
// the number of a picture or null.
const NONE = "no class";
const nameOf = segment => segment.name ?? NONE;
const classes = [...given.classes];
const nothing = (start, end) => ({ start, end, name: null, p: null, was: null, picture: null });
const keyOf = segment => `${segment.start} ${segment.end} ${segment.name}`;

const original = tile(given.segments.map(([start, end, name, p], picture) =>
  ({ start, end, name: classes[name], p, was: classes[name], picture })));
const originals = new Set(original.map(keyOf));
const isChanged = segment => !originals.has(keyOf(segment));

let segments = original, chosen = original[0];
const done = [], undone = [], onChange = [], onChoice = [];

// What is less than half a frame apart touches.
function tile(list) {
  const tiles = [];
  let at = begin;
  for (const segment of list) {
    if (segment.start - at > FRAME / 2) tiles.push(nothing(at, segment.start));
    else if (tiles.length > 0) tiles.at(-1).end = segment.start;
    tiles.push({ ...segment, start: tiles.length > 0 ? segment.start : at });
    at = segment.end;
  }
  if (end - at > FRAME / 2 || tiles.length === 0) tiles.push(nothing(at, end));
  else tiles.at(-1).end = end;
  return tiles;
}

const before = seconds => Math.max(0, last(segments, seconds, s => s.start));
const segmentAt = seconds => segments[before(seconds)];

function choose(segment) {
  if (segment === chosen) return;
  const previous = chosen;
  chosen = segment;
  for (const watch of onChoice) watch(previous);
}

function replace(at, count, added, pick) {
  const removed = segments.slice(at, at + count), previous = chosen;
  segments = [...segments.slice(0, at), ...added, ...segments.slice(at + count)];
  chosen = pick;
  for (const watch of onChange) watch(removed, added);
  for (const watch of onChoice) watch(previous);
}

// Makes a change that can be undone. Moves of one border that follow each other are one.
function edit({ at, count, added, what, pick = added[0], border = null }) {
  const latest = done.at(-1);
  if (border !== null && undone.length === 0 && latest?.border === border) Object.assign(latest, { added, what });
  else done.push({ at, removed: segments.slice(at, at + count), added, what, border });
  undone.length = 0;
  replace(at, count, added, pick);
  say(`${what}.`);
}

function undo() {
  const change = done.pop();
  if (change === undefined) return say("There is nothing to undo.");
  undone.push({ ...change, border: null });
  replace(change.at, change.added.length, change.removed, change.removed.findLast(s => s.start <= chosen.start) ?? change.removed[0]);
  say(`Undone: ${change.what}.`);
}

function redo() {
  const change = undone.pop();
  if (change === undefined) return say("There is nothing to redo.");
  done.push(change);
  replace(change.at, change.removed.length, change.added, change.added.findLast(s => s.start <= chosen.start) ?? change.added[0]);
  say(`Done again: ${change.what}.`);
}

// A border is known by the number of the segment that begins there. It leaves a frame on both sides.
function limits(border) {
  const { start } = segments[border];
  return [Math.min(start, micro(segments[border - 1].start + FRAME)), Math.max(start, micro(segments[border].end - FRAME))];
}

function moved(border, seconds) {
  const at = clamp(micro(seconds), ...limits(border));
  return [{ ...segments[border - 1], end: at }, { ...segments[border], start: at }];
}

function moveBorder(border, seconds, merges = false) {
  const added = moved(border, seconds), at = added[1].start;
  if (at === segments[border].start) return say(`The border at ${text(at)} cannot go further.`);
  const what = `Moved the border between ${isolated(nameOf(added[0]))} and ${isolated(nameOf(added[1]))} to ${text(at)}`;
  edit({ at: border - 1, count: 2, added, what, pick: added[segments[border] === chosen ? 1 : 0], border: merges ? border : null });
}

function split(seconds) {
  const at = before(seconds), segment = segments[at], middle = toFrame(seconds);
  if (middle - segment.start < FRAME / 2 || segment.end - middle < FRAME / 2)
    return say(`There is a border at ${text(middle)} already.`);
  const added = [{ ...segment, end: middle }, { ...segment, start: middle, picture: null }];
  edit({ at, count: 1, added, what: `Split ${isolated(nameOf(segment))} at ${text(middle)}`, pick: added[1] });
}

// The class is that of the chosen one, if it has one.
function join(by) {
  const at = segments.indexOf(chosen), other = segments[at + by];
  if (other === undefined) return say(`There is nothing ${by < 0 ? "before" : "after"} the chosen segment.`);
  const first = by < 0 ? other : chosen, second = by < 0 ? chosen : other, kept = chosen.name === null ? other : chosen;
  const added = [{ ...kept, start: first.start, end: second.end, picture: first.picture }];
  edit({ at: Math.min(at, at + by), count: 2, added, what: `Joined ${isolated(nameOf(first))} and ${isolated(nameOf(second))}` });
}

// What is of no class is one stretch, whatever it was.
function rename(name) {
  if (name === chosen.name) return say(`It is ${isolated(nameOf(chosen))} already.`);
  let at = segments.indexOf(chosen), count = 1;
  const segment = { ...chosen, name }, what = name === null
    ? `Deleted ${isolated(nameOf(chosen))}, ${text(chosen.start)} to ${text(chosen.end)}`
    : `Changed ${isolated(nameOf(chosen))} to ${isolated(name)}, ${text(chosen.start)} to ${text(chosen.end)}`;
  if (name === null && segments[at - 1]?.name === null) [at, count] = [at - 1, count + 1];
  if (name === null && segments[at + count]?.name === null) count++;
  const joined = count > 1 ? nothing(segments[at].start, segments[at + count - 1].end) : segment;
  edit({ at, count, added: [joined], what });
}

// Other segments in place of all that there are.
function replaceAll(list, what) {
  edit({ at: 0, count: segments.length, added: list, what, pick: list[Math.max(0, last(list, chosen.start, s => s.start))] });
}

function revert() {
  if (segments.every(s => !isChanged(s))) return say("Nothing is changed.");
  replaceAll(original, "Went back to what the file says");
}
