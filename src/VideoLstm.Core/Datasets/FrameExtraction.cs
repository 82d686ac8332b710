using System.Diagnostics;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Datasets;

/// <summary>From clips to frames as JPEG beside them, and to data_file.csv.</summary>
public sealed class FrameExtraction
{
    /// <summary>What it is called in reports of shards.</summary>
    public const string Verb = "extract-files";

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly DataFolder _data;
    private readonly ClipLayout _layout;
    private readonly bool _pictures;
    private readonly ShardWork? _work;
    private readonly Dictionary<ClipKey, Clip> _known = [];
    private readonly Dictionary<ClipKey, ClipRecord> _records = [];
    private readonly PictureListing _listing = new();
    private readonly List<Finding> _remarks = [];
    private readonly List<Finding> _failures = [];

    // Known clips that could not be worked on for no fault of their own.
    private readonly HashSet<ClipKey> _kept = [];
    private IReadOnlyList<Clip> _saved = [];

    // The list as it was when it was read or written here.
    private FileStamp? _stamp;

    private FrameExtraction(DataFolder data, ClipLayout layout, bool pictures, ShardWork? work)
    {
        _data = data;
        _layout = layout;
        _pictures = pictures;
        _work = work;
        Read(data);
        try
        {
            foreach ((ClipKey key, ClipRecord record)
                in work is null ? ShardParts.ReadAllRecords(data) : ShardParts.ReadRecords(data, work.Shard))
                (_records[key], _known[key]) = (record, new Clip(key.Set, key.Class, key.Name, record.Frames));
        }
        catch (InputException e)
        {
            _remarks.Add($"{e.Message}; what it says is done again");
        }
    }

    private void Read(DataFolder data)
    {
        if (!File.Exists(data.DataFile))
            return;
        _stamp = FileStamp.Of(data.DataFile);
        try
        {
            _saved = DataFile.Read(data.DataFile);
            foreach (Clip clip in _saved)
                _known[clip.Key] = clip;
        }
        catch (InputException e)
        {
            _remarks.Add($"{e.Message}; the file is written anew");
        }
        try
        {
            foreach ((ClipKey key, ClipRecord record) in data.Records)
                _records[key] = record;
        }
        catch (InputException e)
        {
            // Only work is lost with it.
            _remarks.Add($"{e.Message}; the file is written anew");
            data.ForgetRecords();
        }
    }

    /// <summary>
    /// Extracts the frames of every clip with the extension and writes data_file.csv. Clips that are done are left alone, known by the size
    /// and time of their files; one that fails does not stop the others. Rows of clips with other extensions stay, unless lists say what
    /// there is; so do rows of clips that failed for no fault of theirs (a full disk), and without ffmpeg or with no clip left nothing is
    /// written.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="extension">Extension of the clips, without the dot.</param>
    /// <param name="pictures">Whether frames are written; if not, they are only counted.</param>
    /// <param name="layout">How the clips lie and are divided; null for <see cref="ClipLayout.Divided"/>.</param>
    /// <param name="work">The shard whose clips alone are extracted; they are listed in a part of data_file.csv, and the last shard to
    /// end joins all parts. Null: all clips.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="ct">Stops the work; what is done stays done.</param>
    /// <exception cref="InputException">The folder does not look like a data folder or cannot be written, no clip has the extension, there
    /// is no ffmpeg, or no room on the disk.</exception>
    public static FrameExtractionResult Run(
        DataFolder data, string extension, bool pictures, ClipLayout? layout = null, ShardWork? work = null,
            IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(extension);
        return new FrameExtraction(data, layout ?? ClipLayout.Divided, pictures, work).Run(extension.TrimStart('.'), progress, ct);
    }

