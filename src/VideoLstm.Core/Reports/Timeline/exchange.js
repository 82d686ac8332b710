// The formats in which annotation and editing programs exchange timelines: more entries of `formats`, each as the class of the same name
// in Timelines writes it.
const lastEnd = segments => segments.at(-1)?.end ?? 0;
const seconds3 = seconds => Math.round(seconds * 1000) / 1000;
const stemOf = name => name.replace(/\.[^.]*$/, "");
const json = value => JSON.stringify(value, null, 2) + "\n";

// Where the video is: where the page plays it, else beside the page.
function addressOf(video) {
  const played = document.querySelector("video")?.src ?? "";
  return played.endsWith(encodeURIComponent(video)) ? played : new URL(encodeURIComponent(video), document.baseURI).href;
}

// What the format counts: segments in frames, and how many the video has.
function counted({ fps, frames, segments }) {
  const frame = seconds => Math.round(seconds * fps);
  return {
    list: segments.map(s => ({ ...s, first: frame(s.start), after: frame(s.end) })).filter(s => s.after > s.first),
    total: Math.max(frames ?? 0, frame(lastEnd(segments))),
  };
}

// A rate as a fraction: whole, of NTSC, or to the millionth.
function fraction(fps) {
  const whole = Math.round(fps), ntsc = Math.round(fps * 1.001);
  if (whole > 0 && Math.abs(fps - whole) < 1e-6) return [whole, 1];
  if (ntsc > 0 && Math.abs(fps - ntsc / 1.001) < 1e-4 * fps) return [ntsc * 1000, 1001];
  const divisor = (a, b) => b === 0 ? a : divisor(b, a % b), millionths = Math.round(fps * 1e6), common = divisor(millionths, 1e6);
  return [millionths / common, 1e6 / common];
}
const isNtsc = fps => fraction(fps)[1] === 1001;
const nominal = fps => Math.max(1, Math.round(fps));

