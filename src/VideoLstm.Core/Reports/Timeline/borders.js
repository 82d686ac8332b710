// The borders of the segments, by pointer and by keys: the two of the chosen segment are sliders, any can be dragged.
const from = find("#from"), to = find("#to"), hint = find(".hint");

// Pixels within which a pointer means a border, by what it is, and within which a border falls on a cut.
const NEAR = { mouse: 5, pen: 8, touch: 16 }, SNAP = 8;
// A pointer that has moved less has only pressed.
const STILL = 3;

// What is dragged: { border, x, moves, base: the segments before, side: which of both sides was chosen, name }; null: nothing.
let held = null, dragged = false;

// The sliders' borders: numbers of the segments that begin there, or 0.
const borderOf = slider => {
  const at = segments.indexOf(chosen);
  return slider === from ? at : at + 1 < segments.length ? at + 1 : 0;
};

function showBorders() {
  for (const slider of [from, to]) {
    const border = borderOf(slider);
    slider.hidden = border === 0;
    if (border === 0) continue;
    const { start } = segments[border], [low, high] = limits(border), isCut = Math.abs((cutNear(start) ?? -1) - start) < FRAME / 2;
    slider.style.transform = `translateX(${start / end * view.whole}px)`;
    slider.setAttribute("aria-label", `${slider === from ? "Start" : "End"} of ${isolated(nameOf(chosen))}`);
    slider.setAttribute("aria-valuemin", low);
    slider.setAttribute("aria-valuemax", high);
    slider.setAttribute("aria-valuenow", start);
    slider.setAttribute("aria-valuetext", `${text(start)}, frame ${frameOf(start)}${isCut ? ", on a cut" : ""}, `
      + `between ${isolated(nameOf(segments[border - 1]))} and ${isolated(nameOf(segments[border]))}`);
  }
}
onChoice.push(showBorders);
onChange.push(showBorders);

function borderNear(event) {
  const x = xOf(event), near = NEAR[event.pointerType] ?? NEAR.mouse;
  const at = before(toSeconds(x)), found = [at, at + 1].filter(i => i > 0 && i < segments.length)
    .map(i => [i, Math.abs(toX(segments[i].start) - x)]).filter(([, distance]) => distance <= near).sort((a, b) => a[1] - b[1]);
  return found[0]?.[0] ?? 0;
}

// The time under a pointer: that of a border nearby, so that a segment of a pixel can be met too.
function pointed(event) {
  const border = borderNear(event);
  if (border > 0) return segments[border].start;
  return clamp(toSeconds(xOf(event)), 0, end);
}

function dragTo(event) {
  const x = xOf(event), seconds = toSeconds(x), cut = cutNear(seconds);
  const isCut = cut !== undefined && !event.altKey && Math.abs(toX(cut) - x) <= SNAP;
  segments = held.base;
  const tiles = moved(held.border, isCut ? cut : toFrame(seconds));
  segments = [...held.base];
  segments.splice(held.border - 1, 2, ...tiles);
  // Not by choose(): what is not certain yet is no choice.
  chosen = tiles[held.side];
  draw();
  showBorders();
  go(tiles[1].start, false);
  showHint(event, tiles[1].start, `${text(tiles[1].start)}${tiles[1].start === cut ? ", cut" : ""}`);
}

function release(keeps) {
  const { border, base, moves, side } = held, seconds = segments[border].start;
  segments = base;
  chosen = base[border - 1 + side];
  held = null;
  dragged = moves;
  if (keeps && moves && seconds !== base[border].start) {
    moveBorder(border, seconds);
  } else {
    draw();
    showBorders();
    if (moves) say("The border stays where it was.");
  }
}

function showHint(event, seconds, words) {
  hint.hidden = false;
  hint.textContent = words;
  const x = xOf(event) + view.left, half = hint.textContent.length * 4 + 8;
  hint.style.transform = `translateX(${clamp(x - half, view.left, view.left + Math.max(0, view.width - 2 * half))}px)`;
}

inner.addEventListener("pointerdown", event => {
  const border = event.button === 0 && !event.ctrlKey ? borderNear(event) : 0;
  dragged = false;
  if (border === 0 || event.isPrimary === false) return;
  // A slider that is dragged is one of the border's own segments.
  if (segments[border] !== chosen && segments[border - 1] !== chosen) choose(segments[border]);
  held = { border, x: event.clientX, moves: false, base: segments, side: segments[border] === chosen ? 1 : 0 };
  inner.setPointerCapture(event.pointerId);
});
inner.addEventListener("pointermove", event => {
  if (held !== null) {
    if (!held.moves && plays) video.pause();
    held.moves ||= Math.abs(event.clientX - held.x) >= STILL;
    if (held.moves) dragTo(event);
    return;
  }
  if (event.pointerType !== "mouse") return;
  const seconds = pointed(event);
  inner.classList.toggle("moves", borderNear(event) > 0);
  if (event.buttons & 1) go(seconds);
  showHint(event, seconds, `${text(seconds)} ${isolated(nameOf(segmentAt(seconds)))}`);
});
inner.addEventListener("pointerup", () => { if (held !== null) release(true); });
inner.addEventListener("pointercancel", () => { if (held !== null) release(false); });
inner.addEventListener("pointerleave", () => { hint.hidden = true; });
inner.addEventListener("click", event => {
  if (!dragged) go(pointed(event));
  dragged = false;
});

function nextCut(seconds, by) {
  const i = last(cuts, seconds - (by < 0 ? FRAME / 2 : -FRAME / 2), c => c);
  return cuts[by < 0 ? i : i + 1];
}

for (const slider of [from, to]) {
  slider.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || held !== null) return;
    const border = borderOf(slider), { start } = segments[border], frames = event.shiftKey ? Math.round(rate) : 1;
    const seconds = {
      ArrowLeft: () => toFrame(start - frames * FRAME), ArrowDown: () => toFrame(start - frames * FRAME),
      ArrowRight: () => toFrame(start + frames * FRAME), ArrowUp: () => toFrame(start + frames * FRAME),
      PageDown: () => nextCut(start, -1) ?? start, PageUp: () => nextCut(start, 1) ?? start,
      Home: () => limits(border)[0], End: () => limits(border)[1],
    }[event.key]?.();
    if (seconds === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    moveBorder(border, seconds, true);
    go(segments[border].start, false);
  });
}
addEventListener("keydown", event => {
  if (event.key === "Escape" && held !== null) release(false);
});