    private FrameExtractionResult Run(string extension, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        List<ClipFile> all = _layout.Find(_data, extension, _failures, _remarks), files = all;
        FollowMoves(all);
        if (_work is not null)
        {
            files = [.. all.Where(f => _work.Shard.Holds(f.Key))];
            // What is to be said of all is said once.
            if (_work.Shard.Number > 1)
                Array.ForEach([_failures, _remarks], findings => findings.Clear());
            ShardParts.Reopen(_data, _work.Shard);
        }
        Sweep(files);
        var counted = new Clip?[files.Count];
        int done = 0, extracted = 0;
        progress?.Report(new WorkProgress(0, files.Count));
        ForEach(files.Count, i =>
        {
            counted[i] = Remembered(files[i]);
            if (counted[i] is not null)
                progress?.Report(new WorkProgress(Interlocked.Increment(ref done), files.Count));
        }, ct);

        int[] due = [.. Enumerable.Range(0, files.Count).Where(i => counted[i] is null)];
        if (due.Length > 0 || _work is not null)
            _data.RequireWritable();
        _work?.Found(files.Count, files.Count - due.Length);
        Finding? missing = _work is null ? ShardReports.Missing(_data, Verb, [.. due.Select(i => files[i].Key.Label)]) : null;
        var sinceSaved = Stopwatch.StartNew();
        TimeSpan nextSave = SaveInterval;
        ForEach(due.Length, n =>
        {
            ClipFile file = files[due[n]];
            (Clip? clip, ClipRecord? record, bool fresh) = Process(file, ct);
            lock (_known)
            {
                counted[due[n]] = clip;
                if (record is not null)
                    _records[file.Key] = record;
                extracted += fresh ? 1 : 0;
                progress?.Report(new WorkProgress(++done, files.Count));

                // Saved on the way, so that a killed run knows its finished clips the next time; a long list takes its time.
                if (sinceSaved.Elapsed < nextSave)
                    return;
                sinceSaved.Restart();
                if (_work is null)
                    Save(files, extension, counted, finished: false);
                else
                    SavePart(files, counted, finished: false);
                nextSave = SaveInterval + 10 * sinceSaved.Elapsed;
                sinceSaved.Restart();
            }
        }, ct);

        int usable = counted.Count(c => c is not null);
        IReadOnlyList<Clip> clips = _work is not null ? FinishShard(all, extension, files, counted)
            : usable > 0 ? Save(files, extension, counted, finished: true) : _saved;
        if (_work is null && usable > 0)
            ShardReports.Clear(_data, Verb, ShardParts.List, ShardParts.Records);
        if (missing is not null)
            _remarks.Add(missing);
        if (usable > 0 && ClassNames.OnOneSide(clips) is { } remark && _work is null)
            _remarks.Add(remark);
        if (_kept.Count > 0)
            _remarks.Add($"{_kept.Count} clips that failed for no fault of theirs stay in {_data.DataFile} as they were");
        return new FrameExtractionResult(clips, extracted, usable - extracted, [.. _failures.Order(Finding.Order)], _remarks);
    }

    // What killed runs left, also where there is nothing else to do.
    private void Sweep(List<ClipFile> files)
    {
        PartialFile.Sweep(_data.Work);
        PartialFile.Sweep(_data.Shards);
        if (_pictures)
        {
            foreach (string folder in files.Select(f => Path.GetDirectoryName(f.Path)!).Distinct(StringComparer.Ordinal))
                FramePictures.Sweep(_data.PictureFolder(folder));
        }
    }

    private List<Clip> FinishShard(List<ClipFile> all, string extension, List<ClipFile> files, Clip?[] counted)
    {
        List<Clip> own = SavePart(files, counted, finished: true);
        _work!.End();
        if (ShardParts.Join(_data, _work.Shard.Count) is not var (clips, records))
            return own;
        foreach ((ClipKey key, ClipRecord record) in records)
            _records[key] = record;
        Save(all, extension, [.. all.Select(f => clips.GetValueOrDefault(f.Key))], finished: true);
        _remarks.Add($"this was the last of {_work.Shard.Count} shards: {clips.Count} clips are listed in {_data.DataFile}");
        return own;
    }

