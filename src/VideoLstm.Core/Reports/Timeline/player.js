// The play position, and the video that it moves.
const video = find("video"), still = find(".still"), now = find("#now"), play = find("#play");

// Above frames' time stamps, which are rounded: a player sent to exactly one may show the frame before.
const AFTER = 0.001;

let time = begin, plays = video !== null;
const onTime = [];

// Stands at a time. The chosen segment is the one there, but while a border is moved.
function stand(seconds, chooses = true) {
  time = clamp(seconds, 0, end);
  for (const watch of onTime) watch();
  if (chooses) choose(segmentAt(time + AFTER / 2));
}

let wanted = null;
function seek() {
  if (wanted === null || video.seeking) return;
  video.currentTime = wanted + AFTER;
  wanted = null;
}

function go(seconds, chooses = true) {
  stand(seconds, chooses);
  reveal();
  if (!plays) return;
  // What comes while the video still looks for a frame waits: only the last counts.
  wanted = time;
  seek();
}

const step = frames => go(toFrame(time + frames * FRAME));

function walk(by) {
  // Back from well inside a segment is to its own start.
  const inside = before(time + AFTER / 2), back = time - segments[inside].start > 1 ? 0 : -1;
  go(segments[clamp(inside + (by > 0 ? 1 : back), 0, segments.length - 1)].start);
}

function toggle() {
  if (!plays) return say("There is no video to play.");
  if (video.paused) video.play().catch(() => {}); else video.pause();
}

function follow() {
  if (held !== null) return;
  const seen = isSeen();
  stand(video.currentTime);
  // Where somebody has scrolled away, the timeline stays.
  if (seen) reveal();
  if (!video.paused) requestAnimationFrame(follow);
}

// The pictures are in the table for those who have no script, which is text to those who have.
const PICTURE = /<img data-row="(\d+)"[^>]*src="(data:image\/jpeg;base64,[^"]+)"/g;
const pictures = new Map([...find(".read noscript").textContent.matchAll(PICTURE)].map(([, row, source]) => [Number(row), source]));
function showStill() {
  const image = still.querySelector("img"), picture = pictures.get(chosen.picture);
  image.hidden = picture === undefined;
  if (picture !== undefined) image.src = picture;
}
onChoice.push(showStill);

// Once it is known that there is no picture to be had: the timeline then shows where the segments start.
function doWithout(why) {
  plays = false;
  if (video !== null) {
    video.hidden = true;
    video.pause();
    still.querySelector("p").textContent = why;
  }
  still.hidden = false;
  for (const part of [play, find("#frame-back"), find("#frame-on"), find(".plays")]) part.hidden = true;
  showStill();
}

if (video !== null) {
  const name = isolated(video.getAttribute("aria-label"));
  const fail = () => doWithout(`This browser cannot play ${name}: it does not know the format, or the file is no longer there. `
    + "All else works without: the timeline shows where the segments start.");
  const judge = () => { if (video.videoWidth === 0) fail(); };
  video.addEventListener("error", fail);
  video.addEventListener("loadedmetadata", judge);
  video.addEventListener("play", () => { play.textContent = "Pause"; follow(); });
  video.addEventListener("pause", () => { play.textContent = "Play"; });
  video.addEventListener("seeked", () => {
    if (wanted !== null) seek();
    else if (video.paused && held === null && Math.abs(video.currentTime - time) > 2 * AFTER) follow();
  });
  if (video.error !== null) fail();
  else if (video.readyState > 0) judge();
} else {
  doWithout();
}
