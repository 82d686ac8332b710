// Buttons and keys for all that can be done, saving, and the start of the page.
const picker = find("#class"), newClass = find("#new"), format = find("#format"), skipped = find("#skipped"), save = find("#save");

function showPicker() {
  if (picker.options.length !== classes.length + 1) {
    picker.replaceChildren(element("option", NONE, { value: -1 }), ...classes.map((name, i) =>
      element("option", i < 9 ? `${i + 1}: ${isolated(name)}` : isolated(name), { value: i })));
  }
  picker.value = classes.indexOf(chosen.name);
}
function showUndo() {
  // Not `disabled`, which would take the focus away.
  find("#undo").ariaDisabled = done.length === 0;
  find("#redo").ariaDisabled = undone.length === 0;
}
onChoice.push(showPicker);
onChange.push(showPicker, showUndo, () => showSkipped(), keep);

function addClass() {
  const name = newClass.value.trim();
  if (name === "") {
    newClass.focus();
    return say("Type the name of the class first.");
  }
  newClass.value = "";
  addClasses([name]);
  rename(name);
  keep();
}

// A border of the chosen segment to the play position.
function bring(slider) {
  const border = borderOf(slider);
  if (border === 0) return say("There is no border to move.");
  moveBorder(border, toFrame(time));
}

const acts = {
  previous: () => walk(-1), next: () => walk(1), play: toggle, "frame-back": () => step(-1), "frame-on": () => step(1),
  in: () => zoomTo(zoom * 2), out: () => zoomTo(zoom / 2), whole: () => zoomTo(1),
  undo, redo, split: () => split(time), "join-previous": () => join(-1), "join-next": () => join(1), remove: () => rename(null),
  "start-here": () => bring(from), "end-here": () => bring(to), add: addClass, "more-doubt": () => doubt(-1), "less-doubt": () => doubt(1),
  revert, save: download,
};
for (const [id, act] of Object.entries(acts)) find(`#${id}`).addEventListener("click", act);

function zoomTo(value) {
  setZoom(value);
  showTime();
  showBorders();
}

picker.addEventListener("change", () => rename(classes[picker.value] ?? null));
newClass.addEventListener("keydown", event => { if (event.key === "Enter") addClass(); });

// Keys of one letter hold in timeline, borders and list only: elsewhere they are letters.
const keys = {
  s: acts.split, j: acts["join-next"], J: acts["join-previous"], Delete: acts.remove, Backspace: acts.remove, c: () => picker.focus(),
  a: () => newClass.focus(), "[": acts["start-here"], "]": acts["end-here"], n: acts["less-doubt"], p: acts["more-doubt"],
  ",": acts["frame-back"], ".": acts["frame-on"], " ": toggle, Enter: toggle, "+": acts.in, "=": acts.in, "-": acts.out, 0: acts.whole,
};
for (let i = 1; i <= 9; i++) keys[i] = () => classes.length < i ? say(`There is no class ${i}.`) : rename(classes[i - 1]);
function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || held !== null) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}
for (const part of [strip, from, to, list]) part.addEventListener("keydown", press);

strip.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || held !== null) return;
  const act = {
    ArrowLeft: () => event.shiftKey ? go(time - 1) : walk(-1), ArrowRight: () => event.shiftKey ? go(time + 1) : walk(1),
    ArrowDown: () => walk(-1), ArrowUp: () => walk(1), PageDown: () => go(time - 10), PageUp: () => go(time + 10),
    Home: () => go(begin), End: () => go(segments.at(-1).start),
  }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
addEventListener("keydown", event => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || held !== null || event.target === newClass) return;
  const act = { z: event.shiftKey ? redo : undo, Z: redo, y: redo, s: download }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

const formatOf = () => formats[format.value];
const fileName = () => `${given.video.replace(/\.[^.]*$/, "") || "timeline"}${formatOf().extension}`;
function showSkipped() {
  const names = new Set(segments.map(s => s.name).filter(n => n !== null)), checked = skippedClasses();
  skipped.hidden = !formatOf().skips;
  skipped.querySelector("div").replaceChildren(...classes.filter(c => names.has(c)).map(name =>
    element("label", [element("input", [], { type: "checkbox", value: name, checked: checked.has(name) }), " ", element("bdi", name)])));
  save.replaceChildren("Save ", element("bdi", fileName()));
}
const skippedClasses = () => new Set([...skipped.querySelectorAll("input:checked")].map(box => box.value));
format.addEventListener("change", showSkipped);

// What there is, as the formats write it.
function timeline() {
  const starts = [begin, ...cuts];
  return {
    video: given.video, fps: given.fps, frames: given.frames,
    segments: segments.filter(s => s.name !== null)
      .map(s => ({ start: s.start, end: s.end, class: s.name, probability: probabilityOf(s) })),
    shots: cuts.length > 0 ? starts.map((start, i) => ({ start, end: starts[i + 1] ?? end })) : [],
  };
}

function download() {
  const chosenFormat = formatOf(), left = skippedClasses();
  if (chosenFormat.skips && left.size === 0) return say(`A file ${chosenFormat.extension} says only what to skip: tick its classes.`);
  if (chosenFormat.counts && given.fps === null) return say("Such a file counts frames, but the rate of the video is not known.");
  const address = URL.createObjectURL(new Blob([compose(chosenFormat, timeline(), left)], { type: "text/plain" }));
  element("a", [], { href: address, download: fileName() }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  say(`Saved ${isolated(fileName())}.`);
}

format.replaceChildren(...formats.map(({ extension, use }, i) => element("option", `${extension}: ${use}`, { value: i })));
recall();
strip.role = "slider";
strip.tabIndex = 0;
for (const [name, value] of [["label", "Timeline"], ["valuemin", 0], ["valuemax", end]]) strip.setAttribute(`aria-${name}`, value);
document.body.classList.add("ready");
for (const part of document.querySelectorAll(".script")) part.hidden = false;
order.disabled = original.every(s => s.p === null);
measure();
drawAxis();
readColours();
makeList();
showClasses();
showPicker();
showUndo();
showSkipped();
showTime();
showBorders();
showChosen(null);
showStill();
