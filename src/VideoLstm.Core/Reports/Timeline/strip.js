// The timeline: axis, coloured segments, cuts, probabilities, and how far it is zoomed in. What changes while something is dragged is
// drawn on a canvas as wide as what is seen of it, so that a frame costs what is seen, and not what there is.
const tracks = find(".tracks"), inner = find(".inner"), strip = find("#strip"), axis = find(".axis"), cursor = find(".cursor");
const canvas = element("canvas", []), brush = canvas.getContext("2d");
strip.replaceChildren(canvas);

// Browsers draw wider things less and less well.
const WIDEST = 200_000;
// Pixels: of what gets a name, of what lies above its neighbours, between cuts that are drawn.
const NAMED = 26, NARROW = 2, CUTS_APART = 4;
const COLOURS = 7, PATTERNS = 4;

let zoom = 1, waiting = null;
// Pixels, as last read: reading them anew within a frame would lay the page out.
const view = { width: 0, whole: 0, left: 0, height: 0 };
const toX = seconds => seconds / end * view.whole - view.left;
const toSeconds = x => (x + view.left) / view.whole * end;
const xOf = event => event.clientX - tracks.getBoundingClientRect().left - tracks.clientLeft;

function measure() {
  Object.assign(view, { width: tracks.clientWidth, whole: inner.clientWidth, left: tracks.scrollLeft, height: strip.clientHeight });
  draw();
}

const isSeen = () => toX(time) >= 0 && toX(time) <= view.width;
function reveal() {
  if (isSeen()) return;
  tracks.scrollLeft = time / end * view.whole - view.width / 4;
  measure();
}

function setZoom(value, x) {
  x ??= isSeen() ? toX(time) : view.width / 2;
  const at = toSeconds(x);
  zoom = clamp(value, 1, Math.max(1, Math.min(WIDEST / Math.max(1, tracks.clientWidth), end)));
  inner.style.width = `${100 * zoom}%`;
  tracks.scrollLeft = at / end * inner.clientWidth - x;
  measure();
  drawAxis();
}

function drawAxis() {
  const second = view.whole / end, room = end >= 3600 ? 90 : 70;
  const unit = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000]
    .find(s => s * second >= room) ?? 86400;
  const to = Math.min(end, toSeconds(view.width)), ticks = [];
  for (let i = Math.max(0, Math.floor(toSeconds(0) / unit)); i * unit <= to && i * unit * second <= view.whole - room / 2; i++) {
    const tick = element("span", text(i * unit, unit < 1 ? 1 : 0));
    tick.style.left = `${100 * i * unit / end}%`;
    ticks.push(tick);
  }
  axis.replaceChildren(...ticks);
}

// Colour and pattern of a class, as the style sheet has them.
function lookOf(name) {
  const number = classes.indexOf(name);
  return name === null ? "none" : name === "unknown" ? "unknown" : `c${number % COLOURS} p${Math.floor(number / COLOURS) % PATTERNS}`;
}

const paints = new Map();
function paintOf(name) {
  if (!paints.has(name)) {
    const probe = element("i", [], { className: lookOf(name) });
    strip.append(probe);
    const style = getComputedStyle(probe), fill = style.getPropertyValue("--fill").trim(), on = style.getPropertyValue("--on").trim();
    probe.remove();
    paints.set(name, { fill, on, pattern: patternOf(lookOf(name).split(" ").at(-1)) });
  }
  return paints.get(name);
}

// Lines from corner to corner of a tile, or down its middle.
function patternOf(look) {
  const lines = { p1: ["#0007", 0, 8, 8, 0], p2: ["#fffb", 0, 0, 8, 8], p3: ["#0007", 4, 0, 4, 8], unknown: ["#0004", 0, 0, 8, 8] }[look];
  if (lines === undefined) return null;
  const tile = element("canvas", [], { width: 8, height: 8 }), pen = tile.getContext("2d");
  pen.strokeStyle = lines[0];
  pen.lineWidth = 2;
  pen.moveTo(lines[1], lines[2]);
  pen.lineTo(lines[3], lines[4]);
  pen.stroke();
  return brush.createPattern(tile, "repeat");
}

function draw() {
  waiting ??= requestAnimationFrame(() => { waiting = null; drawStrip(); });
}

