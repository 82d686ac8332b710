using System.Diagnostics;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Tests.Media;

public sealed class MediaProcessTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    [SkippableFact]
    public void A_program_that_does_nothing_is_ended()
    {
        RequireShell();
        using var process = new MediaProcess("sh", ["-c", "sleep 600"], patience: Short);
        Assert.Contains("did nothing for 1 second", Assert.Throws<InputException>(() => process.ReadText()).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void One_that_does_not_read_what_it_is_given_is_ended()
    {
        RequireShell();
        using var process = new MediaProcess("sh", ["-c", "sleep 600"], patience: Short);
        Assert.Throws<InputException>(() => process.Input.Write(new byte[1 << 20]));
    }

    [SkippableTheory]
    [InlineData("while [ $(($(date +%s) - START)) -lt 4 ]; do :; done")]
    [InlineData("sh -c 'while [ $(($(date +%s) - START)) -lt 4 ]; do :; done'")]
    [InlineData("while [ $(($(date +%s) - START)) -lt 4 ]; do sleep 0.2; head -c 1000 /dev/zero >/dev/null; done")]
    public void Silence_while_it_computes_or_moves_data_is_no_hang(string work)
    {
        RequireShell();
        using var process = new MediaProcess("sh", ["-c", $"START=$(date +%s); export START; {work}; echo done"], patience: Short);
        Assert.Equal("done\n", process.ReadText());
        Assert.Equal(0, process.Wait());
    }

    [SkippableFact]
    public void One_that_waits_for_us_is_left_alone()
    {
        RequireShell();
        using var process = new MediaProcess("sh", ["-c", "head -c 1000000 /dev/zero"], patience: Short);
        byte[] some = new byte[10];
        Assert.Equal(10, process.Read(some));
        Thread.Sleep(3 * Short);
        Assert.Equal(999_990, process.ReadBytes().Length);
        Assert.Equal(0, process.Wait());
    }

    [SkippableFact]
    public void One_that_is_killed_because_the_work_is_cancelled_is_a_cancellation_for_who_writes_to_it()
    {
        RequireShell();
        using var cancel = new CancellationTokenSource();
        using var process = new MediaProcess("sh", ["-c", "sleep 600"], ct: cancel.Token);
        cancel.CancelAfter(300);
        Assert.Throws<OperationCanceledException>(() => process.Input.Write(new byte[1 << 22]));
    }

    [SkippableFact]
    public void CtrlC_that_reaches_ffmpeg_before_us_is_a_cancellation()
    {
        RequireShell();
        using var cancel = new CancellationTokenSource();
        using var process = new MediaProcess("sh", ["-c", "exit 255"], ct: cancel.Token);
        cancel.CancelAfter(300);
        Assert.Throws<OperationCanceledException>(() => process.Wait());
    }

    [SkippableFact]
    public void What_does_not_fit_on_the_disk_is_said_whatever_the_exit_code()
    {
        RequireShell();
        using var process = new MediaProcess("sh", ["-c", "echo '[error] Error writing trailer of file:x.mp4: No space left on device' >&2"]);
        Assert.Equal(0, process.Wait());
        Assert.Contains("No space left on device", Assert.Throws<IOException>(() => WrittenVideo.ThrowIfBroken(process)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_no_fault_of_the_input() =>
        Assert.Contains("install ffmpeg", Assert.Throws<MissingToolException>(() => new MediaProcess("vlstm-has-no-such-program", [])).Message, StringComparison.Ordinal);

    [SkippableFact]
    public void An_activity_counts_what_its_children_do()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "elsewhere only its own");
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", "sh -c 'read x; head -c 100000000 /dev/zero >/dev/null; read x'; :"]) { RedirectStandardInput = true, UseShellExecute = false })!;
        ProcessActivity before = ProcessActivity.Of(process);
        process.StandardInput.Write("go\n");
        process.StandardInput.Flush();
        Assert.True(SpinWait.SpinUntil(() => ProcessActivity.Of(process).Bytes > before.Bytes + 100_000_000, TimeSpan.FromSeconds(30)));
        process.StandardInput.Close();
        process.WaitForExit();
    }

    private static void RequireShell() => Skip.If(OperatingSystem.IsWindows(), "needs a shell");
}
