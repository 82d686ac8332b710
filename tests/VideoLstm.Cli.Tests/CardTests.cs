using System.Diagnostics;
using System.Reflection;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>
/// What a user is told who has a card, or libtorch already. The driver and libraries that say wrong things are small ones, compiled here;
/// libtorch is that of its package.
/// </summary>
public sealed class CardTests : IDisposable
{
    private const string Driver = """
        #include <stdlib.h>
        #include <string.h>
        static long said(const char *name, long otherwise) { const char *v = getenv(name); return v ? atol(v) : otherwise; }
        int cuInit(unsigned flags) { return said("INIT", 0); }
        int cuGetErrorName(int error, const char **name) { *name = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"; return error == 803 ? 0 : 1; }
        int cuDriverGetVersion(int *version) { *version = said("CUDA", 12080); return 0; }
        int cuDeviceGetCount(int *count) { *count = 1; return 0; }
        int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal == 0 ? 0 : 101; }
        int cuDeviceGetName(char *name, int length, int device) { strncpy(name, "Tesla Test", length); return 0; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 15ull << 30; return 0; }
        int cuDeviceGetAttribute(int *value, int attribute, int device) {
          long capability = said("CAPABILITY", 75);
          *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : -1;
          return 0;
        }
        int cuDevicePrimaryCtxRetain(void **context, int device) { return said("CONTEXT", 0); }
        int cuCtxPushCurrent_v2(void *context) { return 0; }
        int cuCtxPopCurrent_v2(void **context) { return 0; }
        int cuMemGetInfo_v2(size_t *free, size_t *total) { *free = said("FREE", 8192) << 20; *total = 15ull << 30; return 0; }
        """;

