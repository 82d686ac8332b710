using VideoLstm.Core.Video;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Datasets;

/// <summary>What became of the clips.</summary>
/// <param name="Clips">Every usable clip, as in data_file.csv.</param>
/// <param name="Extracted">How many of them were worked on this time.</param>
/// <param name="AlreadyDone">How many were found done.</param>
/// <param name="Failures">One line for each clip or class that could not be used.</param>
/// <param name="Remarks">One line for each thing that a user should know and that is no failure.</param>
public sealed record FrameExtractionResult(
    IReadOnlyList<Clip> Clips, int Extracted, int AlreadyDone, IReadOnlyList<string> Failures, IReadOnlyList<string> Remarks);

/// <summary>From clips to frames as JPEG beside them, and to data_file.csv.</summary>
public sealed class FrameExtraction
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly DataFolder _data;
    private readonly ClipLayout _layout;
    private readonly bool _pictures;
    private readonly Dictionary<ClipKey, Clip> _known = [];
    private readonly List<string> _remarks = [];
    private readonly List<string> _failures = [];

    private FrameExtraction(DataFolder data, ClipLayout layout, bool pictures)
    {
        _data = data;
        _layout = layout;
        _pictures = pictures;
        if (!File.Exists(data.DataFile))
            return;
        try
        {
            foreach (Clip clip in DataFile.Read(data.DataFile))
                _known[clip.Key] = clip;
        }
        catch (InputException e)
        {
            _remarks.Add($"{e.Message.Split(';')[0]}; the file is written anew");
        }
    }

    /// <summary>
    /// Extracts the frames of every clip with the extension and writes data_file.csv. Clips that are done are left alone;
    /// one that fails does not stop the others. Rows of clips with other extensions stay, unless lists say what there is.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="extension">Extension of the clips, without the dot.</param>
    /// <param name="pictures">Whether frames are written; if not, they are only counted.</param>
    /// <param name="layout">How the clips lie and are divided; null for <see cref="ClipLayout.Divided"/>.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="ct">Stops the work; what is done stays done.</param>
    /// <exception cref="InputException">The folder does not look like a data folder, or no clip has the extension.</exception>
    public static FrameExtractionResult Run(
        DataFolder data, string extension, bool pictures, ClipLayout? layout = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(extension);
        return new FrameExtraction(data, layout ?? ClipLayout.Divided, pictures).Run(extension.TrimStart('.'), progress, ct);
    }

    private FrameExtractionResult Run(string extension, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        List<ClipFile> files = _layout.Find(_data, extension, _failures);
        FollowMoves(files);
        _data.RememberFolders(files, _layout.IsComplete);
        var counted = new Clip?[files.Count];
        int done = 0, extracted = 0;
        DateTime saved = DateTime.UtcNow;

        progress?.Report(new WorkProgress(0, files.Count));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Workers.Count, CancellationToken = ct };
        try
        {
            Parallel.For(0, files.Count, options, i =>
            {
                (long frames, bool fresh, string? failure) = Process(files[i], ct);
                lock (_known)
                {
                    if (failure is not null)
                        _failures.Add(failure);
                    else if (frames > 0)
                        counted[i] = new Clip(files[i].Set, files[i].Class, files[i].Name, frames);
                    extracted += fresh ? 1 : 0;
                    progress?.Report(new WorkProgress(++done, files.Count));

                    // Saved on the way, so that a killed run knows its finished clips the next time.
                    if (DateTime.UtcNow - saved < SaveInterval)
                        return;
                    Save(files, extension, counted, finished: false);
                    saved = DateTime.UtcNow;
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        IReadOnlyList<Clip> clips = Save(files, extension, counted, finished: true);
        int usable = counted.Count(c => c is not null);
        return new FrameExtractionResult(clips, extracted, usable - extracted, [.. _failures.Order(StringComparer.Ordinal)], _remarks);
    }

    // A clip that is on the other side now has the frames that it had.
    private void FollowMoves(List<ClipFile> files)
    {
        var mine = files.Select(f => f.Key).ToHashSet();
        foreach (ClipFile file in files.Where(f => !_known.ContainsKey(f.Key)))
        {
            ClipKey other = file.Key with { Set = file.Set == ClipSet.Train ? ClipSet.Test : ClipSet.Train };
            if (!mine.Contains(other) && _known.TryGetValue(other, out Clip? row) && _data.FindClip(row) is { } path && DataFolder.PathEquals(path, file.Path))
            {
                _known.Remove(other);
                _known[file.Key] = row with { Set = file.Set };
            }
        }
    }

    private (long Frames, bool Fresh, string? Failure) Process(ClipFile file, CancellationToken ct)
    {
        try
        {
            string folder = Path.GetDirectoryName(file.Path)!;
            if (IsDone(file, folder, ct) is { } frames)
                return (frames, false, null);
            frames = _pictures ? FramePictures.Extract(file.Path, folder, file.Name, Remark, ct) : VideoProbe.CountFrames(file.Path, Remark, ct);
            if (VideoProbe.Read(file.Path, ct).Remark is { } several)
                Remark(several);
            return (frames, true, null);
        }
        catch (LeftOutException e)
        {
            Remark(e.Message);
            return (0, false, null);
        }
        catch (InputException e)
        {
            return (0, false, e.Message);
        }
    }

    private void Remark(string line)
    {
        lock (_remarks)
            _remarks.Add(line);
    }

    // Number of frames of a clip that is done, else null. The row alone proves nothing: it may count the frames of a
    // half-extracted clip, as the Python scripts do. So it must agree with the clip as well.
    private long? IsDone(ClipFile file, string folder, CancellationToken ct)
    {
        // What was done may be of another stream.
        if (!_known.TryGetValue(file.Key, out Clip? row) || VideoProbe.Stream is not null)
            return null;
        if (_pictures && !FramePictures.IsDone(file.Path, folder, file.Name, row.Frames))
            return null;
        bool agrees = VideoProbe.Read(file.Path, ct).FrameCount == row.Frames || VideoProbe.CountFrames(file.Path, ct: ct) == row.Frames;
        return agrees ? row.Frames : null;
    }

    // Until all is finished, the old rows of clips that were not reached yet stay.
    private List<Clip> Save(List<ClipFile> files, string extension, Clip?[] counted, bool finished)
    {
        var rows = counted.OfType<Clip>().ToDictionary(c => c.Key);
        var mine = files.Select(f => f.Key).ToHashSet();
        foreach ((ClipKey key, Clip clip) in _known)
        {
            bool stays = mine.Contains(key) ? !finished : !_layout.IsComplete && _data.FindClip(clip) is { } path && !DataFolder.HasExtension(path, extension);
            if (stays)
                rows.TryAdd(key, clip);
        }
        List<Clip> ordered = [.. rows.Values.OrderBy(c => c.Set).ThenBy(c => c.Class, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];
        DataFile.Write(_data.DataFile, ordered);
        return ordered;
    }
}
