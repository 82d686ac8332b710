using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.TensorBoard;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Training;

/// <summary>
/// What is written of a training run, for people and programs to watch it and look back at it:
/// <code>
/// logs/&lt;run&gt;/training.csv                          epoch, loss, acc, val_loss, val_acc, lr; of many classes top-k accuracies
/// logs/&lt;run&gt;/{train,validation}/events.out.tfevents.*   for TensorBoard, as Keras' callback lays them out; steps are epochs, from 1
/// logs/&lt;run&gt;/run.json                              options, versions, classes, clips, beginning and end
/// logs/&lt;run&gt;/report.html                           all of it as a page
/// </code>
/// All of them are whole at any moment and up to date after each epoch; the page a few seconds later where epochs are short.
/// </summary>
public sealed class RunRecorder : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        AllowDuplicateProperties = false,
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan PageInterval = TimeSpan.FromSeconds(2);

    private readonly DataFolder _data;
    private readonly TrainingRunInfo _info;
    private readonly TrainingLog _log;
    private readonly JsonObject _run;
    private readonly ReportWriter? _page;
    private readonly Action<Finding>? _failed;
    private EventFile? _train, _validation;
    private Stopwatch? _sincePage;
    private readonly bool _hasNoFolder;

    private RunRecorder(DataFolder data, TrainingRunInfo info, int resumedEpoch, ReportWriter? page, Action<Finding>? failed)
    {
        _data = data;
        _info = info;
        _page = page;
        _failed = failed;
        Folder = Path.Combine(data.Logs, info.Name);
        _hasNoFolder = !Try(() => Directory.CreateDirectory(Folder));
        if (resumedEpoch == 0)
            Try(DeleteOld);
        _run = Describe(resumedEpoch);
        _log = new TrainingLog(Table, resumedEpoch);
        Try(() => _train = OpenEvents("train", resumedEpoch));
        Try(() => _validation = OpenEvents("validation", resumedEpoch));
        Try(WriteDescription);
    }

    /// <summary>The folder with everything.</summary>
    public string Folder { get; }

    /// <summary>training.csv.</summary>
    public string Table => Path.Combine(Folder, "training.csv");

    /// <summary>report.html.</summary>
    public string Page => Path.Combine(Folder, "report.html");

    /// <summary>The epochs so far, those before a resumption too.</summary>
    public IReadOnlyList<EpochResult> Epochs => _log.Epochs;

    private string Description => Path.Combine(Folder, "run.json");

    /// <summary>Begins a run, or goes on with one.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="info">What the run is. One of the same name that was begun before is overwritten, unless it is resumed.</param>
    /// <param name="resumedEpoch">The epoch after which it goes on; what was written of later ones is dropped. 0: from the
    /// beginning.</param>
    /// <param name="page">Writes the page; null: there is none.</param>
    /// <param name="failed">Told of each file that cannot be written, once; the others go on. Null: the first such file ends the
    /// run.</param>
    /// <exception cref="InputException">It is resumed, and its training.csv or run.json cannot be read.</exception>
    public static RunRecorder Start(DataFolder data, TrainingRunInfo info, int resumedEpoch = 0, ReportWriter? page = null,
        Action<Finding>? failed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(info);
        ArgumentOutOfRangeException.ThrowIfNegative(resumedEpoch);
        if (Path.GetFileName(info.Name) != info.Name || info.Name is "" or "." or "..")
            throw new ArgumentException($"`{info.Name}` is no name of a folder", nameof(info));
        return new RunRecorder(data, info, resumedEpoch, page, failed);
    }

    /// <summary>Adds an epoch: everything but the page is written before this returns.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="learningRate">The optimizer's learning rate in it; of a rate that falls from step to step, the last.</param>
    public void Add(EpochResult epoch, double learningRate)
    {
        Try(() => _log.Add(epoch with { LearningRate = learningRate }));
        // Behind a torn record nothing would be read.
        if (!Try(() => _train?.Add(epoch.Epoch, [("epoch_loss", epoch.Loss), ("epoch_accuracy", epoch.Accuracy),
            ("epoch_learning_rate", learningRate), .. Top(epoch.TopAccuracy)])))
            _train = null;
        if (!Try(() => _validation?.Add(epoch.Epoch, [("epoch_loss", epoch.ValidationLoss), ("epoch_accuracy", epoch.ValidationAccuracy),
            .. Top(epoch.ValidationTopAccuracy)])))
            _validation = null;
        if (_sincePage is not null && _sincePage.Elapsed < PageInterval)
            return;
        Try(() => WritePage("still training, or interrupted", metrics: null, CancellationToken.None));
        _sincePage = Stopwatch.StartNew();

        static (string, double)[] Top(double? accuracy) => accuracy is { } share ? [("epoch_top_k_categorical_accuracy", share)] : [];
    }

    /// <summary>Ends a run: the page then also shows how the clips were classified.</summary>
    /// <param name="predictions">The test clips as the best epoch's weights see them.</param>
    /// <param name="checkpoint">Where those weights are.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>The measures of the predictions.</returns>
    public ClassificationMetrics Finish(IReadOnlyList<ClipPrediction> predictions, string checkpoint, CancellationToken ct = default)
    {
        var metrics = new ClassificationMetrics(_info.Classes, predictions);
        _run["ended"] = Now();
        _run["checkpoint"] = checkpoint;
        _run["epochs"] = Epochs.Count > 0 ? Epochs[^1].Epoch : 0;
        _run["result"] = new JsonObject { ["accuracy"] = metrics.Accuracy, ["macro_f1"] = metrics.MacroF1, ["loss"] = metrics.Loss,
            ["majority"] = metrics.Baselines.Majority, ["random"] = metrics.Baselines.Random };
        Try(() => WritePage($"the classifier is {checkpoint}", metrics, ct));
        Try(WriteDescription);
        return metrics;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _train?.Dispose();
        _validation?.Dispose();
    }

    // TensorBoard would draw the events of both runs as one.
    private void DeleteOld()
    {
        foreach (string set in (string[])["train", "validation"])
        {
            foreach (string file in EventFiles(set))
                File.Delete(file);
        }
        File.Delete(Table);
        File.Delete(Page);
        File.Delete(Description);
    }

    // What is written here tells of the training; it is no reason to end it.
    private bool Try(Action write)
    {
        // That is said, and each file would say it again.
        if (_hasNoFolder)
            return false;
        try
        {
            write();
            return true;
        }
        catch (Exception e) when (_failed is not null && InputFailure.IsOfOne(e))
        {
            _failed(InputFailure.Of(Folder, e).With("the training goes on"));
            return false;
        }
    }

    private string[] EventFiles(string set)
    {
        string folder = Path.Combine(Folder, set);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, EventFile.NamePrefix + "*").Order(StringComparer.Ordinal)]
            : [];
    }

    private EventFile OpenEvents(string set, int resumedEpoch) => EventFiles(set) is [.., var newest]
        ? EventFile.Resume(newest, resumedEpoch)
        : EventFile.Create(Path.Combine(Folder, set));

    private JsonObject Describe(int resumedEpoch)
    {
        JsonObject? before = resumedEpoch > 0 && File.Exists(Description) ? ReadDescription() : null;
        JsonArray resumed = before?["resumed"]?.DeepClone() as JsonArray ?? [];
        if (resumedEpoch > 0)
            resumed.Add((JsonNode)new JsonObject { ["epoch"] = resumedEpoch, ["at"] = Now() });
        return new JsonObject
        {
            ["name"] = _info.Name,
            ["started"] = before?["started"]?.DeepClone() ?? Now(),
            ["resumed"] = resumed,
            ["ended"] = null,
            ["classes"] = new JsonArray(
                [.. _info.Classes.Select(name => new JsonObject { ["name"] = name, ["train"] = Count(ClipSet.Train, name),
                ["test"] = Count(ClipSet.Test, name) })]),
            ["options"] = JsonSerializer.SerializeToNode(_info.Options, Json),
            ["versions"] = new JsonObject(Machine.Describe().Select(v => KeyValuePair.Create(v.Name, (JsonNode?)v.Value))),
        };
    }

    /// <summary>
    /// The newest run of the same kind whose options are the same but whose clips were others, in words; null if there is none.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="info">The run that is asked for.</param>
    /// <param name="kind">What the names of runs of its kind begin with.</param>
    internal static string? OfOtherClips(DataFolder data, TrainingRunInfo info, string kind)
    {
        if (!Directory.Exists(data.Logs))
            return null;
        string options = JsonSerializer.SerializeToNode(info.Options, Json)!.ToJsonString();
        foreach (FileInfo file in new DirectoryInfo(data.Logs).EnumerateDirectories(kind + "*")
            .Select(d => new FileInfo(Path.Combine(d.FullName, "run.json"))).Where(f => f.Exists)
            .OrderByDescending(f => f.LastWriteTimeUtc))
        {
            try
            {
                if (JsonText.Deserialize<JsonNode>(File.ReadAllBytes(file.FullName)) is JsonObject run
                    && run["options"]?.ToJsonString() == options)
                {
                    int Of(string set) => run["classes"] is JsonArray classes ? classes.Sum(c => (int?)c?[set] ?? 0) : 0;
                    return string.Create(CultureInfo.InvariantCulture,
                        $"{file.Directory!.Name} had the same options, but other clips: {Of("train")} to learn from and {Of("test")} to " +
                            $"be judged by, now {info.Clips.Count(c => c.Set == ClipSet.Train)} and " +
                            $"{info.Clips.Count(c => c.Set == ClipSet.Test)}");
                }
            }
            catch (Exception e) when (
                e is JsonException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
            {
                // It is only looked for to say more.
            }
        }
        return null;
    }

    private JsonObject ReadDescription()
    {
        try
        {
            return JsonText.Deserialize<JsonNode>(File.ReadAllBytes(Description), Json) as JsonObject
                ?? throw new JsonException("expected an object");
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{Description}: cannot be read ({e.Message.Split('\n')[0].TrimEnd('.')}); delete it, and the run is described anew", e);
        }
    }

    private int Count(ClipSet set, string className) => _info.Clips.Count(c => c.Set == set && c.Class == className);

    private void WriteDescription() => AtomicFile.WriteText(Description, _run.ToJsonString(Json) + "\n");

    private void WritePage(string state, ClassificationMetrics? metrics, CancellationToken ct) => _page?.Invoke(
        Page,
        new ReportContent
        {
            Title = $"Training run {_info.Name}",
            Summary = $"{Clips(ClipSet.Train)} clips to learn from, {Clips(ClipSet.Test)} to be judged by, {_info.Classes.Count} " +
                $"classes; begun {_run["started"]}; {state}",
            Epochs = Epochs,
            Metrics = metrics,
            Facts =
            [
                ("Options", [.. Flatten("", _run["options"])]),
                ("Versions", [.. Flatten("", _run["versions"])]),
                ("Clips, train and test", [.. _info.Classes.Select(c => (c, $"{Count(ClipSet.Train, c)} and {Count(ClipSet.Test, c)}"))]),
            ],
        },
        _data, ct);

    private int Clips(ClipSet set) => _info.Clips.Count(c => c.Set == set);

    private static IEnumerable<(string Name, string Value)> Flatten(string prefix, JsonNode? node) => node is JsonObject fields
        ? fields.SelectMany(f => Flatten(prefix.Length > 0 ? $"{prefix}.{f.Key}" : f.Key, f.Value))
        : [(prefix, node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString(Json) ?? "none")];

    private static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
