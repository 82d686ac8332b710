using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

public sealed class InfoTests : IDisposable
{
    private static readonly int[] Shape = [1];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Info_prints_at_most_a_screen_and_says_what_it_left_out()
    {
        string path = _folder.File("many.safetensors");
        var metadata = Enumerable.Range(0, 3000).ToDictionary(i => $"key{i}", i => new string('x', 5000));
        metadata[new string('k', 9000)] = "\u001b[2J\n";
        using (FileStream file = File.Create(path))
            SafetensorsWriter.Write(file, Enumerable.Range(0, 3000).Select(i => (new string('t', 500) + i, Shape, (ReadOnlyMemory<float>)new float[1])), metadata);

        string screen = Tool.Succeed(_folder.Path, "info", path), all = Tool.Succeed(_folder.Path, "info", path, "--all");

        Assert.InRange(screen.Split('\n').Length, 10, 40);
        Assert.InRange(screen.Length, 1000, 12_000);
        Assert.Contains("... and 2989 more metadata (--all lists them)", screen, StringComparison.Ordinal);
        Assert.Contains("... and 2988 more tensors (--all lists them)", screen, StringComparison.Ordinal);
        Assert.InRange(all.Split('\n').Length, 6000, 6010);
    }
}
