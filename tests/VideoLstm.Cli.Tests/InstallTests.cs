using System.Diagnostics;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What helps to install the tool: completion and `vlstm doctor`.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("vlstm cu", "cut")]
    [InlineData("vlstm cut a.mp4 b.csv --k", "--keep")]
    [InlineData("vlstm train --model mob", "mobilenet mobilenet-flatten mobilenet-gru mobilenet-lstm")]
    [InlineData("vlstm preview 75 --input g", "gray")]
    [InlineData("vlstm preview 75 --input ", "diff diff-mask flow flow-mask gray rgb")]
    [InlineData("vlstm weights fe", "fetch")]
    [InlineData("vlstm nonsense-", "")]
    [InlineData("./bin/vlstm cu", "cut")]
    public void Bash_completes_verbs_options_and_values(string line, string expected)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        Tool.Install(_folder.Path);
        // As readline calls it: the line, the place of the cursor in it, and its words.
        string script = $$"""
            set -u
            PATH="$PWD/bin:$PATH"
            eval "$(vlstm completion bash)"
            COMP_LINE='{{line}}'
            COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<<"$COMP_LINE"
            if [[ $COMP_LINE == *' ' ]]; then COMP_WORDS+=(''); fi
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _vlstm_complete
            echo "${COMPREPLY[*]}"
            complete -p vlstm
            """;
        (int exitCode, string output) = Start("/bin/bash", "-c", script);
        Assert.Equal(0, exitCode);
        Assert.Equal([expected, "complete -o bashdefault -o default -F _vlstm_complete vlstm"], output.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("bash", "complete ")]
    [InlineData("zsh", "compdef ")]
    [InlineData("fish", "complete -c vlstm")]
    [InlineData("powershell", "Register-ArgumentCompleter")]
    public void Each_shell_has_its_script(string shell, string expected) =>
        Assert.Contains(expected, Tool.Succeed(_folder.Path, "completion", shell), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_shell_is_refused() => Tool.Refuse(_folder.Path, 2, "tcsh", "completion", "tcsh");

    [Fact]
    public void Doctor_says_how_to_mend_what_is_missing()
    {
        string well = Tool.Succeed(_folder.Path, "doctor");
        Assert.DoesNotContain("MISSING", well, StringComparison.Ordinal);
        foreach (string name in (string[])[".NET:", "ffmpeg:", "ffprobe:", "labels:", "processor:", "int8:", "cores:", "memory:", "disk:"])
            Assert.Contains(name, well, StringComparison.Ordinal);
        Assert.Matches(@"note +InceptionV3: +its weights are not here.*\n +-> `vlstm weights fetch`", well);

        // Only dotnet is on the path: no ffmpeg.
        string dotnet = Environment.ProcessPath!;
        (int exitCode, string output) = Start("/usr/bin/env", $"PATH={_folder.Path}", dotnet, Path.Combine(AppContext.BaseDirectory, "vlstm.dll"), "doctor");
        Assert.Equal(1, exitCode);
        Assert.Matches(@"MISSING +ffmpeg: +cannot be started.*\n +-> install ffmpeg", output);
        Assert.Matches("MISSING +ffprobe:", output);

        (exitCode, output) = Start("/usr/bin/env", "VLSTM_ONNXRUNTIME=nowhere", dotnet, Path.Combine(AppContext.BaseDirectory, "vlstm.dll"), "doctor");
        Assert.Equal(0, exitCode);
        Assert.Matches("note +VLSTM_ONNXRUNTIME: +nowhere: holds no ", output);
    }

    private (int ExitCode, string Output) Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
