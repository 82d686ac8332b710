using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Optimizers;

namespace VideoLstm.Core.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Best">The epoch with the lowest validation loss.</param>
/// <param name="Checkpoint">Where its weights are.</param>
/// <param name="Confusion">The test clips as it sees them.</param>
/// <param name="Epochs">Epochs run.</param>
/// <param name="StoppedEarly">Whether patience ran out before the epochs did.</param>
/// <param name="Log">Where the table of epochs is.</param>
public sealed record TrainingResult(EpochResult Best, string Checkpoint, ConfusionTable Confusion, int Epochs, bool StoppedEarly, string Log);

/// <summary>
/// Trains the classifier on stored sequences: full epochs in random order, the last batch as small as it is; the test clips
/// judge each epoch; a checkpoint at each improvement; early stopping.
/// </summary>
public sealed class Trainer
{
    private readonly SequenceStore _store;
    private readonly DataFolder _data;
    private readonly IReadOnlyList<string> _classes;
    private readonly Clip[] _train;
    private readonly Clip[] _test;
    private readonly TrainingOptions _options;
    private readonly int _sampleSize;
    private readonly float[] _batch;

    /// <summary>Sets up a run.</summary>
    /// <param name="data">Where checkpoints and the log go.</param>
    /// <param name="store">Where the sequences are.</param>
    /// <param name="classes">Class names, in the order of the classifier's outputs.</param>
    /// <param name="clips">Clips of those classes whose sequences are stored.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="InputException">A class has no clip to learn from, or there is no test clip.</exception>
    public Trainer(DataFolder data, SequenceStore store, IReadOnlyList<string> classes, IReadOnlyList<Clip> clips, TrainingOptions options)
    {
        _data = data;
        _store = store;
        _classes = classes;
        _options = options;
        _train = [.. clips.Where(c => c.Set == ClipSet.Train)];
        _test = [.. clips.Where(c => c.Set == ClipSet.Test)];
        if (classes.Count < 2)
            throw new InputException($"{data.Root}: class_limit is {classes.Count}, a classifier tells at least 2 classes apart; give 2 or more");
        foreach (string name in classes)
        {
            if (!_train.Any(c => c.Class == name))
                throw new InputException($"{data.ClassFolder(ClipSet.Train, name)}: no usable clip of class {name} to train on; add some, or leave the class out by a smaller class_limit");
        }
        if (_test.Length == 0)
            throw new InputException($"{Path.Combine(data.Root, "test")}: no usable test clip; move some clips of each class there, training needs them to know when to stop");
        _sampleSize = checked(store.Spec.Length * InceptionV3.Features);
        _batch = new float[checked(Math.Min(options.BatchSize, Math.Max(_train.Length, _test.Length)) * _sampleSize)];
    }

    /// <summary>Runs until patience or epochs run out.</summary>
    /// <param name="weights">The network that the sequences come from.</param>
    /// <param name="onEpoch">Told of each epoch and of the checkpoint written after it, if any.</param>
    /// <param name="progress">Told of each clip within an epoch.</param>
    /// <param name="ct">Stops the run; checkpoints stay.</param>
    /// <exception cref="InputException">The loss is no number any more, or a sequence cannot be read.</exception>
    public TrainingResult Run(
        InceptionWeights weights, Action<EpochResult, string?>? onEpoch = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var random = new RandomSource((ulong)_options.Seed);
        var model = new LstmClassifier(_store.Spec.Length, InceptionV3.Features, _classes.Count);
        model.Initialize(random);
        var optimizer = new Adam(_options.LearningRate);
        var log = new TrainingLog(LogPath());

        EpochResult best = new(0, 0, 0, double.PositiveInfinity, 0);
        string bestCheckpoint = "";
        ConfusionTable bestConfusion = new(_classes);
        int epoch = 0;
        while (epoch < _options.Epochs && epoch - best.Epoch < _options.Patience)
        {
            epoch++;
            (double loss, double accuracy) = TrainEpoch(model, optimizer, random, progress, ct);
            (double validationLoss, ConfusionTable confusion) = Evaluate(model, progress, ct);
            if (!double.IsFinite(loss) || !double.IsFinite(validationLoss))
                throw new InputException($"epoch {epoch}: the loss is no number any more; train again with a smaller --learning-rate (now {_options.LearningRate})");

            var result = new EpochResult(epoch, loss, accuracy, validationLoss, confusion.Accuracy);
            string? checkpoint = null;
            if (validationLoss < best.ValidationLoss)
            {
                best = result;
                bestConfusion = confusion;
                checkpoint = bestCheckpoint = CheckpointPath(result);
                Checkpoint.Save(checkpoint, model, Describe(weights, result));
            }
            log.Add(result);
            onEpoch?.Invoke(result, checkpoint);
        }
        return new TrainingResult(best, bestCheckpoint, bestConfusion, epoch, epoch < _options.Epochs, LogPath());
    }

