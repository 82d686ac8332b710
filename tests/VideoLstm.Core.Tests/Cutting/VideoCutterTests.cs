using System.Globalization;
using System.Runtime.InteropServices;
using VideoLstm.Core.Cutting;
using VideoLstm.Core.Media;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Cutting;

/// <summary>Each frame of the videos here tells its number, and at each full second there is a flash and a beep.</summary>
public sealed class VideoCutterTests : IDisposable
{
    private const int Bits = 10, BitWidth = 16, Height = 96;
    private const string ConstantRate = "", VariableRate = ",settb=1/1000,setpts='N*33+mod(N,3)*9+gt(N,50)*210'";
    private const double BeepSeconds = 0.12;

    private static readonly Stretch[] Kept = [new(0.31, 1.53), new(1.53, 1.72), new(2.4, 4.417), new(4.73, double.PositiveInfinity)];

    private readonly TemporaryFolder _folder = new();
    private readonly List<Finding> _remarks = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".mp4", ".mp4", ConstantRate, "aac", true)]
    [InlineData(".mp4", ".mkv", ConstantRate, "aac", true)]
    [InlineData(".mp4", ".ts", ConstantRate, "aac", true)]
    [InlineData(".mp4", ".mov", ConstantRate, "", true)]
    [InlineData(".mkv", ".mkv", ConstantRate, "pcm_s16le", true)]
    [InlineData(".mkv", ".mp4", VariableRate, "libopus", true)]
    [InlineData(".mkv", ".mkv", VariableRate, "", true)]
    [InlineData(".ts", ".ts", ConstantRate, "mp2", true)]
    [InlineData(".ts", ".mp4", ConstantRate, "aac", true)]
    [InlineData(".mp4", ".avi", ConstantRate, "aac", false)]
    [InlineData(".mp4", ".webm", ConstantRate, "aac", false)]
    [InlineData(".webm", ".webm", ConstantRate, "libopus", false)]
    [InlineData(".webm", ".mp4", VariableRate, "libvorbis", false)]
    [InlineData(".avi", ".avi", ConstantRate, "libmp3lame", false)]
    [InlineData(".avi", ".mp4", ConstantRate, "", false)]
    [InlineData(".mpg", ".mkv", ConstantRate, "mp2", false)]
    public void Exact_cuts_keep_the_frames_of_the_stretches_and_the_sound_in_step(string from, string to, string retime, string audio, bool isSpliced)
    {
        string source = Make(from, retime, audio), output = _folder.File("out" + to);
        List<(int Number, double Seconds, bool Flash)> frames = Read(source);
        (List<int> expected, List<double> times) = Expect(frames, Kept);

        CutResult result = Assert.Single(VideoCutter.Cut(source, [new CutOutput(output, Kept)], exactly: true, _remarks.Add));

        Assert.Empty(_remarks);
        Assert.True(result.How.StartsWith("all frames re-encoded", StringComparison.Ordinal) != isSpliced, result.How);
        List<(int Number, double Seconds, bool Flash)> written = Read(output);
        Assert.Equal(expected, written.Select(f => f.Number));
        Assert.Equal(expected.Count, result.Frames);
        Assert.Equal(3, result.Stretches);
        double tolerance = to == ".avi" ? 0.0201 : 0.00201;
        for (int i = 0; i < times.Count; i++)
            Assert.Equal(times[i], written[i].Seconds - written[0].Seconds, tolerance);
        Assert.Equal(expected.Count, VideoProbe.CountFrames(output));
        if (isSpliced && to is ".mp4" or ".mov")
            Assert.Equal(result.Seconds, VideoProbe.Read(output).DurationSeconds!.Value, 0.0021);
        Assert.Equal(audio.Length > 0, VideoProbe.Read(output).HasAudio);
        if (audio.Length > 0)
            CheckStep(output, result.Seconds);
        Assert.False(File.Exists(output + ".partial"));
    }

    [Theory]
    [InlineData(".mp4", ConstantRate, "aac")]
    [InlineData(".mp4", ConstantRate, "")]
    [InlineData(".mkv", VariableRate, "libopus")]
    [InlineData(".ts", ConstantRate, "mp2")]
    [InlineData(".webm", ConstantRate, "libopus")]
    [InlineData(".avi", ConstantRate, "libmp3lame")]
    public void Fast_cuts_fall_on_key_frames_and_say_how_far_off(string extension, string retime, string audio)
    {
        string source = Make(extension, retime, audio), output = _folder.File("out" + extension);
        List<(int Number, double Seconds, bool Flash)> frames = Read(source);

        CutResult result = Assert.Single(VideoCutter.Cut(source, [new CutOutput(output, Kept)], exactly: false, _remarks.Add));

        Assert.Equal("nothing re-encoded", result.How);
        Assert.Equal(3, _remarks.Count);
        // What the remarks say is what is there.
        List<int> expected = [];
        foreach (string remark in _remarks.Select(r => r.Fact))
        {
            double[] said = [.. System.Text.RegularExpressions.Regex.Matches(remark, @"(?<=begins |ends )[\d.]+").Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];
            expected.AddRange(frames.Where(f => f.Seconds > said[0] - 0.005 && f.Seconds < said[1] - 0.005).Select(f => f.Number));
        }
        Assert.Equal(expected, Read(output).Select(f => f.Number));
        Assert.Equal(expected.Count, result.Frames);
        // Packets of the source, byte for byte.
        Assert.Empty(Hashes(output).Except(Hashes(source), StringComparer.Ordinal));
        if (audio.Length > 0)
            CheckStep(output, result.Seconds);
    }

    [Fact]
    public void Frames_that_are_not_re_encoded_are_those_of_the_source()
    {
        string source = Make(".mp4", ConstantRate, ""), output = _folder.File("out.mp4");
        Stretch[] kept = [new(0.5, 2.2), new(3.0, 5.0)];

        string how = VideoCutter.Cut(source, [new CutOutput(output, kept)], exactly: true, _remarks.Add)[0].How;

        HashSet<string> pictures = [.. Pictures(source)];
        int same = Pictures(output).Count(pictures.Contains);
        int copied = int.Parse(how.Split(", ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(copied, 50, 80);
        Assert.Equal(copied, same);
    }

    [Fact]
    public void A_file_for_each_stretch_and_none_for_one_without_a_frame()
    {
        string source = Make(".mp4", ConstantRate, "aac");
        CutOutput[] outputs = [new(_folder.File("a.mp4"), [new(0.4, 1.6)]), new(_folder.File("b.mp4"), [new(2.001, 2.002)]), new(_folder.File("c.mkv"), [new(4.4, 5.4)])];

        IReadOnlyList<CutResult> results = VideoCutter.Cut(source, outputs, exactly: true, _remarks.Add);

        Assert.Equal(["a.mp4", "c.mkv"], results.Select(r => Path.GetFileName(r.Path)));
        Assert.Contains("b.mp4: not written", Assert.Single(_remarks).Fact, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(10, 30), Read(_folder.File("a.mp4")).Select(f => f.Number));
        Assert.Equal(Enumerable.Range(110, 25), Read(_folder.File("c.mkv")).Select(f => f.Number));
        CheckStep(_folder.File("a.mp4"), 1.2);
        CheckStep(_folder.File("c.mkv"), 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_thousand_stretches(bool exactly)
    {
        string source = _folder.File("source.webm"), output = _folder.File("out.webm");
        MadeClip.Make(source, Pictures("250", "", exactly ? 3000 : 1200), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", exactly ? "100" : "1", "-b:v", "2M");
        Stretch[] kept = [.. Enumerable.Range(0, exactly ? 1000 : 400).Select(i => new Stretch(i * 0.012, i * 0.012 + 0.004))];

        CutResult result = VideoCutter.Cut(source, [new CutOutput(output, kept)], exactly, _ => { })[0];

        Assert.Equal(kept.Length, result.Stretches);
        Assert.Equal(Enumerable.Range(0, kept.Length).Select(i => i * 3 % 1024), Read(output).Select(f => f.Number));
    }

    [Fact]
    public void Audio_that_is_shorter_begins_later_or_comes_in_two_tracks_stays_in_step()
    {
        string source = _folder.File("source.mkv"), output = _folder.File("out.mkv");
        MadeClip.Run("ffmpeg", [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", Pictures("25", ConstantRate, 150), "-itsoffset", "0.8", "-f", "lavfi", "-i", Audio(2.4, begin: 0.8), "-f", "lavfi", "-i", Audio(9, begin: 0),
            "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264", "-g", "30", "-c:a", "pcm_s16le", "-metadata:s:a:1", "language=deu", source]);

        CutResult result = VideoCutter.Cut(source, [new CutOutput(output, [new(0.4, 2.48), new(4.52, 6)])], exactly: true, _remarks.Add)[0];

        Assert.Equal(3.56, result.Seconds, 1e-3);
        double[] all = [0.6, 1.6, 2.56];
        Assert.Equal(all, Beeps(output, "a:1").Select(b => Math.Round(b, 2)));
        Assert.Equal(all[..2], Beeps(output, "a:0").Select(b => Math.Round(b, 2)));
        Assert.Equal(all, Flashes(Read(output)).Select(b => Math.Round(b, 2)));
        Assert.Equal("deu", MadeClip.Run("ffprobe", ["-v", "error", "-select_streams", "a:1", "-show_entries", "stream_tags=language", "-of", "csv=p=0", output]));
    }

    [Fact]
    public void Size_pixel_aspect_turn_and_colours_stay()
    {
        string plain = _folder.File("plain.mp4"), source = _folder.File("source.mp4");
        MadeClip.Make(plain, Pictures("25", ",setsar=4/3", 100), "-c:v", "libx264", "-g", "30", "-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "pc");
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-i", plain, "-c", "copy", "-metadata:s:v", "rotate=90", source]);
        const string entries = "width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,color_transfer,color_primaries:stream_side_data=rotation";
        string before = MadeClip.Probe(source, entries);
        Assert.Contains("bt709", before, StringComparison.Ordinal);
        Assert.Equal(Height, VideoProbe.Read(source).Width);

        VideoCutter.Cut(source, [new CutOutput(_folder.File("out.mp4"), [new(0.5, 1.5), new(2, 3.5)])], exactly: true, _remarks.Add);
        Assert.Equal(before, MadeClip.Probe(_folder.File("out.mp4"), entries));

        // No picture can be said to be turned here: it is turned.
        VideoCutter.Cut(source, [new CutOutput(_folder.File("out.mkv"), [new(0.5, 1.5)])], exactly: true, _remarks.Add);
        Assert.Equal("96,160,3:4", MadeClip.Probe(_folder.File("out.mkv"), "width,height,sample_aspect_ratio"));
    }

    [Fact]
    public void Refuses_what_cannot_be_cut_in_one_line_and_leaves_nothing()
    {
        string source = Make(".mp4", ConstantRate, "");
        byte[] before = File.ReadAllBytes(source);

        void Refuse(string text, string output, params Stretch[] stretches)
        {
            string message = Assert.Throws<InputException>(() => VideoCutter.Cut(source, [new CutOutput(output, stretches)], exactly: true, _remarks.Add)).Message;
            Assert.Contains(text, message, StringComparison.Ordinal);
        }
        Refuse("is the video itself", source, new Stretch(0, 1));
        Refuse("expected a name that ends with", _folder.File("out.gif"), new Stretch(0, 1));
        Refuse("nothing is kept", _folder.File("out.mp4"), new Stretch(7, double.PositiveInfinity));
        Refuse("nothing is kept", _folder.File("out.mp4"));
        Refuse("nothing is kept", _folder.File("out.mp4"), new Stretch(1.001, 1.002));
        Refuse("cannot be written", Path.Combine(source, "out.mp4"), new Stretch(0, 1));

        Assert.Equal(before, File.ReadAllBytes(source));
        Assert.Equal([source], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Of_a_damaged_video_what_can_be_decoded_is_cut()
    {
        string source = _folder.File("source.mp4"), output = _folder.File("out.mp4");
        MadeClip.Make(source, Pictures("25", ConstantRate, 150), "-c:v", "libx264", "-g", "30", "-bf", "3", "-movflags", "+faststart");
        using (FileStream file = File.OpenWrite(source))
            file.SetLength(file.Length * 7 / 10);
        using var reader = new FrameReader(source, 2, Bits);
        int frames = MadeClip.ReadAll(reader, 2, Bits).Count;
        Assert.NotNull(reader.Complaint);
        Assert.InRange(frames, 60, 140);

        CutResult result = VideoCutter.Cut(source, [new CutOutput(output, [new(0.2, 1), new(2, double.PositiveInfinity)])], exactly: true, _remarks.Add)[0];

        Assert.Contains("frames (50 %) are lost or broken", Assert.Single(_remarks).Fact, StringComparison.Ordinal);
        List<int> expected = [.. Enumerable.Range(5, 20), .. Enumerable.Range(50, frames - 50)];
        Assert.Equal(expected.Count, result.Frames);
        // The last one is damaged.
        Assert.Equal(expected[..^1], Read(output).Select(f => f.Number).SkipLast(1));
    }

    [Theory]
    [InlineData(".ts", "mpegts", true)]
    [InlineData(".ts", "mpegts", false)]
    [InlineData(".mpg", "vob", true)]
    public void Recordings_that_were_joined_byte_by_byte_are_cut_by_the_times_that_viewers_see(string extension, string format, bool exactly)
    {
        // The pictures are numbered through, the times of each part begin anew.
        string source = _folder.File("source" + extension), output = _folder.File("out.ts");
        string[] codec = format == "vob" ? ["-c:v", "mpeg2video", "-q:v", "2", "-bf", "0"] : ["-c:v", "libx264", "-bf", "2"];
        using (FileStream joined = File.Create(source))
        {
            for (int part = 0; part < 3; part++)
            {
                string piece = MadeClip.Make(_folder.File("piece" + extension), Pictures("25", ConstantRate, 150), ["-vf", $"select='between(n,{50 * part},{50 * part + 49})',setpts=N/25/TB", .. codec, "-g", "25", "-f", format]);
                joined.Write(File.ReadAllBytes(piece));
            }
        }
        using var reader = new FrameReader(source, 2, Bits);
        Assert.Equal(150, MadeClip.ReadAll(reader, 2, Bits).Count);

        CutResult result = VideoCutter.Cut(source, [new CutOutput(output, [new(0, 1), new(3, 5)])], exactly, _remarks.Add)[0];

        Assert.Contains("source" + extension + ": its times begin anew at 2 places", _remarks[0].Fact, StringComparison.Ordinal);
        Assert.DoesNotContain(".steady", string.Join('\n', _remarks), StringComparison.Ordinal);
        Assert.Equal(75, result.Frames);
        Assert.Equal([.. Enumerable.Range(0, 25), .. Enumerable.Range(75, 50)], Read(output).Select(f => f.Number));
        Assert.Equal(["out.ts", "piece" + extension, "source" + extension], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Open_groups_of_pictures_are_re_encoded_and_key_frames_among_them_still_cut()
    {
        string source = _folder.File("source.ts");
        MadeClip.Make(source, Pictures("25", ConstantRate, 150), "-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-b:v", "4M");

        CutResult exact = VideoCutter.Cut(source, [new CutOutput(_folder.File("e.ts"), [new(1.0, 2.0)])], exactly: true, _remarks.Add)[0];
        Assert.Contains("mpeg2video", exact.How, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(25, 25), Read(_folder.File("e.ts")).Select(f => f.Number));

        CutResult fast = VideoCutter.Cut(source, [new CutOutput(_folder.File("f.ts"), [new(0.5, 2.0), new(3.0, 4.4)])], exactly: false, _remarks.Add)[0];
        List<int> numbers = [.. Read(_folder.File("f.ts")).Select(f => f.Number)];
        Assert.Equal(fast.Frames, numbers.Count);
        Assert.Equal(1, numbers.Zip(numbers.Skip(1)).Count(pair => pair.Second != pair.First + 1));
        Assert.Equal(fast.Frames, VideoProbe.CountFrames(_folder.File("f.ts")));
    }

    private string Make(string extension, string retime, string audio)
    {
        string source = _folder.File("source, it's [a]:1" + extension);
        string[] codec = extension switch
        {
            ".avi" => ["-c:v", "mpeg4", "-q:v", "2", "-g", "12"],
            ".webm" => ["-c:v", "libvpx", "-b:v", "2M", "-g", "30"],
            ".mpg" => ["-c:v", "mpeg2video", "-b:v", "4M", "-f", "vob"],
            _ => ["-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-bf", "3", "-pix_fmt", "yuv420p"],
        };
        string[] hear = audio.Length == 0 ? [] : ["-f", "lavfi", "-i", Audio(retime.Length == 0 ? 6 : 5.3, 0)];
        MadeClip.Run("ffmpeg", [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", Pictures("25", retime, 150), .. hear, .. audio.Length == 0 ? (string[])[] : ["-c:a", audio], .. codec,
            .. retime.Length == 0 ? (string[])[] : ["-fps_mode", "passthrough", "-enc_time_base", "1/1000"], source]);
        return source;
    }

    private static string Pictures(string rate, string retime, int frames) =>
        $"nullsrc=s={Bits * BitWidth}x{Height}:r={rate},trim=end_frame={frames}{retime},geq=cb=128:cr=128:lum='if(gt(Y,{Height / 2}),if(lt(mod(T+0.0005,1),{BeepSeconds.ToString(CultureInfo.InvariantCulture)}),235,16),"
        + $"if(bitand(floor(N/pow(2,floor(X/{BitWidth}))),1),235,16))'";

    private static string Audio(double seconds, double begin) => string.Create(CultureInfo.InvariantCulture, $"aevalsrc=exprs='0.6*sin(2000*PI*t)*lt(mod(t+{begin},1),{BeepSeconds})':s=48000:d={seconds}");

    private static List<(int Number, double Seconds, bool Flash)> Read(string path)
    {
        using var reader = new FrameReader(path, 2, Bits);
        List<(int, double, bool)> frames =
        [
            .. MadeClip.ReadAll(reader, 2, Bits).Select(f => (Enumerable.Range(0, Bits).Sum(b => f.Rgb[3 * b] > 128 ? 1 << b : 0), f.Seconds, f.Rgb[3 * Bits] > 128)),
        ];
        Assert.Null(reader.Complaint);
        return frames;
    }

    /// <summary>The numbers of the frames to be kept, and their times from the first on.</summary>
    private static (List<int> Numbers, List<double> Times) Expect(List<(int Number, double Seconds, bool Flash)> frames, Stretch[] stretches)
    {
        double end = frames[^1].Seconds + (frames[^1].Seconds - frames[0].Seconds) / (frames.Count - 1);
        double[] borders = [.. frames.Select(f => f.Seconds), end];
        int Nearest(double seconds) => double.IsInfinity(seconds) ? frames.Count : Enumerable.Range(0, borders.Length).MinBy(i => Math.Abs(borders[i] - seconds));
        List<int> numbers = [];
        List<double> times = [];
        double before = 0;
        foreach (Stretch stretch in stretches)
        {
            (int first, int last) = (Nearest(stretch.Start), Nearest(stretch.End));
            numbers.AddRange(frames[first..last].Select(f => f.Number));
            times.AddRange(frames[first..last].Select(f => before + f.Seconds - borders[first]));
            before += borders[last] - borders[first];
        }
        return (numbers, times);
    }

    /// <summary>Each flash has its beep, within a frame of pictures or audio, and the audio is as long as the pictures.</summary>
    private static void CheckStep(string path, double seconds)
    {
        List<double> flashes = Flashes(Read(path)), beeps = Beeps(path, "a:0");
        Assert.NotEmpty(flashes);
        Assert.Equal(flashes.Count, beeps.Count);
        foreach ((double flash, double beep) in flashes.Zip(beeps))
            Assert.Equal(flash, beep, 0.0401);
        int heard = Samples(path, "a:0").Length;
        Assert.InRange(heard / 48000.0, seconds - 0.05, seconds + 0.1);
    }

    private static List<double> Flashes(List<(int Number, double Seconds, bool Flash)> frames) =>
        [.. frames.Where((f, i) => f.Flash && (i == 0 || !frames[i - 1].Flash)).Select(f => f.Seconds)];

    private static List<double> Beeps(string path, string track)
    {
        short[] samples = Samples(path, track);
        List<double> beeps = [];
        int last = -48000;
        for (int i = 0; i < samples.Length; i++)
        {
            if (Math.Abs((int)samples[i]) < 4000)
                continue;
            if (i - last > 4800)
                beeps.Add(i / 48000.0);
            last = i;
        }
        return beeps;
    }

    // In the time in which frames are read: from the first frame on in streams for broadcast, else from the start of the file.
    private static short[] Samples(string path, string track)
    {
        string start = path.EndsWith(".ts", StringComparison.Ordinal) ? MadeClip.Probe(path, "start_time") : MadeClip.Run("ffprobe", ["-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0", path]);
        double first = double.Parse(start, CultureInfo.InvariantCulture) * 48000;
        string raw = path + ".raw";
        MadeClip.Run("ffmpeg", [
            "-nostdin", "-v", "error", "-y", "-copyts", "-i", path, "-map", "0:" + track, "-af", string.Create(CultureInfo.InvariantCulture, $"aresample=48000:async=1:min_hard_comp=0.001:first_pts={first:0}"), "-ac", "1", "-f", "s16le", raw]);
        short[] samples = [.. MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(raw))];
        File.Delete(raw);
        return samples;
    }

    private static string[] Hashes(string path) =>
        [.. MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-i", path, "-map", "0:v", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"]).Split('\n').Where(l => !l.StartsWith('#')).Select(l => l.Split(',')[^1].Trim())];

    private static string[] Pictures(string path) =>
        [.. MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-i", path, "-map", "0:v", "-f", "framehash", "-hash", "md5", "-"]).Split('\n').Where(l => !l.StartsWith('#')).Select(l => l.Split(',')[^1].Trim())];
}