    private static readonly string[] Train = ["train", "2", "2", "75", "75", "--model", "mlp", "--inception", "random:1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("cuda", "", "cuda: NVIDIA's driver is too old: expected one for CUDA 12.0 or newer, found 11.4; see that the driver", "CUDA=11040")]
    [InlineData("cuda", "", "cuda: NVIDIA's driver finds no card; see that the driver", "INIT=100")]
    [InlineData("cuda", "", "cuda: NVIDIA's driver does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803); see that the driver", "INIT=803")]
    [InlineData("cuda:1", "", "cuda:1: no such card; there are cuda:0 (Tesla Test, 15.0 GiB)")]
    [InlineData("cuda:0", "", "cuda:0: Tesla Test is too old for this libtorch: expected compute capability 7.0 or higher, found 3.7; take another card", "CAPABILITY=37")]
    [InlineData("cuda", "", "cuda: Tesla Test, 15.0 GiB has too little free memory: expected 1.0 GiB, found 0.3; see what else computes on it", "FREE=300")]
    [InlineData("cuda", "", "has too little free memory: expected 1.0 GiB, found 0.0", "CONTEXT=2")]
    [InlineData("auto", "note: computing on the processor, not on the card: cuda: Tesla Test is too old", "data_file.csv: not found", "CAPABILITY=37")]
    [InlineData("auto", "", "data_file.csv: not found", "INIT=100")]
    public void Card_or_driver_that_will_not_do_is_one_line(string device, string note, string text, params string[] driver)
    {
        MakeDriver();
        // A package of which nothing is looked at, let alone loaded.
        Directory.CreateDirectory(_folder.File("cache", "accelerators", "torchsharp-0.107.0-cuda"));
        File.WriteAllText(_folder.File("cache", "accelerators", "torchsharp-0.107.0-cuda", "installed.txt"), "");
        Expect(note, text, [.. Train, "--device", device], [.. driver.Select(Pair)]);
    }

    [SkippableFact]
    public void Card_without_what_computes_on_it_is_said_once()
    {
        MakeDriver();
        const string missing = "cuda: libtorch 2.10.0 is not installed; run `vlstm accelerator install cuda`, or take --device cpu";
        Expect("", missing, [.. Train, "--device", "cuda"]);
        Expect("note: computing on the processor, not on the card: " + missing, "data_file.csv: not found", [.. Train]);

        string status = Vlstm(["accelerator", "status"]).Output;
        Assert.Contains("cuda:0: Tesla Test, 15.0 GiB, compute capability 7.5", status, StringComparison.Ordinal);
        Assert.Contains("CUDA 12.8", status, StringComparison.Ordinal);
        Assert.Matches($@"note +device auto: +cuda: libtorch 2\.10\.0 is not installed\n +-> run `vlstm accelerator install cuda`", status);
        string doctor = Vlstm(["doctor"]).Output;
        Assert.All(status.Split('\n'), line => Assert.Contains(line, doctor, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Libtorch_that_is_there_is_used_instead_of_a_download()
    {
        string libraries = LinkLibtorch();
        File.WriteAllText(_folder.File("torch", "version.py"), "from typing import Optional\n__version__ = '2.10.0+cpu'\ncuda: Optional[str] = None\n");
        (string, string) named = ("VLSTM_LIBTORCH", _folder.File("torch"));
        Expect("", "torch: TorchSharp 0.107.0, which binds ", [.. Train, "--device", "torch"], named);

        (int exitCode, string output, string errors) = Vlstm(["accelerator", "install"], named);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("TorchSharp 0.107.0: installed, 5 MB, in ", output, StringComparison.Ordinal);
        Assert.Contains($"for libtorch of {libraries}", output, StringComparison.Ordinal);
        string[] installed = Directory.GetFileSystemEntries(_folder.File("cache", "accelerators"));
        Assert.Equal(["installing.lock", "torchsharp-0.107.0-binding"], installed.Select(Path.GetFileName).Order());

        string status = Vlstm(["accelerator", "status"], named).Output;
        Assert.Contains($"{libraries}: libtorch 2.10.0+cpu, for the processor alone", status, StringComparison.Ordinal);
        Assert.Contains("--device torch", status, StringComparison.Ordinal);
        Expect("note: computing on torch", "data_file.csv: not found", [.. Train, "--device", "torch"], named);
        Expect("", $"libtorch for the processor alone, found no libtorch_cuda.so; name another folder", [.. Train, "--device", "cuda"], named);

        // A version file that lies: the library itself says what it is, and what does not fit together is not called.
        string main = Path.Combine(libraries, "libtorch_cpu.so"), core = Path.Combine(libraries, "libc10.so");
        string whole = File.ResolveLinkTarget(main, returnFinalTarget: true)!.FullName;
        File.Delete(main);
        Compile(main, "unsigned long aoti_torch_abi_version() { return 0x0209010000000000; }");
        Expect("", "found 2.9.1, expected 2.10.0; name another folder", [.. Train, "--device", "torch"], named);
        Compile(main, "int nothing;");
        Expect("", "found older than 2.9, expected 2.10.0", [.. Train, "--device", "torch"], named);
        File.Delete(main);
        File.CreateSymbolicLink(main, whole);
        File.Delete(core);
        Compile(core, "int nothing;");
        Expect("", "its libraries cannot be loaded: ", [.. Train, "--device", "torch"], named);
        Expect("", "libc10.so: is cut off: expected at least 64 bytes, found 0", [.. Train, "--device", "torch"], named,
            ("BEFORE", $": > '{core}'"));
        // The machine's doctor never loads it.
        Assert.Matches(@"note +VLSTM_LIBTORCH: +/[^:]*libc10\.so: is cut off", Vlstm(["doctor"], named).Output);
    }

    [SkippableFact]
    public void Installation_that_was_killed_is_cleared_away_and_of_two_one_waits()
    {
        LinkLibtorch();
        (string, string) named = ("VLSTM_LIBTORCH", _folder.File("torch"));
        // Of one that was killed before, and one between the move and the seal.
        string root = _folder.File("cache", "accelerators");
        foreach (string left in (string[])["torchsharp-0.106.0-cuda.4711.partial", "torchsharp-0.107.0-cuda.partial", "torchsharp-0.107.0-binding"])
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(root, left, "output")).FullName, "half"), "");

        Vlstm(["accelerator", "install"], named, ("BEFORE", "vlstm accelerator install >one 2>&1 & vlstm accelerator install >two 2>&1 & wait; exit"));
        string[] both = [File.ReadAllText(_folder.File("one")), File.ReadAllText(_folder.File("two"))];
        Assert.Single(both, one => one.Contains("TorchSharp 0.107.0: installed, ", StringComparison.Ordinal));
        Assert.Single(both, one => one.Contains("TorchSharp 0.107.0: is installed already, ", StringComparison.Ordinal));
        Assert.Single(both, one => one.Contains("another process installs there; waiting for it", StringComparison.Ordinal));
        Assert.Equal(["installing.lock", "torchsharp-0.107.0-binding"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName).Order());
        Assert.False(Directory.Exists(Path.Combine(root, "torchsharp-0.107.0-binding", "output")));
    }

    [SkippableFact]
    public void Installation_without_packages_or_room_is_one_line()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a folder of packages is set as on Linux");
        // No source of packages answers, and none is kept.
        File.WriteAllText(_folder.File("nuget.config"), "<configuration><packageSources><clear /><add key='none' value='./none' /></packageSources></configuration>");
        Expect("", "the .NET SDK cannot get it: ", ["accelerator", "install", "cpu"], ("NUGET_PACKAGES", _folder.File("packages")),
            ("VLSTM_CACHE", _folder.File("cache")));
        Assert.Empty(Directory.EnumerateDirectories(_folder.File("cache", "accelerators")));
        File.WriteAllText(_folder.File("file"), "");
        Expect("", "cannot be written", ["accelerator", "install", "cpu"], ("VLSTM_CACHE", Path.Combine(_folder.Path, "file", "cache")));
    }

