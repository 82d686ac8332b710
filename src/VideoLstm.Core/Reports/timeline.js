// Ties video, timeline and table together. What it knows, it reads from the page: segments from the rows of the table,
// probabilities from the drawn lines. Without this script the page can still be read, and the video be played.
"use strict";
const find = selector => document.querySelector(selector);
const video = find("video"), still = find(".still"), tracks = find(".tracks"), inner = find(".inner"), strip = find("#strip");
const axis = find(".axis"), cursor = find(".cursor"), hint = find(".hint"), now = find("#now"), play = find("#play");
const duration = Number(inner.dataset.duration);
const segments = [...document.querySelectorAll(".segments tbody tr")].map((row, i) => ({
  row,
  block: strip.children[i],
  start: Number(row.dataset.start),
  end: Number(row.dataset.end),
  name: row.querySelector("bdi").textContent,
  picture: row.querySelector("img"),
}));
const lanes = [...document.querySelectorAll(".lane")].map(lane => {
  const line = lane.querySelector("polyline");
  return { value: lane.querySelector("span"), about: "thinned" in line.dataset ? "about " : "", points: [...line.points].slice(1, -1).map(p => [p.x, p.y]) };
});
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// Above frames' time stamps, which are rounded: a player sent to exactly one may show the frame before.
const AFTER = 0.001;
// Pixels around the start of a segment within which a click means that start.
const NEAR = 5;
// Browsers draw wider things less and less well.
const WIDEST = 200_000;

let time = 0, zoom = 1, chosen, plays = video !== null;

function text(seconds, digits = 2) {
  const hours = duration >= 3600, unit = 10 ** digits, all = Math.round(Math.max(0, seconds) * unit), whole = Math.floor(all / unit);
  const two = number => String(number).padStart(2, "0");
  const minutes = hours ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}` : Math.floor(whole / 60);
  return `${minutes}:${two(whole % 60)}${digits ? "." + String(all % unit).padStart(digits, "0") : ""}`;
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
const before = seconds => last(segments, seconds + AFTER / 2, s => s.start);
function segmentAt(seconds) {
  const segment = segments[before(seconds)];
  return segment && seconds < segment.end ? segment : undefined;
}

function show() {
  const segment = segmentAt(time) ?? (time >= duration - AFTER ? segments.at(-1) : undefined);
  cursor.style.left = `${100 * time / duration}%`;
  if (segment !== chosen) {
    chosen?.block.classList.remove("chosen");
    chosen?.row.classList.remove("chosen");
    chosen?.row.removeAttribute("aria-current");
    chosen = segment;
    chosen?.block.classList.add("chosen");
    chosen?.row.classList.add("chosen");
    chosen?.row.setAttribute("aria-current", "true");
    showStill();
  }
  const what = segment ? `${segment.name}, ${text(segment.start)} to ${text(segment.end)}, segment ${segments.indexOf(segment) + 1} of ${segments.length}` : "no segment";
  now.textContent = "";
  const strong = document.createElement("b"), isolated = document.createElement("bdi");
  strong.textContent = text(time);
  isolated.textContent = segment ? segment.name : "no segment";
  now.append(strong, " ", isolated);
  strip.setAttribute("aria-valuenow", time.toFixed(2));
  strip.setAttribute("aria-valuetext", `${text(time)}: ${what}`);
  for (const { value, about, points } of lanes) {
    const i = last(points, time, p => p[0]);
    const [[x0, y0], [x1, y1]] = [points[Math.max(0, i)], points[Math.min(points.length - 1, i + 1)]];
    const y = x1 > x0 ? y0 + (y1 - y0) * clamp((time - x0) / (x1 - x0), 0, 1) : y0;
    value.textContent = `${about}${Math.round(100 - y)}%`;
  }
}

function showStill() {
  const image = still.querySelector("img"), picture = chosen?.picture;
  image.hidden = !picture;
  if (picture) image.src = picture.src;
}

function reveal() {
  const x = time / duration * inner.clientWidth - tracks.scrollLeft;
  if (x < 0 || x > tracks.clientWidth) tracks.scrollLeft += x - tracks.clientWidth / 4;
}

function go(seconds) {
  time = clamp(seconds, 0, duration);
  if (plays) video.currentTime = time + AFTER;
  show();
  reveal();
}

function step(by) {
  if (segments.length === 0) return;
  // Back from well inside a segment is to its own start.
  const inside = before(time), back = inside >= 0 && time - segments[inside].start > 1 ? 0 : -1;
  go(segments[clamp(inside + (by > 0 ? 1 : back), 0, segments.length - 1)].start);
}

function toggle() {
  if (!plays) return;
  if (video.paused) video.play().catch(() => {}); else video.pause();
}

function setZoom(value, x) {
  const width = tracks.clientWidth, middle = time / duration * width * zoom - tracks.scrollLeft;
  x ??= middle >= 0 && middle <= width ? middle : width / 2;
  const at = (tracks.scrollLeft + x) / (width * zoom);
  zoom = clamp(value, 1, Math.max(1, Math.min(WIDEST / width, duration)));
  inner.style.width = `${100 * zoom}%`;
  tracks.scrollLeft = at * width * zoom - x;
  drawAxis();
}

function drawAxis() {
  const width = inner.clientWidth, second = width / duration, room = duration >= 3600 ? 90 : 70;
  const unit = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000].find(s => s * second >= room) ?? 86400;
  const from = tracks.scrollLeft / second, to = Math.min(duration, (tracks.scrollLeft + tracks.clientWidth) / second);
  axis.textContent = "";
  for (let i = Math.floor(from / unit); i * unit <= to; i++) {
    if (i * unit * second > width - room / 2) break;
    const tick = document.createElement("span");
    tick.style.left = `${100 * i * unit / duration}%`;
    tick.textContent = text(i * unit, unit < 1 ? 1 : 0);
    axis.append(tick);
  }
}

// The time under a pointer: that of a start nearby, so that a segment of a pixel can be met too.
function pointed(event) {
  const box = inner.getBoundingClientRect(), second = box.width / duration;
  const seconds = clamp((event.clientX - box.left) / second, 0, duration), i = before(seconds);
  const near = [segments[i], segments[i + 1]].filter(s => s && Math.abs(s.start - seconds) * second <= NEAR);
  near.sort((a, b) => Math.abs(a.start - seconds) - Math.abs(b.start - seconds));
  return near.length > 0 ? near[0].start : seconds;
}

inner.addEventListener("click", event => go(pointed(event)));
inner.addEventListener("pointermove", event => {
  if (event.pointerType !== "mouse") return;
  const seconds = pointed(event);
  if (event.buttons & 1) go(seconds);
  hint.hidden = false;
  hint.textContent = `${text(seconds)} \u2068${segmentAt(seconds)?.name ?? "no segment"}\u2069`;
  const x = event.clientX - inner.getBoundingClientRect().left;
  hint.style.left = `${clamp(x - hint.offsetWidth / 2, tracks.scrollLeft, tracks.scrollLeft + tracks.clientWidth - hint.offsetWidth)}px`;
});
inner.addEventListener("pointerleave", () => { hint.hidden = true; });
tracks.addEventListener("scroll", drawAxis);
tracks.addEventListener("wheel", event => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * Math.exp(-event.deltaY / 200), event.clientX - tracks.getBoundingClientRect().left);
}, { passive: false });
addEventListener("resize", () => setZoom(zoom));

strip.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const act = {
    ArrowLeft: () => event.shiftKey ? go(time - 1) : step(-1),
    ArrowRight: () => event.shiftKey ? go(time + 1) : step(1),
    ArrowDown: () => step(-1),
    ArrowUp: () => step(1),
    PageDown: () => go(time - 10),
    PageUp: () => go(time + 10),
    Home: () => go(0),
    End: () => go(segments.length > 0 ? segments.at(-1).start : duration),
    Enter: toggle,
    " ": toggle,
    "+": () => setZoom(zoom * 2),
    "=": () => setZoom(zoom * 2),
    "-": () => setZoom(zoom / 2),
    "0": () => setZoom(1),
  }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

const buttons = { previous: () => step(-1), next: () => step(1), play: toggle, in: () => setZoom(zoom * 2), out: () => setZoom(zoom / 2), whole: () => setZoom(1) };
for (const [id, act] of Object.entries(buttons)) find(`#${id}`).addEventListener("click", act);
for (const { row, start } of segments) {
  row.querySelector("button").disabled = false;
  row.addEventListener("click", () => go(start));
}

