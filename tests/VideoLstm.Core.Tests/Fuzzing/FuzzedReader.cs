using System.IO.Compression;
using System.Text;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Cutting;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Formats.TensorBoard;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Classification;
using VideoLstm.Core.Timelines;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Optimizers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Fuzzing;

/// <summary>A reader of files of others, good files for it, and the words that they are made of.</summary>
/// <param name="FileName">What its files are called, since some readers go by the name.</param>
/// <param name="Seeds">Good files, made when they are asked for.</param>
/// <param name="Read">Reads a file.</param>
/// <param name="Words">For the <see cref="Mutator"/>.</param>
internal sealed record FuzzedReader(string FileName, Func<IReadOnlyList<byte[]>> Seeds, Action<string> Read, params string[] Words)
{
    private static readonly string[] Probed =
    [
        """
        {"streams": [{"index": 0, "codec_name": "h264", "codec_type": "video", "width": 64, "height": 48, "sample_aspect_ratio": "1:1", "pix_fmt": "yuv420p", "level": 10,
          "field_order": "progressive", "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "time_base": "1/12800", "start_time": "0.0", "duration": "2.0", "nb_frames": "50",
          "extradata": "\n00000000: 0164 000a ffe1 0019  .d..\n", "disposition": {"default": 1, "attached_pic": 0}, "tags": {"language": "und", "rotate": "90"},
          "side_data_list": [{"side_data_type": "Display Matrix", "displaymatrix": "\n00000000:            0       65536           0\n", "rotation": -90}]},
         {"index": 1, "codec_name": "aac", "codec_type": "audio", "sample_rate": "44100", "channels": 2, "tags": {"language": "eng"}}],
         "programs": [], "chapters": [{"id": 0, "start_time": "0.0", "end_time": "1.0", "tags": {"title": "x"}}],
         "format": {"filename": "video.mp4", "format_name": "mov,mp4,m4a", "start_time": "0.0", "duration": "2.0", "tags": {"title": "t"}}}
        """,
        """
        {"streams": [
          {"index": 0, "codec_name": "vp9", "codec_type": "video", "width": 8, "height": 6, "pix_fmt": "yuva420p", "r_frame_rate": "30000/1001", "avg_frame_rate": "0/0", "time_base": "1/90000", "start_time": "1.4", "nb_frames": "9", "color_space": "bt709", "color_transfer": "smpte2084", "tags": {"ALPHA_MODE": "1"}},
          {"index": 1, "codec_name": "mpeg2video", "codec_type": "video", "codec_tag_string": "[2][0][0][0]", "width": 4, "height": 2, "field_order": "tt", "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "time_base": "1/90000", "nb_frames": "8", "disposition": {"default": 0}},
          {"index": 2, "codec_name": "mjpeg", "codec_type": "video", "width": 2, "height": 2, "disposition": {"attached_pic": 1}},
          {"index": 3, "codec_name": "mp2", "codec_type": "audio", "sample_rate": "48000", "channels": 6}, {"index": 4, "codec_type": "audio"},
          {"index": 5, "codec_name": "dvb_subtitle", "codec_type": "subtitle", "tags": {"language": "deu"}}, {"index": 6, "codec_type": "data", "codec_tag_string": "text"}, {"index": 7, "codec_name": "ttf", "codec_type": "attachment"}],
         "programs": [{"program_id": 1, "streams": [{"index": 0}, {"index": 4}]}],
         "chapters": [], "format": {"format_name": "mpegts", "duration": "3.5"}}
        """,
    ];

    private static readonly string Sha256 = new('a', 64);

    private static readonly Lazy<VideoInfo[]> Known = new(() => [.. Probed.Select(p => VideoProbe.Describe("video.mp4", JsonText.Parse(p).RootElement, null, CancellationToken.None))]);