    private void Expect(string note, string text, string[] arguments, params (string Name, string Value)[] environment)
    {
        (int exitCode, _, string errors) = Vlstm(arguments, environment);
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(text, Assert.Single(lines, l => !l.StartsWith("note: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
        string[] notes = [.. lines.Where(l => l.StartsWith("note: computing", StringComparison.Ordinal))];
        if (note.Length == 0)
            Assert.Empty(notes);
        else
            Assert.StartsWith(note, Assert.Single(notes), StringComparison.Ordinal);
    }

    private (int ExitCode, string Output, string Errors) Vlstm(string[] arguments, params (string Name, string Value)[] environment) =>
        Tool.Bash(_folder.Path, ["-c", "eval \"${BEFORE-}\"; exec vlstm \"$@\"", "vlstm", .. arguments],
            [("LD_LIBRARY_PATH", _folder.Path), ("VLSTM_DEVICE", ""), ("VLSTM_LIBTORCH", ""), .. environment]);

    private static (string, string) Pair(string text) => text.Split('=') is [var name, var value] ? (name, value)
        : throw new ArgumentException("expected NAME=VALUE", nameof(text));

    private void MakeDriver() => Compile(_folder.File("libcuda.so.1"), Driver);

    private static void Compile(string library, string source)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "there is no C compiler here");
        using Process compiler = Process.Start(new ProcessStartInfo("/usr/bin/cc", ["-shared", "-fPIC", "-x", "c", "-o", library, "-"])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        })!;
        compiler.StandardInput.Write(source);
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    private string LinkLibtorch()
    {
        string? package = typeof(CardTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "libtorch")?.Value;
        Skip.If(package is null, "there is no package of libtorch for this system");
        string libraries = Directory.CreateDirectory(_folder.File("torch", "lib")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(package, "runtimes", "linux-x64", "native")))
            File.CreateSymbolicLink(Path.Combine(libraries, Path.GetFileName(file)), file);
        return libraries;
    }
}