// Text that XML can hold.
const clean = text => text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, " ").replace(/[\ufffe\uffff]/g, "\ufffd");
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;" };
function xml(name, attributes = {}, ...content) {
  const inner = content.flat(Infinity).filter(part => part !== null);
  const escaped = (text, characters) => clean(String(text)).replace(characters, c => ESCAPES[c]);
  const start = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value, /[&<>"\r\n\t]/g)}"`);
  const isText = inner.every(part => !(part instanceof String));
  const body = isText ? escaped(inner.join(""), /[&<>\r]/g) : `\n${inner.join("\n")}\n`;
  return new String(inner.length === 0 ? `<${name}${start.join("")}/>` : `<${name}${start.join("")}>${body}</${name}>`);
}
const xmlFile = (root, type = null) =>
  `<?xml version="1.0" encoding="utf-8"?>\n${type === null ? "" : `<!DOCTYPE ${type}>\n`}${root}\n`;
const leaves = values => Object.entries(values).map(([name, value]) => xml(name, {}, String(value)));

// SMPTE ST 12-1; numbers are dropped at 30000/1001 and 60000/1001 frames/s.
function timecode(frame, fps) {
  const whole = nominal(fps), dropped = isNtsc(fps) && whole % 30 === 0 ? whole / 15 : 0;
  if (dropped > 0) {
    const perMinute = whole * 60 - dropped, perTen = perMinute * 10 + dropped, rest = frame % perTen;
    frame += dropped * (Math.floor(frame / perTen) * 9 + (rest < whole * 60 ? 0 : 1 + Math.floor((rest - whole * 60) / perMinute)));
  }
  const two = n => String(n).padStart(2, "0"), seconds = Math.floor(frame / whole);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":")
    + (dropped > 0 ? ";" : ":") + two(frame % whole);
}

const media = {
  mp4: "video/mp4", m4v: "video/mp4", mov: "video/quicktime", mpg: "video/mpeg", mpeg: "video/mpeg", avi: "video/x-msvideo",
  mkv: "video/x-matroska", webm: "video/webm",
};
const comment = ({ probability }) => probability === null ? "" : `probability ${seconds3(probability)}`;
const lengthOf = ({ fps, frames, segments }) => fps && frames !== null ? Math.max(frames / fps, lastEnd(segments)) : lastEnd(segments);

function mlt(timeline, isKdenlive) {
  const { video, fps } = timeline, [numerator, denominator] = fraction(fps), { list, total } = counted(timeline);
  const length = Math.max(1, total), range = { in: 0, out: length - 1 };
  const property = (name, value) => xml("property", { name }, String(value)), properties = values =>
    Object.entries(values).map(([name, value]) => property(name, value));
  const entry = () => xml("entry", { producer: "video", ...range }, isKdenlive ? property("kdenlive:id", 2) : null);
  const at = frame => clock(frame * denominator / numerator, 1000, ".", 2);
  const guides = JSON.stringify(list.map(s => ({ pos: s.first, duration: s.after - s.first, comment: clean(label(s)), type: 0 })));
  return xmlFile(xml("mlt", { LC_NUMERIC: "C", version: "7.0.0", title: video, producer: isKdenlive ? "main_bin" : "tractor0" },
    xml("profile", {
      description: "video", width: 1920, height: 1080, progressive: 1, sample_aspect_num: 1, sample_aspect_den: 1, display_aspect_num: 16,
      display_aspect_den: 9, colorspace: 709, frame_rate_num: numerator, frame_rate_den: denominator,
    }),
    xml("producer", { id: "video", ...range }, properties({
      length, resource: video, mlt_service: "avformat", ...isKdenlive && { "kdenlive:id": 2 },
    })),
    xml("playlist", { id: isKdenlive ? "main_bin" : "main bin" }, properties({
      ...isKdenlive && { "kdenlive:docproperties.version": "1.04", "kdenlive:docproperties.guides": guides }, xml_retain: 1,
    }), entry()),
    xml("playlist", { id: "playlist0" }, isKdenlive ? null : property("shotcut:video", 1), entry()),
    xml("tractor", { id: "tractor0", ...range }, isKdenlive ? null : [
      property("shotcut", 1),
      xml("properties", { name: "shotcut:markers" }, list.map((s, i) => xml("properties", { name: i }, properties({
        text: label(s), start: at(s.first), end: at(s.after), color: "#008000",
      })))),
    ], xml("track", { producer: "playlist0" }))));
}

formats.push(
  {
    extension: ".eaf", use: "ELAN", clock: 1000,
    write({ video, segments }) {
      const slots = segments.flatMap(s => [s.start, s.end]);
      return xmlFile(xml("ANNOTATION_DOCUMENT", {
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        AUTHOR: "", DATE: "1970-01-01T00:00:00+00:00", FORMAT: "3.0", VERSION: "3.0",
      },
      xml("HEADER", { MEDIA_FILE: "", TIME_UNITS: "milliseconds" }, xml("MEDIA_DESCRIPTOR", {
        MEDIA_URL: addressOf(video), MIME_TYPE: media[video.split(".").at(-1).toLowerCase()] ?? "unknown",
        RELATIVE_MEDIA_URL: `./${encodeURIComponent(video)}`,
      })),
      xml("TIME_ORDER", {}, slots.map((seconds, i) =>
        xml("TIME_SLOT", { TIME_SLOT_ID: `ts${i + 1}`, TIME_VALUE: Math.round(seconds * 1000) }))),
      xml("TIER", { LINGUISTIC_TYPE_REF: "label", TIER_ID: "labels" }, segments.map((s, i) =>
        xml("ANNOTATION", {}, xml("ALIGNABLE_ANNOTATION", {
          ANNOTATION_ID: `a${i + 1}`, TIME_SLOT_REF1: `ts${2 * i + 1}`, TIME_SLOT_REF2: `ts${2 * i + 2}`,
        }, xml("ANNOTATION_VALUE", {}, s.class))))),
      xml("LINGUISTIC_TYPE", { GRAPHIC_REFERENCES: "false", LINGUISTIC_TYPE_ID: "label", TIME_ALIGNABLE: "true" })));
    },
  },
  {
    extension: ".boris", use: "BORIS", clock: 1000,
    write(timeline) {
      const { video, fps, segments } = timeline, codes = [...new Set(segments.map(s => s.class))];
      const players = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map(player => [player, player === 1 ? [video] : []]));
      return json({
        time_format: "hh:mm:ss", project_date: "", project_name: "vlstm", project_description: "", project_format_version: "7.0",
        subjects_conf: {},
        behaviors_conf: Object.fromEntries(codes.map((code, i) => [i, {
          type: "State event", key: "", code, description: "", color: "", category: "", modifiers: {}, excluded: "", "coding map": "",
        }])),
        observations: {
          vlstm: {
            file: players, type: "MEDIA", date: "", description: "", "time offset": 0,
            events: segments.flatMap(s => [
              [seconds3(s.start), "", s.class, "", comment(s), "NA"], [seconds3(s.end), "", s.class, "", "", "NA"],
            ]),
            "observation time interval": [0, 0], independent_variables: {}, visualize_spectrogram: false, visualize_waveform: false,
            close_behaviors_between_videos: false,
            media_info: {
              length: { [video]: seconds3(lengthOf(timeline)) }, fps: { [video]: fps ?? 0 }, hasVideo: { [video]: true },
              hasAudio: { [video]: false }, offset: { 1: 0 },
            },
          },
        },
        behavioral_categories: [], behavioral_categories_config: {}, independent_variables: {}, coding_map: {}, behaviors_coding_map: [],
        converters: {},
      });
    },
  },
  {
    extension: ".boris.tsv", use: "BORIS: events as a table", clock: 1000,
    write(timeline) {
      const { video, fps, frames, segments } = timeline, none = Array(4).fill("NA");
      const quoted = field => /[\t\r\n"]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
      const length = (fps && frames !== null ? frames / fps : lastEnd(segments)).toFixed(3);
      return lines([[
        "Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)", "Coding duration",
        "Media duration (s)", "FPS (frame/s)", "Subject", "Observation duration by subject by observation", "Behavior",
        "Behavioral category", "Behavior type", "Start (s)", "Stop (s)", "Duration (s)", "Media file name", "Image index start",
        "Image index stop", "Image file path start", "Image file path stop", "Comment start", "Comment stop",
      ], ...segments.map(s => [
        "vlstm", "", "", "Media file(s)", `player #1:${video}`, "0", length, length, fps?.toFixed(3) ?? "NA", "No focal subject", length,
        s.class, "", "STATE", s.start.toFixed(3), s.end.toFixed(3), (s.end - s.start).toFixed(3), video, ...none, comment(s), "",
      ])].map(row => row.map(quoted).join("\t")));
    },
  },
  {
    extension: ".labelstudio.json", use: "Label Studio", clock: 1e6, counts: true,
    write(timeline) {
      const { video, fps } = timeline;
      return json([{
        data: { video, fps },
        predictions: [{
          model_version: "vlstm",
          result: counted(timeline).list.map((s, i) => ({
            id: `r${i + 1}`, type: "timelinelabels", from_name: "videoLabels", to_name: "video",
            value: { ranges: [{ start: s.first + 1, end: s.after }], timelinelabels: [s.class] },
            ...s.probability !== null && { score: s.probability },
          })),
        }],
      }]);
    },
  },
  {
    extension: ".cvat.xml", use: "CVAT", clock: 1e6, counts: true,
    write(timeline) {
      const { list, total } = counted(timeline), box = (frame, outside) => xml("box", {
        frame, keyframe: 1, outside, occluded: 0, xtl: "0.00", ytl: "0.00", xbr: "16.00", ybr: "16.00", z_order: 0,
      });
      return xmlFile(xml("annotations", {}, leaves({ version: "1.1" }),
        xml("meta", {}, xml("task", {}, leaves({
          name: timeline.video, size: total, mode: "interpolation", overlap: 0, start_frame: 0, stop_frame: Math.max(0, total - 1),
        }), xml("labels", {}, [...new Set(list.map(s => clean(s.class)))].map(name =>
          xml("label", {}, leaves({ name, type: "rectangle" }), xml("attributes")))))),
        list.map((s, id) => xml("track", { id, label: s.class, source: "auto" },
          box(s.first, 0), s.after < total ? box(s.after, 1) : null))));
    },
  },
  {
    extension: ".activitynet.json", use: "ActivityNet", clock: 1e6,
    write(timeline) {
      const annotations = timeline.segments.map(s => ({
        segment: [micro(s.start), micro(s.end)], label: s.class, ...s.probability !== null && { score: s.probability },
      }));
      return json({
        version: "VERSION 1.3", taxonomy: [],
        database: { [stemOf(timeline.video) || "video"]: { duration: micro(lengthOf(timeline)), subset: "testing", annotations } },
      });
    },
  },
  {
    extension: ".otio", use: "OpenTimelineIO", clock: 1e6, counts: true,
    write(timeline) {
      const { list, total } = counted(timeline), nothing = { effects: [], markers: [] };
      const time = value => ({ OTIO_SCHEMA: "RationalTime.1", rate: timeline.fps, value });
      const range = (first, after) => ({ OTIO_SCHEMA: "TimeRange.1", start_time: time(first), duration: time(after - first) });
      const clip = s => ({
        OTIO_SCHEMA: "Clip.1", metadata: s.probability === null ? {} : { vlstm: { probability: s.probability } }, name: s.class,
        source_range: range(s.first, s.after), ...nothing,
        media_reference: {
          OTIO_SCHEMA: "ExternalReference.1", metadata: {}, name: "", available_range: range(0, total), target_url: timeline.video,
        },
      });
      const gap = length => ({ OTIO_SCHEMA: "Gap.1", metadata: {}, name: "", source_range: range(0, length), ...nothing });
      const children = list.flatMap((s, i) => {
        const before = s.first - (list[i - 1]?.after ?? 0);
        return before > 0 ? [gap(before), clip(s)] : [clip(s)];
      });
      const track = { OTIO_SCHEMA: "Track.1", metadata: {}, name: "labels", kind: "Video", source_range: null, ...nothing, children };
      return json({
        OTIO_SCHEMA: "Timeline.1", metadata: {}, name: stemOf(timeline.video), global_start_time: null,
        tracks: { OTIO_SCHEMA: "Stack.1", metadata: {}, name: "tracks", source_range: null, ...nothing, children: [track] },
      });
    },
  },
  {
    extension: ".cmx.edl", use: "editing programs (CMX 3600)", clock: 1e6, counts: true,
    write(timeline) {
      const oneLine = name => name.replace(/\r\n?|[\n\t]/g, " "), { fps } = timeline;
      return lines([
        `TITLE: ${oneLine(stemOf(timeline.video)).slice(0, 70)}`,
        `FCM: ${isNtsc(fps) && nominal(fps) % 30 === 0 ? "DROP FRAME" : "NON-DROP FRAME"}`,
        ...counted(timeline).list.flatMap((s, i) => {
          const times = `${timecode(s.first, fps)} ${timecode(s.after, fps)}`;
          return ["", `${String(i + 1).padStart(3, "0")}  AX       V     C        ${times} ${times}`,
            `* FROM CLIP NAME: ${label({ ...s, class: oneLine(s.class) })}`];
        }),
      ]);
    },
  },
  {
    extension: ".fcpxml", use: "Final Cut Pro, Resolve", clock: 1e6, counts: true,
    write(timeline) {
      const { list, total } = counted(timeline), [numerator, denominator] = fraction(timeline.fps), name = timeline.video;
      const length = frames => frames === 0 ? "0s" : `${frames * denominator}/${numerator}s`;
      const spine = list.flatMap((s, i) => {
        const at = list[i - 1]?.after ?? 0;
        const clip = xml("asset-clip", {
          ref: "r2", name: label(s), offset: length(s.first), start: length(s.first), duration: length(s.after - s.first), format: "r1",
          tcFormat: "NDF",
        });
        return s.first > at
          ? [xml("gap", { name: "Gap", offset: length(at), duration: length(s.first - at), start: "0s" }), clip] : [clip];
      });
      return xmlFile(xml("fcpxml", { version: "1.8" },
        xml("resources", {}, xml("format", { id: "r1", frameDuration: length(1) }), xml("asset", {
          id: "r2", name, src: addressOf(name), start: "0s", duration: length(total), hasVideo: 1, format: "r1",
        })),
        xml("event", { name }, xml("project", { name }, xml("sequence", {
          format: "r1", duration: length(list.at(-1)?.after ?? 0), tcStart: "0s", tcFormat: "NDF",
        }, xml("spine", {}, spine))))), "fcpxml");
    },
  },
  {
    extension: ".xml", use: "Premiere Pro (Final Cut Pro 7)", clock: 1e6, counts: true,
    write(timeline) {
      const { list, total } = counted(timeline), { video, fps } = timeline;
      const rate = xml("rate", {}, leaves({ timebase: nominal(fps), ntsc: isNtsc(fps) ? "TRUE" : "FALSE" }));
      const file = i => xml("file", { id: "file-1" }, i > 0 ? [] : [
        leaves({ name: video, pathurl: addressOf(video) }), rate, leaves({ duration: total }), xml("media", {}, xml("video")),
      ]);
      return xmlFile(xml("xmeml", { version: "5" },
        xml("sequence", { id: "sequence-1" }, leaves({ name: video, duration: total }), rate,
          xml("media", {}, xml("video", {}, xml("track", {}, list.map((s, i) => xml("clipitem", { id: `clipitem-${i + 1}` },
            leaves({ name: label(s), duration: total }), rate, leaves({ start: s.first, end: s.after, in: s.first, out: s.after }),
            file(i)))))))), "xmeml");
    },
  },
  { extension: ".kdenlive", use: "Kdenlive", clock: 1e6, counts: true, write: timeline => mlt(timeline, true) },
  { extension: ".mlt", use: "Shotcut", clock: 1e6, counts: true, write: timeline => mlt(timeline, false) },
);
