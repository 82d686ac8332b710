using System.Runtime.InteropServices;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What computes is chosen, installed and removed.</summary>
public sealed class AcceleratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cuda", "cuda: libtorch 2.10.0 is not installed")]
    [InlineData("cuda:1", "cuda:1: libtorch 2.10.0 is not installed")]
    [InlineData("torch", "torch: libtorch 2.10.0 is not installed; run `vlstm accelerator install cpu`, or take --device cpu")]
    [InlineData("cuda:x", "cuda:x: is no device; expected auto, cpu, torch, cuda or cuda:N")]
    [InlineData("cuda:-1", "cuda:-1: is no device; expected auto, cpu, torch, cuda or cuda:N")]
    [InlineData("gpu", "gpu: is no device; expected auto, cpu, torch, cuda or cuda:N")]
    public void A_device_that_is_not_there_is_one_line_that_says_what_is_missing(string device, string text)
    {
        string[] verb = ["train", "2", "2", "75", "75", "--model", "mlp", "--inception", "random:1"];
        Tool.Refuse(_folder.Path, 2, text, [.. verb, "--device", device]);
    }

    [Fact]
    public void Nothing_is_installed_by_itself()
    {
        string status = Tool.Succeed(_folder.Path, "accelerator", "status");
        Assert.Contains("accelerator cuda:    TorchSharp-cuda-", status, StringComparison.Ordinal);
        Assert.Equal(2, status.Split("not installed").Length - 1);
        Assert.Contains("nothing is installed", Tool.Succeed(_folder.Path, "accelerator", "remove"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "accelerator install", "accelerator", "install", "tpu");
    }

    /// <summary>Restores the published packages, 130 MB, and works with them as a user would.</summary>
    [SkippableFact]
    public void What_is_installed_computes_the_same_and_can_be_removed()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "libtorch is restored for Linux x64 only");
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string installed = Tool.Succeed(_folder.Path, "accelerator", "install", "cpu");
        Assert.Contains("libtorch-cpu-linux-x64 2.10.0: installed, 470 MB, in ", installed, StringComparison.Ordinal);
        Assert.Contains("is installed already", Tool.Succeed(_folder.Path, "accelerator", "install", "cpu"), StringComparison.Ordinal);
        Assert.Contains("--device torch", Tool.Succeed(_folder.Path, "accelerator", "status"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("cache", "accelerators"), "*.partial"));

        string[] device = ["--device", "torch"], network = ["--inception", "random:1"];
        Tool.Succeed(_folder.Path, "extract-files", "mp4");
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, ["extract-features", "3", "2", "75", "75", .. network, .. device]), StringComparison.Ordinal);
        string said = Tool.Succeed(_folder.Path, ["train", "3", "2", "75", "75", "--epochs", "2", "--units", "8", "--learning-rate", "1e-3", .. network, .. device]);
        string classifier = said.TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains("lstm-torch-training-3-2-75x75-", said, StringComparison.Ordinal);
        Assert.Contains("accuracy", Tool.Succeed(_folder.Path, ["evaluate", classifier, .. device]), StringComparison.Ordinal);
        string[] classify = ["classify", "3", "2", classifier, "long.mp4", "--no-video", .. network];
        string[] theirs = Tool.Succeed(_folder.Path, [.. classify, .. device]).Split('\n'), ours = Tool.Succeed(_folder.Path, classify).Split('\n');
        Assert.Equal(ours[..3], theirs[..3]);
        // Features of two backends are never mixed.
        File.Delete(_folder.File("data", "sequences", "a-3-features.npy"));
        Tool.Refuse(_folder.Path, 2, "not computed by cpu", "extract-features", "3", "2", "75", "75", "--inception", "random:1");

        // A library that is cut off would end the process that loads it.
        string library = _folder.File("cache", "accelerators", "torchsharp-0.107.0-cpu", "libtorch_cpu.so");
        byte[] head = new byte[1000];
        using (FileStream whole = File.OpenRead(library))
            whole.ReadExactly(head);
        File.WriteAllBytes(library, head);
        Tool.Refuse(_folder.Path, 2, "libtorch_cpu.so: expected", [.. classify, .. device]);
        Tool.Refuse(_folder.Path, 2, "bytes, found 1000; run `vlstm accelerator remove`", "accelerator", "status");

        Assert.Contains("torchsharp-0.107.0-cpu", Tool.Succeed(_folder.Path, "accelerator", "remove", "cpu"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "is not installed", [.. classify, .. device]);
    }
}