    private List<Clip> SavePart(List<ClipFile> files, Clip?[] counted, bool finished)
    {
        var rows = counted.OfType<Clip>().ToDictionary(c => c.Key);
        foreach (ClipKey key in files.Select(f => f.Key).Where(k => !finished || _kept.Contains(k)))
        {
            if (_known.TryGetValue(key, out Clip? clip))
                rows.TryAdd(key, clip);
        }
        List<Clip> ordered = Ordered(rows.Values);
        try
        {
            ShardParts.Write(_data, _work!.Shard, ordered, _records, finished);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _data.Unwritable(e);
        }
        return ordered;
    }

    private static List<Clip> Ordered(IEnumerable<Clip> clips) =>
        [.. clips.OrderBy(c => c.Set).ThenBy(c => c.Class, ClassNames.Order).ThenBy(c => c.Name, StringComparer.Ordinal)];

    private static void ForEach(int count, Action<int> action, CancellationToken ct)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Workers.Count, CancellationToken = ct }, action);
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    // A clip that is on the other side now has the frames that it had.
    private void FollowMoves(List<ClipFile> files)
    {
        var mine = files.Select(f => f.Key).ToHashSet();
        foreach (ClipFile file in files.Where(f => !_known.ContainsKey(f.Key)))
        {
            ClipKey other = file.Key with { Set = file.Set == ClipSet.Train ? ClipSet.Test : ClipSet.Train };
            if (mine.Contains(other) || !_known.TryGetValue(other, out Clip? row) || Where(row) is not { } path
                || !DataFolder.PathEquals(path, file.Path))
                continue;
            _known.Remove(other);
            _known[file.Key] = row with { Set = file.Set };
            if (_records.Remove(other, out ClipRecord? record))
                _records[file.Key] = record;
        }
    }

    // The file of a clip of the list; null if there is none, or no telling which.
    private string? Where(Clip clip)
    {
        try
        {
            return _data.Locate(clip);
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            return null;
        }
    }

    // A clip whose file is what it was when all was done that is asked for; else null.
    private Clip? Remembered(ClipFile file)
    {
        // What was done may be of a damaged video that is to be left out now.
        if (VideoDamage.Policy is DamagePolicy.Skip or DamagePolicy.Fail)
            return null;
        if (!_known.TryGetValue(file.Key, out Clip? row) || !_records.TryGetValue(file.Key, out ClipRecord? record)
            || row.Frames != record.Frames || row.Frames < 1 || record.Path != _data.Relative(file.Path))
            return null;
        try
        {
            bool isDone = record.Stream == VideoProbe.Stream && record.Stamp == FileStamp.Of(file.Path) && record.Digest.Length > 0
                && (!_pictures || (record.HasPictures && record.PictureDigest.Length > 0
                    && _listing.IsComplete(_data.PictureFolder(Path.GetDirectoryName(file.Path)!), file.Name, row.Frames)));
            return isDone ? row : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private (Clip? Clip, ClipRecord? Record, bool Fresh) Process(ClipFile file, CancellationToken ct)
    {
        try
        {
            // Looked at before: if the file changes meanwhile, the next run sees it.
            FileStamp stamp = FileStamp.Of(file.Path);
            string folder = _data.PictureFolder(Path.GetDirectoryName(file.Path)!);
            long? known = FindDone(file, folder, ct);
            long frames = known
                ?? (_pictures
                    ? FramePictures.Extract(file.Path, folder, file.Name, Remark, ct)
                    : VideoProbe.CountFrames(file.Path, Remark, ct));
            if (known is null && VideoProbe.Read(file.Path, ct).Remark is { } several)
                Remark(several);
            var listed = new ClipRecord(_data.Relative(file.Path), stamp, frames, _pictures, VideoProbe.Stream);
            ClipRecord record = Digested(listed, file, folder);
            _work?.Done();
            return (new Clip(file.Set, file.Class, file.Name, frames), record, known is null);
        }
        catch (LeftOutException e)
        {
            Remark(e.Finding);
            _work?.Failed(file.Key.Label, e.Finding);
            return default;
        }
        catch (Exception e) when (InputFailure.IsOfOne(e) && e is not StoreFullException)
        {
            lock (_known)
            {
                Finding failure = InputFailure.Of(file.Path, e);
                _failures.Add(failure);
                _work?.Failed(file.Key.Label, failure);
                if (InputFailure.IsOfMachine(e) && _known.ContainsKey(file.Key))
                    _kept.Add(file.Key);
            }
            return default;
        }
    }

    // By what is in them later verbs know their files, and read them once.
    private ClipRecord Digested(ClipRecord record, ClipFile file, string folder)
    {
        string digest = ContentDigest.Of([file.Path]);
        if (FileStamp.Of(file.Path) != record.Stamp)
            return record;
        record = record with { Digest = digest };
        if (!_pictures)
            return record;
        IReadOnlyList<string> pictures = FramePictures.Find(folder, file.Name);
        return pictures.Count != record.Frames ? record : record with
        {
            PictureDigest = ContentDigest.Of(pictures), PictureBytes = pictures.Sum(p => new FileInfo(p).Length),
        };
    }

    private void Remark(Finding line)
    {
        lock (_remarks)
            _remarks.Add(line);
    }

    // Number of frames of a clip that is done though nothing is remembered of it, else null. The row alone proves nothing: it may count the
    // frames of a half-extracted clip, as the Python scripts do. So it must agree with the clip as well.
    private long? FindDone(ClipFile file, string folder, CancellationToken ct)
    {
        // Lists of others are of the stream that is taken where none is chosen.
        if (!_known.TryGetValue(file.Key, out Clip? row) || _records.GetValueOrDefault(file.Key)?.Stream != VideoProbe.Stream)
            return null;
        if (_pictures && !FramePictures.IsDone(file.Path, folder, file.Name, row.Frames))
            return null;
        bool agrees = VideoProbe.Read(file.Path, ct).FrameCount == row.Frames || VideoProbe.CountFrames(file.Path, ct: ct) == row.Frames;
        return agrees ? row.Frames : null;
    }

    // Another run at the same folder has written the list: what it has done stays.
    private void Adopt()
    {
        if (!File.Exists(_data.DataFile) || FileStamp.Of(_data.DataFile) is var stamp && stamp == _stamp)
            return;
        try
        {
            foreach (Clip clip in DataFile.Read(_data.DataFile))
                _known.TryAdd(clip.Key, clip);
            foreach ((ClipKey key, ClipRecord record) in ClipFilesFile.Read(_data.ClipFiles))
                _records.TryAdd(key, record);
        }
        catch (InputException)
        {
            // Then there is nothing to keep.
        }
    }

    // Until all is finished, the old rows of clips that were not reached yet stay.
    private List<Clip> Save(List<ClipFile> files, string extension, Clip?[] counted, bool finished)
    {
        if (!finished)
            Adopt();
        var rows = counted.OfType<Clip>().ToDictionary(c => c.Key);
        var mine = files.Select(f => f.Key).ToHashSet();
        foreach ((ClipKey key, Clip clip) in _known)
        {
            bool stays = mine.Contains(key)
                ? !finished || _kept.Contains(key)
                : !_layout.Wants(key.Class)
                    || (!_layout.IsComplete && Where(clip) is { } path && !DataFolder.HasExtension(path, extension));
            if (stays)
                rows.TryAdd(key, clip);
        }
        List<Clip> ordered = Ordered(rows.Values);
        Dictionary<ClipKey, ClipRecord> records = ordered.Where(c => _records.ContainsKey(c.Key))
            .ToDictionary(c => c.Key, c => _records[c.Key]);
        // What is there already needs no writing, which may not be possible.
        bool isThere = File.Exists(_data.DataFile) && _saved.SequenceEqual(ordered) && records.Count == _data.Records.Count
            && records.All(r => _data.Records.TryGetValue(r.Key, out ClipRecord? saved) && saved == r.Value);
        if (!isThere)
        {
            _data.WriteList(ordered, records);
            _stamp = FileStamp.Of(_data.DataFile);
        }
        _saved = ordered;
        return ordered;
    }
}