// Once it is known that there is no picture to be had: the timeline then shows where the segments start.
function doWithout(why) {
  plays = false;
  if (video !== null) {
    video.hidden = true;
    video.pause();
    still.querySelector("p").textContent = why;
  }
  still.hidden = false;
  play.hidden = true;
  find(".plays").hidden = true;
  showStill();
}

function follow() {
  const seen = time / duration * inner.clientWidth - tracks.scrollLeft;
  time = clamp(video.currentTime, 0, duration);
  show();
  // Where somebody has scrolled away, the timeline stays.
  if (seen >= 0 && seen <= tracks.clientWidth) reveal();
  if (!video.paused) requestAnimationFrame(follow);
}

if (video !== null) {
  const name = video.getAttribute("aria-label");
  const fail = () => doWithout(`This browser cannot play \u2068${name}\u2069: it does not know the format, or the file is no longer there. The timeline shows where the segments start.`);
  const judge = () => { if (video.videoWidth === 0) fail(); };
  video.addEventListener("error", fail);
  video.addEventListener("loadedmetadata", judge);
  video.addEventListener("play", () => { play.textContent = "Pause"; follow(); });
  video.addEventListener("pause", () => { play.textContent = "Play"; });
  video.addEventListener("seeked", () => { if (video.paused && Math.abs(video.currentTime - time) > 2 * AFTER) follow(); });
  if (video.error !== null) fail();
  else if (video.readyState > 0) judge();
} else {
  doWithout();
}

strip.role = "slider";
strip.tabIndex = 0;
strip.setAttribute("aria-label", "Timeline");
strip.setAttribute("aria-valuemin", 0);
strip.setAttribute("aria-valuemax", duration);
document.body.classList.add("ready");
for (const part of document.querySelectorAll(".tools, .keys, .cursor")) part.hidden = false;
drawAxis();
show();