function drawStrip() {
  const ratio = devicePixelRatio || 1, { width, height } = view;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  brush.clearRect(0, 0, width, height);
  brush.font = colours.font;
  brush.textBaseline = "middle";
  const to = toSeconds(width), narrow = [];
  for (let i = before(toSeconds(0)); i < segments.length && segments[i].start < to; i++) {
    const left = toX(segments[i].start), right = toX(segments[i].end);
    // Of what falls on one pixel, one is enough.
    if (right - left >= NARROW) drawSegment(segments[i], left, right);
    else if (narrow.length === 0 || left - narrow.at(-1)[1] >= 0.5) narrow.push([segments[i], left]);
  }
  for (const [segment, left] of narrow) drawSegment(segment, left, left + NARROW);
  drawCuts(to);
}

function drawSegment(segment, left, right) {
  const from = Math.max(left, -4), width = Math.min(right, view.width + 4) - from;
  const paint = segment.name === null ? null : paintOf(segment.name);
  if (paint !== null) {
    for (const fill of [paint.fill, paint.pattern]) {
      if (fill === null) continue;
      brush.fillStyle = fill;
      brush.fillRect(from, 0, width, view.height);
    }
  }
  if (right - left > 4) {
    brush.fillStyle = colours.card;
    brush.fillRect(left, 0, 1, view.height);
  }
  brush.fillStyle = paint?.on ?? colours.ink;
  if (segment === chosen) brush.fillRect(from, view.height - 5, width, 5);
  if (isChanged(segment)) {
    brush.beginPath();
    brush.moveTo(Math.max(left, 0), 0);
    brush.lineTo(Math.max(left, 0) + Math.min(12, right - left), 0);
    brush.lineTo(Math.max(left, 0), 12);
    brush.fill();
  }
  if (width > NAMED && paint !== null) drawName(segment.name, paint, Math.max(left, 0) + 12, Math.min(right, view.width) - 4);
}

function drawName(name, paint, left, right) {
  const letters = isolated(name).replace(/\s/g, " ");
  brush.save();
  brush.beginPath();
  brush.rect(left - 4, 0, right - left + 4, view.height);
  brush.clip();
  if (paint.pattern !== null) {
    brush.fillStyle = paint.fill;
    brush.fillRect(left - 4, view.height / 2 - 13, brush.measureText(letters).width + 8, 26);
    brush.fillStyle = paint.on;
  }
  brush.fillText(letters, left, view.height / 2);
  brush.restore();
}

function drawCuts(to) {
  const from = last(cuts, toSeconds(0), c => c) + 1, until = last(cuts, to, c => c) + 1;
  if ((until - from) * CUTS_APART > view.width) return;
  brush.fillStyle = colours.ink;
  for (let i = from; i < until; i++) brush.fillRect(toX(cuts[i]) - 0.5, 0, 1, 6);
}

const colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "card"]) colours[name] = style.getPropertyValue(`--${name}`).trim();
  colours.font = `14px ${getComputedStyle(document.body).fontFamily}`;
  paints.clear();
  draw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);

// What the probabilities are at the play position.
const lanes = [...document.querySelectorAll(".lane")].map(lane => {
  const line = lane.querySelector("polyline");
  const points = line.getAttribute("points").split(" ").slice(1, -1).map(point => point.split(",").map(Number));
  return { value: lane.querySelector("span"), about: "thinned" in line.dataset ? "about " : "", points };
});
function showProbabilities() {
  for (const { value, about, points } of lanes) {
    const i = last(points, time, p => p[0]);
    const [[x0, y0], [x1, y1]] = [points[Math.max(0, i)], points[Math.min(points.length - 1, i + 1)]];
    const y = x1 > x0 ? y0 + (y1 - y0) * clamp((time - x0) / (x1 - x0), 0, 1) : y0;
    value.textContent = `${about}${Math.round(100 - y)}%`;
  }
}

const clockText = element("b", ""), classText = element("bdi", "");
now.replaceChildren(clockText, " ", classText);
function describe() {
  const at = segments.indexOf(chosen);
  const what = `${isolated(nameOf(chosen))}, ${text(chosen.start)} to ${text(chosen.end)}, segment ${at + 1} of ${segments.length}`;
  clockText.textContent = text(time);
  classText.textContent = isolated(nameOf(chosen));
  strip.setAttribute("aria-valuenow", time.toFixed(2));
  strip.setAttribute("aria-valuetext", `${text(time)}: ${what}`);
}

function showTime() {
  cursor.style.transform = `translateX(${time / end * view.whole}px)`;
  showProbabilities();
  describe();
}
onTime.push(showTime);
onChoice.push(describe, draw);
onChange.push(draw);

tracks.addEventListener("scroll", () => { measure(); drawAxis(); });
tracks.addEventListener("wheel", event => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * Math.exp(-event.deltaY / 200), xOf(event));
  showTime();
}, { passive: false });
addEventListener("resize", () => { setZoom(zoom); showTime(); });
