using System.Reflection;
using System.Text;
using System.Text.Json;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Formats.TensorBoard;
using VideoLstm.Core.Models;
using VideoLstm.Core.Tests.Classification;
using VideoLstm.Core.Timelines;
using VideoLstm.Core.Training;
using VideoLstm.Core.Video;
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
    ];

    private static readonly Lazy<VideoInfo> Known = new(() => Describe<VideoInfo>(typeof(VideoProbe), "video.mp4", Probed[0]));

    /// <summary>All readers by name.</summary>
    public static IReadOnlyDictionary<string, FuzzedReader> All { get; } = new Dictionary<string, FuzzedReader>(StringComparer.Ordinal)
    {
        ["npy"] = new("x.npy", () => Fixtures("Formats/Npy", "*.npy"), ReadNpy, "'descr'", "'shape'", "'fortran_order'", "(2, 3)", "'<f4'", "'|O'", "True", "{", "}"),
        ["safetensors"] = new("x.safetensors", () => [Safetensors()], ReadTensors, JsonWords("dtype", "shape", "data_offsets", "__metadata__", "F32", "I64")),
        ["hdf5"] = new("x.h5", () => Fixtures("Formats/Hdf5", "keras.h5", "keras_latest.h5"), ReadTensors, "TREE", "SNOD", "HEAP", "OHDR", "FRHP", "GCOL", "layer_names"),
        ["keras-h5"] = new("x.h5", () => Fixtures("Models", "keras3_any_length.h5", "keras2_lstm.hdf5"), ReadKeras, "TREE", "SNOD", "model_config"),
        ["keras-archive"] = new("x.keras", () => Fixtures("Models", "keras3_hard_sigmoid.keras"), ReadKeras, "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "config.json"),
        ["keras-config"] = new("config.json", KerasConfigs, path => KerasTopology.Read(path, File.ReadAllText(path)), JsonWords("class_name", "config", "layers", "inbound_nodes", "output_layers", "units")),
        ["pytorch-zip"] = new("x.pth", () => Fixtures("Formats/PyTorch", "zip*.pth", "nested.pth", "checkpoint.pth"), ReadTensors, "PK\u0001\u0002", "PK\u0005\u0006", "data.pkl", "byteorder"),
        ["pytorch-old"] = new("x.pth", () => Fixtures("Formats/PyTorch", "old*.pth", "checkpoint_old.pth"), ReadTensors, PickleWords),
        ["pickle"] = new("x.pkl", () => [Pickle()], path => ReadPickle(File.ReadAllBytes(path)), PickleWords),
        ["classifier"] = new("x.bin", () => [Classifier()], ReadClassifier, JsonWords("classes", "recipe", "sequence_length", "model_options", "layers")),
        ["inception"] = new("x.safetensors", () => [Safetensors(), .. Fixtures("Formats/PyTorch", "zip.pth")], path => InceptionWeights.Load(path), "Conv2d_1a_3x3.conv.weight"),
        ["mobilenet"] = new("x.safetensors", () => [Safetensors()], path => MobileNetWeights.Open(path), JsonWords("conv1/kernel", "F32")),
        ["run-state"] = new("x.state", () => [State()], ReadState, JsonWords("Epochs", "LearningRate", "Steps", "PlateauBest", "PlateauWait")),
        ["events"] = new("events.out.tfevents.1.x", () => [Events()], path => EventFile.Resume(path, 2).Dispose()),
        ["probe"] = new("probe.json", () => [.. Probed.Select(Encoding.UTF8.GetBytes)], path => Describe<VideoInfo>(typeof(VideoProbe), "video.mp4", File.ReadAllText(path)), JsonWords("streams", "format", "disposition", "rotation", "nb_frames")),
        ["probe-cut"] = new("probe.json", () => [.. Probed.Select(Encoding.UTF8.GetBytes)], path => Describe<CutSource>(typeof(CutSource), Known.Value, File.ReadAllText(path)), JsonWords("streams", "side_data_list", "displaymatrix", "extradata")),
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
    };

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

    private static byte[] Classifier()
    {
        using var folder = new TemporaryFolder();
        (Numerics.Layers.Network model, CheckpointInfo info) = BrightnessClassifier.Create(2, 20);
        Checkpoint.Save(folder.File("x.bin"), model, info);
        return File.ReadAllBytes(folder.File("x.bin"));
    }

    private static byte[] State()
    {
        using var folder = new TemporaryFolder();
        (Numerics.Layers.Network model, _) = BrightnessClassifier.Create(1, 20);
        new RunState { Epochs = [new EpochResult(1, 1, 0.5, 1, 0.5)], LearningRate = 0.001, Steps = 12 }.Save(folder.File("x.state"), "run", model, new Adam());
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

    private static byte[][] KerasConfigs() => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Models", "Fixtures")).Where(f => Path.GetExtension(f) is ".h5" or ".hdf5" or ".keras").Order(StringComparer.Ordinal).Select(f =>
    {
        using TensorFile file = TensorFile.Open(f);
        return Encoding.UTF8.GetBytes(file.Metadata[KerasFile.ModelConfig]);
    })];

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
        (Numerics.Layers.Network model, _) = BrightnessClassifier.Create(1, 20);
        RunState.Load(path, "run", model, new Adam());
    }

    // What is made of ffprobe's answer, without starting it.
    private static T Describe<T>(Type reader, object first, string answer)
    {
        JsonDocument json;
        try
        {
            json = JsonText.Parse(answer);
        }
        catch (JsonException e)
        {
            throw new InputException("no JSON", e);
        }
        using (json)
        {
            MethodInfo describe = reader.GetMethod("Describe", BindingFlags.NonPublic | BindingFlags.Static)!;
            object?[] arguments = [.. ((object?[])[first, json.RootElement, null, CancellationToken.None])[..describe.GetParameters().Length]];
            return (T)describe.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        }
    }
}
