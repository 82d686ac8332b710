// The timeline as files that `TimelineFile` reads: one entry a format. `write` gets { video, fps, frames, segments, shots }: segments
// { start, end, class, probability } in order of time, none of them shorter than a step of the format's clock. What a format has no
// place for is written as the format of the same name in Timelines does.
const JOINER = "\u2060";
const seconds6 = seconds => String(micro(seconds));
const lines = list => list.map(line => line + "\n").join("");

function clock(seconds, rate, point, hourDigits) {
  const steps = Math.round(seconds * rate), whole = Math.floor(steps / rate), two = n => String(n % 60).padStart(2, "0");
  const hours = String(Math.floor(whole / 3600)).padStart(hourDigits, "0");
  return `${hours}:${two(Math.floor(whole / 60))}:${two(whole)}${point}${String(steps % rate).padStart(String(rate).length - 1, "0")}`;
}

// Class and probability as one text, as `LabelText` has it: joiners take what is beside them its special meaning.
const LIKELY_TIME = /^\s*[0-9OoIl]{1,9}\s?[:;]\s?[0-9OoIl]{1,4}[\p{L}\p{Mn}\p{Nd}\p{Pc}]*(\s?[:;.,]\s?[0-9OoIl]|[^:]*(->|\u2192))/u;
function label({ class: name, probability }) {
  name = name.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, " ").replaceAll(JOINER, JOINER + JOINER);
  const ending = probability === null ? "" : ` ${probability.toFixed(2)}`, parts = name.split("\n");
  const isLikelyTime = line => LIKELY_TIME.test(line) && !line.includes(JOINER);
  name = parts.map((line, i) => isLikelyTime(i + 1 < parts.length ? line : line + ending)
    ? line.replace(/^\s*/, space => space + JOINER) : line).join("\n");
  if (/^\s/.test(name)) name = JOINER + name;
  if (/\s$/.test(name) || (probability === null && /\S[^]* (0\.[0-9]{2}|1\.00)$/.test(name))) name += JOINER;
  return name + ending;
}
const withoutEmptyLines = content => content.replace(/\n(?=[ \t]*\n)/g, "\n" + JOINER);

const formats = [
  {
    extension: ".json", use: "programs", clock: 1e6,
    write({ video, fps, frames, segments, shots }) {
      return JSON.stringify({
        video, fps, frames, segments: segments.map(s => ({ ...s, start: micro(s.start), end: micro(s.end) })),
        ...shots.length > 0 && { shots },
      }, null, 1) + "\n";
    },
  },
  {
    extension: ".csv", use: "tables", clock: 1e6,
    write({ segments }) {
      const quoted = name => /[,\r\n"]|^ | $/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
      return lines(["start,end,class,probability", ...segments.map(s =>
        `${seconds6(s.start)},${seconds6(s.end)},${quoted(s.class)},${s.probability ?? ""}`)]);
    },
  },
  {
    extension: ".srt", use: "players, Subtitle Edit", clock: 1000,
    write({ segments }) {
      return lines(segments.flatMap((s, i) => [
        i + 1, `${clock(s.start, 1000, ",", 2)} --> ${clock(s.end, 1000, ",", 2)}`,
        withoutEmptyLines(label(s).replace(/<(?=[A-Za-z/])|\{|--(?=>)/g, bracket => bracket + JOINER)), "",
      ]));
    },
  },
  {
    extension: ".vtt", use: "browsers", clock: 1000,
    write({ segments }) {
      const escaped = name => name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      return lines(["WEBVTT", ...segments.flatMap(s =>
        ["", `${clock(s.start, 1000, ".", 2)} --> ${clock(s.end, 1000, ".", 2)}`, withoutEmptyLines(escaped(label(s)))])]);
    },
  },
  {
    extension: ".ass", use: "Aegisub", clock: 100,
    write({ segments }) {
      const escaped = name => name.replaceAll("\\", "\\" + JOINER).replace(/[{}]/g, "\\$&").replaceAll("\n", "\\N");
      return lines(["[Script Info]", "ScriptType: v4.00+", "WrapStyle: 2", "", "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, Outline, Alignment, MarginL, MarginV",
        "Style: Label,DejaVu Sans,20,&H00FFFFFF,&H00000000,2,7,10,10", "", "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        ...segments.map(s =>
          `Dialogue: 0,${clock(s.start, 100, ".", 1)},${clock(s.end, 100, ".", 1)},Label,,0,0,0,,${escaped(label(s))}`)]);
    },
  },
  {
    extension: ".ffmetadata", use: "chapters, by ffmpeg", clock: 1e6,
    write({ segments }) {
      const title = s => label(s).replace(/\\$/, "\\" + JOINER).replace(/[=;#\\\n]/g, "\\$&");
      const time = seconds => Math.round(seconds * 1e6);
      return lines([";FFMETADATA1", ...segments.flatMap(s =>
        ["[CHAPTER]", "TIMEBASE=1/1000000", `START=${time(s.start)}`, `END=${time(s.end)}`, `title=${title(s)}`])]);
    },
  },
  {
    extension: ".labels.txt", use: "Audacity", clock: 1e6,
    write({ segments }) {
      const oneLine = name => name.replace(/\r\n?|[\n\t]/g, " ");
      return lines(segments.map(s =>
        `${s.start.toFixed(6)}\t${s.end.toFixed(6)}\t${label({ ...s, class: oneLine(s.class) })}`));
    },
  },
  {
    extension: ".edl", use: "Kodi, MPlayer: what to skip", clock: 1e6, skips: true,
    write({ segments }) {
      return lines(segments.map(s => `${s.start.toFixed(6)}\t${s.end.toFixed(6)}\t0`));
    },
  },
  {
    extension: ".txt", use: "Comskip: what to skip", clock: 1e6, skips: true, counts: true,
    write({ fps, frames, segments }) {
      const total = frames ?? Math.round((segments.at(-1)?.end ?? 0) * fps), hundred = Math.floor(fps * 100 + 5e-7);
      return lines([
        `FILE PROCESSING COMPLETE ${String(total).padStart(6)} FRAMES AT ${String(hundred).padStart(5)}`, "-".repeat(19),
        ...segments.map(s => [Math.round(s.start * fps) + 1, Math.round(s.end * fps)]).filter(([first, last]) => last >= first)
          .map(range => range.join("\t")),
      ]);
    },
  },
];

// The text of a file. In a format that lists what to skip, stretches of the skipped classes that touch become one.
function compose(format, timeline, skipped = new Set()) {
  let list = timeline.segments;
  if (format.skips) {
    list = list.filter(s => skipped.has(s.class)).reduce((stretches, s) => {
      if (stretches.at(-1)?.end === s.start) stretches.at(-1).end = s.end;
      else stretches.push({ ...s });
      return stretches;
    }, []);
  }
  list = list.filter(s => Math.round(s.end * format.clock) > Math.round(s.start * format.clock));
  return format.write({ ...timeline, segments: list });
}
