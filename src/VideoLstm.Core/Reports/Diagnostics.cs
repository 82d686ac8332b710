using System.Runtime.InteropServices;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Training;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Reports;

/// <summary>Looks whether a machine has what vlstm needs, and how fast it will be.</summary>
public static class Diagnostics
{
    private const double Gibibyte = 1 << 30;

    /// <summary>Looks at everything; starts ffmpeg a few times.</summary>
    /// <param name="folder">The folder in which work will be done.</param>
    public static IEnumerable<Check> Run(string folder)
    {
        yield return new Check(Severity.Well, ".NET", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        bool hasFfmpeg = false;
        foreach (string program in (string[])["ffmpeg", "ffprobe"])
        {
            string? version = VersionOf(program);
            hasFfmpeg |= program == "ffmpeg" && version is not null;
            yield return version is not null
                ? new Check(Severity.Well, program, version)
                : new Check(Severity.Missing, program, "cannot be started: no video can be read",
                    "install ffmpeg, e.g. `apt-get install ffmpeg`, `brew install ffmpeg`, `winget install ffmpeg`, and see that it is "
                        + "on the PATH");
        }
        foreach (Check check in hasFfmpeg ? Codecs() : [])
            yield return check;
        yield return Weights(new WeightsStore(), "InceptionV3", "features are not to be had", Remedy.FetchInception);
        yield return Weights(new WeightsStore(WeightsSource.KerasMobileNet), "MobileNet", "only the mobilenet recipes need them",
            Remedy.FetchMobileNet);
        foreach (Check check in Hardware(folder).Concat(AcceleratorChecks.Run()))
            yield return check;
    }

    private static IEnumerable<Check> Codecs()
    {
        const string full = "install a full build of ffmpeg";
        (string Name, Severity Without, string For)[] encoders =
        [
            ("mpeg4", Severity.Missing, "result.avi cannot be written"), ("aac", Severity.Missing, "no audio in .mp4"),
            ("mjpeg", Severity.Missing, "no frames as JPEG"),
            ("libx264", Severity.Lacking, ".mp4, .mkv and .mov become mpeg4, and cuts code all frames anew"),
            ("libmp3lame", Severity.Lacking, "audio in .avi becomes ac3"),
            ("libvpx-vp9", Severity.Lacking, "no .webm"), ("libopus", Severity.Lacking, "no audio in .webm"),
        ];
        foreach ((string name, Severity without, string lost) in encoders.Where(e => !Ffmpeg.HasEncoder(e.Name)))
            yield return new Check(without, $"encoder {name}", lost, full);
        if (encoders.All(e => Ffmpeg.HasEncoder(e.Name)))
            yield return new Check(Severity.Well, "encoders", string.Join(", ", encoders.Select(e => e.Name)));

        if (!Ffmpeg.HasFilter("ass"))
            yield return new Check(Severity.Missing, "filter ass", "no label can be drawn into a video", "install an ffmpeg with libass");
        else
            yield return Ffmpeg.HasFonts() ? new Check(Severity.Well, "labels", "filter ass and a font")
                : new Check(Severity.Missing, "fonts", "none: no label can be drawn into a video",
                    "install one, e.g. `apt-get install fonts-dejavu-core`");
        yield return Ffmpeg.HasFilter("zscale") && Ffmpeg.HasFilter("tonemap") ? new Check(
            Severity.Well, "high dynamic range", "filters zscale and tonemap")
            : new Check(Severity.Lacking, "high dynamic range", "no filters zscale and tonemap: such videos cannot be read", full);
        string[] protocols = ["http", "https", "rtp", "udp", "tcp"], without2 = [.. protocols.Where(p => !Ffmpeg.HasProtocol(p))];
        yield return without2.Length == 0 ? new Check(Severity.Well, "live sources", string.Join(", ", protocols))
            : new Check(Severity.Lacking, "live sources", $"no {string.Join(", ", without2)}", full);
    }

    private static Check Weights(WeightsStore store, string name, string without, Remedy remedy) => store.Find() is { } found
        ? new Check(Severity.Well, name, $"{found.Path} ({found.From})")
        : new Check(Severity.Lacking, name, $"its weights are not here, {without}", Remedy: remedy);

    private static IEnumerable<Check> Hardware(string folder)
    {
        string processor = Machine.Processor();
        SimdLevel best = Simd.Supported[^1];
        yield return Simd.Level != best
            ? new Check(Severity.Lacking, "processor", $"{processor}: could {best}, does {Simd.Level}", $"unset {Simd.EnvironmentVariable}")
            : Simd.Level switch
            {
                SimdLevel.Avx512 =>
                    new Check(Severity.Well, "processor", $"{processor}: AVX-512, 16 numbers at a time, as fast as it goes"),
                SimdLevel.Avx2 =>
                    new Check(Severity.Well, "processor", $"{processor}: AVX2, 8 numbers at a time, about half as fast as with AVX-512"),
                SimdLevel.Vector128 =>
                    new Check(Severity.Well, "processor",
                        $"{processor}: 128-bit vectors, 4 numbers at a time, about a quarter as fast as with AVX-512"),
                _ => new Check(Severity.Lacking, "processor", $"{processor}: no vectors, very slow",
                    "take a machine with AVX2, AVX-512 or NEON"),
            };
        yield return new Check(Severity.Well, "int8",
            Simd.HasFastBytes
                ? "fast: int8 takes features 1.6 times as fast"
                : "slow here, for want of AVX-512 and AVX-VNNI: stay with float");
        yield return Workers.Count < Environment.ProcessorCount
            ? new Check(Severity.Lacking, "cores", $"{Workers.Count} of {Environment.ProcessorCount} in use",
                $"unset {Workers.EnvironmentVariable}")
            : new Check(Severity.Well, "cores", Invariant($"{Environment.ProcessorCount}"));
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gibibyte;
        yield return memory >= 4
            ? new Check(Severity.Well, "memory", Invariant($"{memory:0.0} GiB"))
            : new Check(Severity.Lacking, "memory", Invariant($"{memory:0.0} GiB: training with the defaults needs 4"),
                Remedy: Remedy.TrainSmaller);
        yield return Disk(folder);
    }

    private static Check Disk(string folder)
    {
        folder = Path.GetFullPath(folder);
        try
        {
            using (new FileStream(Path.Combine(folder, Path.GetRandomFileName() + ".partial"),
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }))
            {
            }
            double free = new DriveInfo(folder).AvailableFreeSpace / Gibibyte;
            string found = Invariant($"{free:0.0} GiB free in {folder}");
            return free >= 2
                ? new Check(Severity.Well, "disk", found)
                : new Check(Severity.Lacking, "disk", found, Remedy: Remedy.SaveSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Check(Severity.Missing, "disk", $"{folder} cannot be written ({e.Message})", "go to a folder of yours");
        }
    }

    private static string? VersionOf(string program)
    {
        try
        {
            using var process = new MediaProcess(program, ["-hide_banner", "-version"], patience: Ffmpeg.AnswerPatience);
            process.CloseInput();
            string text = process.ReadText();
            return process.Wait() == 0 && text.Split(' ') is [_, "version", var version, ..] ? version : null;
        }
        catch (Exception e) when (e is MissingToolException or InputException)
        {
            return null;
        }
    }
}
