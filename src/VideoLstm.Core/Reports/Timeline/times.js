// What the page was given, and what all parts of its script use. The parts are one script, in the order of TimelinePage.Scripts.
// Without it the page can still be read, and the video be played.
"use strict";
const find = selector => document.querySelector(selector);
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
// Seconds: where the first frame begins, where the last one ends, and the first frames of shots.
const given = JSON.parse(find("#given").textContent), { begin, end, cuts } = given;
// Where nobody has said how many frames a second has, steps are as long as those of most videos.
const rate = given.fps ?? 25, FRAME = 1 / rate;

const frameOf = seconds => Math.round((seconds - begin) * rate);
const micro = seconds => Math.round(seconds * 1e6) / 1e6;
const toFrame = seconds => clamp(micro(begin + frameOf(seconds) * FRAME), begin, end);

function text(seconds, digits = 2) {
  const unit = 10 ** digits, all = Math.round(Math.max(0, seconds) * unit), whole = Math.floor(all / unit);
  const two = number => String(number).padStart(2, "0");
  const minutes = end >= 3600 ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}` : Math.floor(whole / 60);
  return `${minutes}:${two(whole % 60)}${digits ? "." + String(all % unit).padStart(digits, "0") : ""}`;
}

// Letters of the longest name that is told in full.
const LETTERS = 80;
// A name within a sentence, whatever way it is read.
function isolated(name) {
  const letters = [...name.slice(0, 2 * LETTERS + 2)];
  return `\u2068${letters.length > LETTERS ? letters.slice(0, LETTERS).join("") + "…" : name}\u2069`;
}

// The last of a sorted list that is not after a time; -1 if all are.
function last(list, seconds, at) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(list[middle]) <= seconds) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// The cut that is nearest to a time; undefined if there is none.
function cutNear(seconds) {
  const i = last(cuts, seconds, c => c), [before, after] = [cuts[i], cuts[i + 1]];
  return after === undefined || seconds - before < after - seconds ? before : after;
}

function element(name, content, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

const said = find("#said");
function say(sentence) {
  said.textContent = sentence;
}