    private (double Loss, double Accuracy) TrainEpoch(
        LstmClassifier model, Adam optimizer, RandomSource random, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        Clip[] clips = [.. _train];
        random.Shuffle(clips.AsSpan());
        double loss = 0;
        int right = 0, done = 0;
        foreach (Clip[] batch in clips.Chunk(_options.BatchSize))
        {
            ct.ThrowIfCancellationRequested();
            ReadBatch(batch);
            int[] labels = [.. batch.Select(ClassIndex)];
            loss += batch.Length * (double)model.TrainBatch(_batch.AsSpan(0, batch.Length * _sampleSize), labels, random, optimizer, out int correct);
            right += correct;
            progress?.Report(new WorkProgress(done += batch.Length, _train.Length + _test.Length));
        }
        return (loss / clips.Length, (double)right / clips.Length);
    }

    private (double Loss, ConfusionTable Confusion) Evaluate(LstmClassifier model, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var confusion = new ConfusionTable(_classes);
        var probabilities = new float[_options.BatchSize * _classes.Count];
        double loss = 0;
        int done = 0;
        foreach (Clip[] batch in _test.Chunk(_options.BatchSize))
        {
            ct.ThrowIfCancellationRequested();
            ReadBatch(batch);
            model.Predict(_batch.AsSpan(0, batch.Length * _sampleSize), batch.Length, probabilities.AsSpan(0, batch.Length * _classes.Count));
            int[] labels = [.. batch.Select(ClassIndex)];
            Span<float> answers = probabilities.AsSpan(0, batch.Length * _classes.Count);
            loss += batch.Length * (double)model.Loss(answers, labels, out _);
            for (int i = 0; i < batch.Length; i++)
                confusion.Add(labels[i], System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(answers.Slice(i * _classes.Count, _classes.Count)));
            progress?.Report(new WorkProgress(_train.Length + (done += batch.Length), _train.Length + _test.Length));
        }
        return (loss / _test.Length, confusion);
    }

    private void ReadBatch(Clip[] clips)
    {
        for (int i = 0; i < clips.Length; i++)
            _store.Read(clips[i], _batch.AsSpan(i * _sampleSize, _sampleSize));
    }

    private int ClassIndex(Clip clip)
    {
        for (int i = 0; i < _classes.Count; i++)
        {
            if (_classes[i] == clip.Class)
                return i;
        }
        throw new ArgumentException($"{clip.Label} is of none of the classes", nameof(clip));
    }

    private CheckpointInfo Describe(InceptionWeights weights, EpochResult epoch) => new()
    {
        Classes = _classes,
        Sequences = _store.Spec,
        ClipFrames = _train.Select(c => c.Frames).Order().ElementAt(_train.Length / 2),
        WeightsName = Path.GetFileName(weights.Source),
        Dialect = weights.Dialect,
        Epoch = epoch.Epoch,
        ValidationLoss = epoch.ValidationLoss,
        ValidationAccuracy = epoch.ValidationAccuracy,
    };

    private string CheckpointPath(EpochResult epoch) =>
        Path.Combine(_data.Checkpoints, string.Create(CultureInfo.InvariantCulture, $"lstm-features.{epoch.Epoch:000}-{epoch.ValidationLoss:0.000}.bin"));

    // Named after all that the run depends on: the same run again writes the same file, another one never overwrites it.
    private string LogPath()
    {
        byte[] run = JsonSerializer.SerializeToUtf8Bytes(new { _options, _store.Spec, _classes, Train = _train.Select(c => c.Label), Test = _test.Select(c => c.Label) });
        string digest = Convert.ToHexStringLower(SHA256.HashData(run))[..8];
        return Path.Combine(_data.Logs, $"lstm-training-{_store.Spec.Length}-{_classes.Count}-{_store.Spec.Height}x{_store.Spec.Width}-{digest}.csv");
    }
}
