using VideoLstm.Cli.Commands;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>
/// Decoders in hardware, as a script in place of ffmpeg has them: `right` decodes as ffmpeg does, `wrong` gives other frames, `absent` is
/// not in this machine.
/// </summary>
public sealed class DecoderTests : IDisposable
{
    private const string Script = """
        #!/bin/sh
        PATH=/usr/bin:/bin
        case "$*" in *-hwaccels*) printf 'Hardware acceleration methods:\nright\nwrong\nabsent\n\n'; exit 0;; esac
        printf '%s\n' "$*" >> "$VLSTM_TEST/log"
        option= change=
        for argument do
          shift
          if [ -n "$option" ]; then
            case "$argument" in
              wrong) change=negate,;;
              absent) echo '[error] Device creation failed: -1.' >&2; exit 1;;
            esac
            option=
            continue
          fi
          case "$argument" in
            -hwaccel|-hwaccel_output_format) option=$argument; continue;;
            hwdownload,format=nv12,*) argument=format=nv12,$change${argument#hwdownload,format=nv12,};;
          esac
          set -- "$@" "$argument"
        done
        exec ffmpeg "$@"
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Frames_of_hardware_are_taken_where_they_are_those_of_ffmpeg()
    {
        Stand();
        (int exitCode, string output, string errors) = Extract("software");
        Assert.True(exitCode == 0, errors);
        Assert.Matches(@"\nlimit: (decoding|network) \(\d+(\.\d)? frames/s", output);
        Dictionary<string, byte[]> software = Sequences();
        Assert.Equal(4, software.Count);
        Assert.DoesNotContain("-hwaccel", File.ReadAllText(_folder.File("log")), StringComparison.Ordinal);

        (exitCode, _, errors) = Extract("right");
        Assert.True(exitCode == 0, errors);
        Assert.Equal(software, Sequences());
        string[] runs = [.. File.ReadAllLines(_folder.File("log")).Where(l => l.Contains("-hwaccel right", StringComparison.Ordinal))];
        // One kind of video is compared once.
        Assert.Equal(1 + 4, runs.Length);
        Assert.All(runs, run =>
        {
            Assert.Contains(" -hwaccel right -hwaccel_output_format right ", run, StringComparison.Ordinal);
            Assert.Contains(" -vf hwdownload,format=nv12,select=", run, StringComparison.Ordinal);
        });
    }

    [SkippableTheory]
    [InlineData("wrong", "frame 0 is another one as wrong decodes it; take --decoder software")]
    [InlineData("absent", "absent decodes 0 of its first frames (Device creation failed: -1); take --decoder software")]
    [InlineData("nothere", "nothere: the installed ffmpeg has no such decoder; it has right, wrong, absent; take --decoder software")]
    public void Nothing_falls_back_to_software(string decoder, string line)
    {
        Stand();
        (int exitCode, _, string errors) = Extract(decoder);
        Assert.Equal(2, exitCode);
        Assert.Contains(line, errors, StringComparison.Ordinal);
        Assert.Empty(Sequences());
    }

    [Theory]
    [InlineData(61.2, 812, 2, null, "limit: network (61.2 frames/s; decoding 812 by 2 decoders)")]
    [InlineData(1900, 412, 1, 21000.4, "limit: decoding (412 frames/s by 1 decoder; network 1900, copying to the card 21000.4)")]
    [InlineData(1900, 2412, 16, 1000.0, "limit: copying to the card (1000 frames/s; network 1900, decoding 2412 by 16 decoders)")]
    public void The_slowest_part_is_the_limit(double network, double decoding, int decoders, double? copying, string line) =>
        Assert.Equal(line, ExtractFeaturesCommand.Limit(new ExtractionRates(decoding, decoders, new ExtractorRates(network, copying))));

    private void Stand()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs a shell");
        foreach (string clip in (string[])["train/A/a", "train/B/b", "test/A/c", "test/B/d"])
            Tool.Draw(_folder.File(["data", .. $"{clip}.mp4".Split('/')]), $"testsrc=s=64x64:r={clip.Length}", 6);
        string ffmpeg = _folder.File("bin", "ffmpeg");
        File.WriteAllText(ffmpeg, Script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_folder.File("data", "data_file.csv"), "train,A,a,6\ntrain,B,b,6\ntest,A,c,6\ntest,B,d,6\n");
    }

    private (int ExitCode, string Output, string Errors) Extract(string decoder)
    {
        if (Directory.Exists(_folder.File("data", "sequences")))
            Directory.Delete(_folder.File("data", "sequences"), recursive: true);
        return Tool.Bash(_folder.Path,
            ["-c", $"vlstm extract-features 3 2 75 75 --inception random:1 --device cpu --decoder {decoder}"], ("VLSTM_TEST", _folder.Path));
    }

    private Dictionary<string, byte[]> Sequences() => !Directory.Exists(_folder.File("data", "sequences")) ? []
        : Directory.GetFiles(_folder.File("data", "sequences")).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
}