    /// <summary>All readers by name.</summary>
    public static IReadOnlyDictionary<string, FuzzedReader> All { get; } = new Dictionary<string, FuzzedReader>(StringComparer.Ordinal)
    {
        ["npy"] = new("x.npy", () => Fixtures("Formats/Npy", "*.npy"), ReadNpy, "'descr'", "'shape'", "'fortran_order'", "(2, 3)", "'<f4'", "'|O'", "True", "{", "}"),
        ["safetensors"] = new("x.safetensors", () => [Safetensors()], ReadTensors, JsonWords("dtype", "shape", "data_offsets", "__metadata__", "F32", "I64")),
        ["hdf5"] = new("x.h5", () => Fixtures("Formats/Hdf5", "keras.h5", "keras_latest.h5"), ReadTensors, "TREE", "SNOD", "HEAP", "OHDR", "FRHP", "GCOL", "layer_names"),
        ["keras-h5"] = new("x.h5", SmallKerasFiles, ReadKeras, "TREE", "SNOD", "model_config"),
        ["keras-archive"] = new("x.keras", SmallKerasArchives, ReadKeras, "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "config.json"),
        ["keras-config"] = new("config.json", KerasConfigs, path => KerasTopology.Read(path, File.ReadAllText(path)), JsonWords("class_name", "config", "layers", "inbound_nodes", "output_layers", "units")),
        ["pytorch-zip"] = new("x.pth", () => Fixtures("Formats/PyTorch", "zip*.pth", "nested.pth", "checkpoint.pth"), ReadTensors, "PK\u0001\u0002", "PK\u0005\u0006", "data.pkl", "byteorder"),
        ["pytorch-old"] = new("x.pth", () => Fixtures("Formats/PyTorch", "old*.pth", "checkpoint_old.pth"), ReadTensors, PickleWords),
        ["pickle"] = new("x.pkl", () => [Pickle()], path => ReadPickle(File.ReadAllBytes(path)), PickleWords),
        ["classifier"] = new("x.bin", Classifiers, ReadClassifier, JsonWords("classes", "model", "sequence_length", "model_options", "layers", "kind", "units", "pad", "input")),
        ["inception"] = new("x.safetensors", () => [Safetensors(), .. Fixtures("Formats/PyTorch", "zip.pth")], path => InceptionWeights.Load(path), "Conv2d_1a_3x3.conv.weight"),
        ["mobilenet"] = new("x.safetensors", () => [Safetensors()], path => MobileNetWeights.Open(path), JsonWords("conv1/kernel", "F32")),
        ["onnx"] = new("x.onnx", OnnxFiles, path => OnnxSummary.Read(path), "GlobalAveragePool", "location", "offset", "length", "Image.NominalPixelRange", "NominalRange_0_255", "mean", "[1, 2, 3]", "\u0008\u0008", ":", "j", "p\u0001"),
        ["preprocessor-config"] = new("preprocessor_config.json", PreprocessorConfigs, ReadPreprocessorConfig, JsonWords("do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std")),
        ["run-state"] = new("x.state", () => [State()], ReadState, JsonWords("Epochs", "LearningRate", "Steps", "PlateauBest", "PlateauWait")),
        ["events"] = new("events.out.tfevents.1.x", () => [Events()], path => EventFile.Resume(path, 2).Dispose()),
        ["probe"] = new("probe.json", () => [.. Probed.Select(Encoding.UTF8.GetBytes)], ReadProbe, JsonWords("streams", "format", "disposition", "rotation", "nb_frames")),
        ["probe-cut"] = new("probe.json", () => [.. Probed.Select(Encoding.UTF8.GetBytes)], ReadCutProbe, JsonWords("streams", "side_data_list", "displaymatrix", "extradata")),
        ["clip-files"] = new("clip_files.csv", () => Texts($"train,A,a,train/A/a.mp4,7008,2026-11-27T16:25:24.3011447Z,4,yes,1,{Sha256},40,{Sha256}\r\ntest,B,b,b.mp4,1,2026-01-01T00:00:00.0000000Z,9,no,\r\n"), path => ClipFilesFile.Read(path), "train", "yes", "no", "../", Sha256),
        ["shard-report"] = new("x.1-of-8.json", () => Texts("""{"verb": "x", "shard": 1, "shards": 8, "host": "h", "process": 1, "started": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:01Z", "has_ended": true, "found": 9, "before": 1, "done": 2, "failed": [{"input": "train/A/a", "reason": "r"}]}"""), path => ShardReport.Read(path), JsonWords("verb", "shard", "shards", "started", "found", "failed", "input")),
        ["failed-list"] = new("failed.txt", () => Texts("# why\ntrain/A/a\n"), path => FailedList.Read(path), "#", "train/"),
        ["data-file"] = new("data_file.csv", () => Texts("train,A,a,20\r\ntest,\"B, b\",b,30\r\n", "train;A;a;20\n\"test\";B;b;30\n"), path => DataFile.Read(path), "train", "test", "sep=;\n"),
        ["clip-lists"] = new("list.txt", () => Texts("A/v_1.avi 1\nB/v_2.avi 2\n", "a.mp4 0\r\nb.mp4 1\r\n", "a.avi 1\nb.avi 2\nc.avi 0\n"), path => ClipLists.OfSets(path, path).Read([]), "v_", ".avi", "sep=,\n"),
        ["timeline-json"] = Timeline("x.json", JsonWords("segments", "start", "end", "class", "probability"), """{"video": "a", "fps": 25, "frames": 50, "segments": [{"start": 0, "end": 1.5, "class": "A", "probability": 0.5}, {"start": 1.5, "end": 2, "class": "B"}]}"""),
        ["timeline-csv"] = Timeline("x.csv", ["start", "end", "class", "sep=;\n"], "start,end,class,probability\r\n0,1.5,A,0.5\r\n1.5,2,\"B, b\",\r\n", "sep=;\nstart;end;class\n0:00;0:04;A\n", "Begin\tEnd\tClass\n0\t1\tA\n"),
        ["timeline-srt"] = Timeline("x.srt", ["-->", "00:00:01,500"], "1\n00:00:00,000 --> 00:00:01,500\nA 0.5\n\n2\n00:00:01,500 --> 00:00:02,000\nB\n"),
        ["timeline-vtt"] = Timeline("x.vtt", ["WEBVTT", "NOTE", "STYLE", "-->"], "WEBVTT\n\nNOTE x\n\n1\n00:00.000 --> 00:01.500 align:start\n<v A>A</v>\n\n00:01.500 --> 00:02.000\nB\n"),
        ["timeline-ass"] = Timeline("x.ass", ["[Events]", "Dialogue: ", "Format: ", "{\\i1}", "{", "}"], "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:01.50,Default,{\\i1}A\nDialogue: 0,0:00:01.50,0:00:02.00,Default,B\n"),
        ["timeline-audacity"] = Timeline("x.txt", ["\t", "\\"], "0.000000\t1.500000\tA 0.5\n\\\t1.0\t2.0\n1.500000\t2.000000\tB\n"),
        ["timeline-edl"] = Timeline("x.edl", ["##", "#"], "5.3 7.1 0\n15 16.7 1\n420 422 3\n", "## v0\n00:00:01 00:00:02 0\n"),
        ["timeline-comskip"] = Timeline("x.txt", ["FILE PROCESSING COMPLETE", "FRAMES AT"], "FILE PROCESSING COMPLETE  50 FRAMES AT  2500\n-------------------\n1\t10\n20\t50\n"),
        ["timeline-ffmetadata"] = Timeline("x.ffmetadata", ["[CHAPTER]", "TIMEBASE=1/1000", "START=", "END=", "title="], ";FFMETADATA1\ntitle=x\n\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=A\n"),
        ["timeline-eaf"] = Timeline("x.eaf", XmlWords("TIER", "TIME_SLOT", "ALIGNABLE_ANNOTATION", "REF_ANNOTATION", "ANNOTATION_REF", "TIME_VALUE"), """<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2"/><TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="2000"/></TIME_ORDER><TIER TIER_ID="a"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>A</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER><TIER TIER_ID="b"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="a1"><ANNOTATION_VALUE>B</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>""") with { Read = path => TimelineFile.Read(path, 25, 100, tier: "a") },
        ["timeline-cvat"] = Timeline("x.xml", XmlWords("track", "box", "tag", "image", "frame", "outside", "label"), """<annotations><meta><task><size>50</size></task></meta><track id="0" label="A"><box frame="0" outside="0"/><box frame="20" outside="1"/></track><image id="30"><tag label="B"/></image></annotations>"""),
        ["timeline-fcpxml"] = Timeline("x.fcpxml", XmlWords("spine", "clip", "marker", "keyword", "offset", "duration", "lane"), """<!DOCTYPE fcpxml><fcpxml version="1.8"><project><sequence tcStart="0s"><spine><clip name="A" offset="0s" duration="50/25s"><keyword start="0s" duration="1s" value="k"/><title lane="1" offset="1s" duration="1s" name="t"/><spine lane="2" offset="0s"><clip name="x" duration="1s"/></spine></clip><gap offset="2s" duration="1s"><marker start="0s" duration="1/25s" value="m"/></gap><audition offset="3s"><clip duration="1s"/></audition></spine></sequence></project></fcpxml>""") with { Read = path => TimelineFile.Read(path, 25, 100, tier: "storyline") },
        ["timeline-xmeml"] = Timeline("x.xml", XmlWords("clipitem", "marker", "track", "start", "end", "rate"), """<xmeml version="5"><sequence><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate><media><video><track><clipitem><name>A</name><start>0</start><end>-1</end><in>0</in></clipitem><transitionitem><start>10</start><end>20</end></transitionitem><clipitem><start>-1</start><end>50</end></clipitem></track></video></media><marker><name>m</name><in>60</in><out>-1</out></marker></sequence></xmeml>"""),
        ["timeline-mlt"] = Timeline("x.mlt", XmlWords("property", "properties", "profile", "entry"), """<mlt><profile frame_rate_num="25" frame_rate_den="1"/><playlist><property name="kdenlive:docproperties.guides">[{"pos": 0, "comment": "A", "type": 0}, {"pos": 50, "duration": 10, "comment": "B"}]</property></playlist></mlt>""", """<mlt><profile frame_rate_num="30000" frame_rate_den="1001"/><tractor><properties name="shotcut:markers"><properties name="0"><property name="text">A</property><property name="start">00:00:00.000</property><property name="end">00:00:01:12</property></properties></properties></tractor></mlt>"""),
        ["timeline-otio"] = Timeline("x.otio", JsonWords("OTIO_SCHEMA", "Timeline.1", "Track.1", "Clip.2", "Stack.1", "source_range", "children", "rate", "value"), """{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "markers": [], "children": [{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{"OTIO_SCHEMA": "Clip.2", "name": "A", "markers": [{"OTIO_SCHEMA": "Marker.2", "name": "m", "marked_range": {"start_time": {"rate": 25, "value": 50}, "duration": {"rate": 25, "value": 0}}}], "source_range": {"start_time": {"rate": 25, "value": 0}, "duration": {"rate": 25, "value": 50}}}, {"OTIO_SCHEMA": "Stack.1", "children": []}]}]}}"""),
        ["timeline-boris"] = Timeline("x.boris", JsonWords("observations", "behaviors_conf", "events", "file", "type", "State event"), """{"behaviors_conf": {"0": {"type": "State event", "code": "A"}, "1": {"type": "Point event", "code": "p"}}, "observations": {"o": {"file": {"1": ["v.mp4"]}, "time offset": 0, "events": [[0, "", "A", "", ""], [1.5, "s", "p", "", ""], [2, "", "A", "", ""]]}}}"""),
        ["timeline-boris-events"] = Timeline("x.tsv", ["\t", "STATE", "POINT", "START", "STOP"], "Observation id\tSubject\tBehavior\tBehavior type\tStart (s)\tStop (s)\no\tx\tA\tSTATE\t0\t1.5\no\tx\tp\tPOINT\t1\tNA\n", "Observation id\tSubject\tBehavior\tBehavior type\tTime\no\tx\tA\tSTART\t0\no\tx\tA\tSTOP\t2\n"),
        ["timeline-labelstudio"] = Timeline("x.json", JsonWords("annotations", "predictions", "result", "value", "ranges", "timelinelabels", "labels"), """[{"data": {"video": "v.mp4"}, "annotations": [{"result": [{"from_name": "a", "type": "timelinelabels", "value": {"ranges": [{"start": 1, "end": 50}], "timelinelabels": ["A"]}}, {"type": "labels", "value": {"start": 3, "end": 4.5, "labels": ["B"]}}]}]}]"""),
        ["timeline-activitynet"] = Timeline("x.json", JsonWords("database", "results", "annotations", "segment", "label"), """{"version": "1.3", "database": {"v": {"duration": 10, "annotations": [{"segment": [0, 1.5], "label": "A"}, {"segment": [1.5, 2], "label": "B"}]}}}"""),
        ["timeline-cmx"] = Timeline("x.edl", ["TITLE: ", "FCM: DROP FRAME", "* FROM CLIP NAME: ", "* LOC: ", " |M:"], "TITLE: x\nFCM: NON-DROP FRAME\n\n001  AX  V  C  00:00:00:00 00:00:01:12 00:00:00:00 00:00:01:12\n* FROM CLIP NAME: A\n002  AX  V  D 012 00:00:00:00 00:00:01:12 00:00:01:12 00:00:02:12\n* TO CLIP NAME: B\n* LOC: 00:00:05:00 RED m\n"),
    };

    private static string[] XmlWords(params string[] names) => [.. names.Select(n => $"<{n}>"), .. names.Select(n => $"</{n}>"), .. names.Select(n => $" {n}=\"1\""), "<!DOCTYPE x [<!ENTITY e \"x\">]>", "&e;", "&#0;", "<a><a><a>"];

    private static string[] PickleWords => ["ctorch\nFloatStorage\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n)R", "(", "t", "Q", "R", "}", "u", "]", "e", "K\u0001", "h\0", "q\0"];

    private static string[] JsonWords(params string[] names) => [.. names.Select(n => $"\"{n}\""), .. names.Select(n => $"\"{n}\":"), "null", "true", "[]", "{}", "\"\\ud800\"", "[[[["];

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static FuzzedReader Timeline(string name, string[] words, params string[] texts) => new(name, () => Texts(texts), path => TimelineFile.Read(path, 25, 100), words);

    private static byte[][] Fixtures(string folder, params string[] patterns) =>
        [.. patterns.SelectMany(p => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, folder, "Fixtures"), p)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static byte[] Safetensors()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream, [("conv1/kernel", [3, 3, 3, 8], new float[216]), ("Conv2d_1a_3x3.conv.weight", [2, 3], new float[6]), ("empty", [0], default)], new Dictionary<string, string> { ["format"] = "pt", ["classes"] = "[\"A\",\"B\"]" });
        return stream.ToArray();
    }

    // One that sees frames, one of a recipe with options that sees features, one whose layers are listed: what each says of itself, with the weights of the first.
    private static byte[][] Classifiers()
    {
        using var folder = new TemporaryFolder();
        (CheckpointInfo frames, ITrainableNetwork model, _) = BrightnessClassifier.Create(2, 20);
        SequenceSpec sequences = frames.Sequences with { Height = 75, Width = 75, WeightsDigest = "0123", WindowSeconds = 2, StepSeconds = 0.5, Pad = true };
        CheckpointInfo features = frames with
        {
            Model = ModelSpec.Of(Recipes.Find("lstm")!, sequences, 2) with { Units = 4, Layers = 2, Bidirectional = true },
            Source = new CheckpointSource(sequences) { WeightsName = "inception.h5", Origin = "Keras 2.2.4" },
        };
        LayerSpec[] listed =
        [
            new LstmSpec(3) { ReturnSequences = true, Bidirectional = true }, new FlattenSpec(),
            new BatchNormalizationSpec { Epsilon = 0.001 }, new DenseSpec(2),
        ];
        CheckpointInfo layers = features with
        {
            Model = new ModelSpec(SequentialModel.Recipe.Name, 2, 2048, 2) { Sequential = listed },
            Epoch = null, ValidationLoss = null, ValidationAccuracy = null,
        };
        var network = new OnnxSettings
        {
            FileDigest = "sha256:" + Sha256, ExternalData = new Dictionary<string, string> { ["w"] = "sha256:" + Sha256 }, Input = "x",
            Layout = OnnxLayout.NCTHW, Type = "float32", Scale = 1, Mean = [1, 2, 3], Std = [1, 1, 2], Output = "y", ClipFrames = 3,
        };
        CheckpointInfo onnx = features with
        {
            Source = new CheckpointSource(sequences with { Onnx = network, WeightsDigest = network.Digest, Features = 2048 })
            {
                Extractor = OnnxPictureNetwork.FormatName, WeightsName = "x.onnx", ExtractorPath = "/x.onnx",
            },
        };
        return [.. ((CheckpointInfo[])[frames, features, layers, onnx]).Select(info =>
        {
            Checkpoint.Save(folder.File("x.bin"), model, info);
            return File.ReadAllBytes(folder.File("x.bin"));
        })];
    }

    private static byte[][] OnnxFiles()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.onnx");
        string[] written =
        [
            OnnxSample.Means(path, new() { ["Image.NominalPixelRange"] = "Normalized_0_1", ["mean"] = "[1, 2, 3]" }), OnnxSample.R2Plus1D(folder.File("clip.onnx"), 4),
            OnnxSample.External(folder.File("external.onnx"), "w", 0), OnnxSample.WriteHostile(folder.Path, "functions of functions"),
        ];
        return [.. written.Select(File.ReadAllBytes)];
    }

    private static byte[][] PreprocessorConfigs() => Texts(
        """{"do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}""",
        """{"do_rescale": false, "do_normalize": false, "image_mean": 0.5}""");

    private static void ReadPreprocessorConfig(string path)
    {
        string network = Path.Combine(Path.GetDirectoryName(path)!, "x.onnx");
        if (!File.Exists(network))
            OnnxSample.Means(network);
        OnnxPictureNetwork.Describe(network, OnnxChoices.None);
    }

    private static byte[] State()
    {
        using var folder = new TemporaryFolder();
        ITrainableNetwork model = BrightnessClassifier.Create(1, 20).Network;
        new RunState { Epochs = [new EpochResult(1, 1, 0.5, 1, 0.5)], LearningRate = 0.001, Steps = 12 }.Save(
            folder.File("x.state"), "run", model, model.Train(new OptimizerSpec(OptimizerKind.Adam, 0.001), new LossSpec()));
        return File.ReadAllBytes(folder.File("x.state"));
    }

    private static byte[] Events()
    {
        using var folder = new TemporaryFolder();
        using (EventFile events = EventFile.Create(folder.Path))
        {
            events.Add(1, ("loss", 0.5));
            events.Add(2, ("loss", 0.25));
        }
        return File.ReadAllBytes(Directory.GetFiles(folder.Path)[0]);
    }

    private static byte[][] KerasConfigs() => OfKerasModels(_ => true, file => Encoding.UTF8.GetBytes(file.Metadata[KerasFile.ModelConfig]));

    // Nearly all of a real model is weights, of which the reader looks only at the names: one value of each leaves what can mislead it.
    private static byte[][] SmallKerasFiles() => OfKerasModels(file => file.Layers.Count > 0, file =>
    {
        var root = new Hdf5Group();
        foreach ((string key, string text) in file.Metadata)
            root.Say(key, text);
        root.Say("class_names", ["A", "B", "C"]);
        Hdf5Group weights = root.Group("model_weights");
        weights.Say("layer_names", [.. file.Layers.Select(l => l.Layer)]);
        foreach ((string layer, IReadOnlyList<string> names) in file.Layers.Where(l => l.Weights.Count > 0))
        {
            weights.Group(layer).Say("weight_names", names);
            foreach (string name in names)
                weights.Group(layer).Add(name, [1], new float[1]);
        }
        foreach ((string layer, _) in file.Layers)
            weights.Group(layer);
        return Written(root);
    });

    private static byte[][] SmallKerasArchives() => OfKerasModels(file => file.Layers.Count == 0, file =>
    {
        var root = new Hdf5Group();
        foreach (TensorEntry entry in file.Entries)
            root.Add(entry.Name, [1], new float[1]);
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in ((string, byte[])[])
                [("metadata.json", Encoding.UTF8.GetBytes($$"""{"keras_version": "{{file.Metadata["keras_version"]}}"}""")), ("config.json", Encoding.UTF8.GetBytes(file.Metadata[KerasFile.ModelConfig])), ("model.weights.h5", Written(root))])
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    });

    private static byte[] Written(Hdf5Group root)
    {
        using var stream = new MemoryStream();
        Hdf5Writer.Write(stream, root);
        return stream.ToArray();
    }

    private static byte[][] OfKerasModels(Func<KerasFile, bool> are, Func<KerasFile, byte[]> make)
    {
        var made = new List<byte[]>();
        foreach (string path in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Models", "Fixtures")).Where(f => Path.GetExtension(f) is ".h5" or ".hdf5" or ".keras").Order(StringComparer.Ordinal))
        {
            using var file = (KerasFile)TensorFile.Open(path);
            if (are(file))
                made.Add(make(file));
        }
        return [.. made];
    }

    private static byte[] Pickle() => PickleWriter.Write([("a", [2, 1], new float[2]), ("b", [1], new float[1])]);

    private static void ReadNpy(string path)
    {
        using FileStream stream = File.OpenRead(path);
        NpyFile.ReadSingle(stream, path);
        NpyFile.ReadBytes(stream, path);
        stream.Position = 0;
        NpyFile.Skip(stream, path);
        stream.Position = 0;
        NpyFile.ReadPart(stream, path, 0);
    }

    private static void ReadTensors(string path)
    {
        using TensorFile file = TensorFile.Open(path);
        foreach (TensorEntry entry in file.Entries)
            file.ReadSingle(entry.Name);
    }

    private static void ReadKeras(string path)
    {
        using TensorFile file = TensorFile.Open(path);
        if (KerasModel.Is(file))
            _ = KerasModel.Read((KerasFile)file).ClassNames;
    }

    private static void ReadPickle(byte[] bytes)
    {
        var pickle = new TensorUnpickler(new MemoryStream(bytes), "x.pkl");
        StateDict.Find(pickle.Load(), null, what => new InvalidDataException(what));
    }

    private static void ReadClassifier(string path)
    {
        ClassifierFile.Open(path, new ClassifierHints());
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Checkpoint.ReadInfo(file);
    }

    private static void ReadState(string path)
    {
        ITrainableNetwork model = BrightnessClassifier.Create(1, 20).Network;
        RunState.Load(path, "run", model, model.Train(new OptimizerSpec(OptimizerKind.Adam, 0.001), new LossSpec()));
    }

    private static void ReadProbe(string path) => VideoProbe.Describe("video.mp4", Answer(path), null, CancellationToken.None);

    private static void ReadCutProbe(string path)
    {
        // Any kind of video: what the cut makes of an answer does not depend on what the first one said.
        JsonElement answer = Answer(path);
        foreach (VideoInfo video in Known.Value)
            CutSource.Describe(video, answer);
    }

    // What ffprobe would have answered.
    private static JsonElement Answer(string path)
    {
        try
        {
            using JsonDocument json = JsonText.Parse(File.ReadAllText(path));
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InputException("no JSON", e);
        }
    }
}
