using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.PyTorch;

/// <summary>Files that torch.save wrote (tests/references/pytorch_files.py).</summary>
public sealed class PyTorchFileTests
{
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Formats", "PyTorch", "Fixtures");

    [Theory]
    [InlineData("zip", "state", "PyTorch zip")]
    [InlineData("nested", "state", "PyTorch zip")]
    [InlineData("old", "state", "PyTorch (before 1.6)")]
    [InlineData("old_protocol3", "state", "PyTorch (before 1.6)")]
    [InlineData("old_protocol4", "state", "PyTorch (before 1.6)")]
    [InlineData("old_protocol5", "state", "PyTorch (before 1.6)")]
    [InlineData("zip_protocol3", "state", "PyTorch zip")]
    [InlineData("zip_protocol4", "state", "PyTorch zip")]
    [InlineData("zip_protocol5", "state", "PyTorch zip")]
    [InlineData("module", "module", "PyTorch zip")]
    [InlineData("checkpoint", "module", "PyTorch zip")]
    [InlineData("checkpoint_old", "module", "PyTorch (before 1.6)")]
    public void Every_tensor_is_what_PyTorch_saved(string name, string content, string format)
    {
        using TensorFile file = TensorFile.Open(Path.Combine(Fixtures, name + ".pth"));
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures, content + ".json")));
        Assert.Equal(format, file.FormatName);
        Assert.Equal(expected.RootElement.EnumerateObject().Select(p => p.Name), file.Entries.Select(e => e.Name));
        foreach (JsonProperty tensor in expected.RootElement.EnumerateObject())
        {
            Assert.Equal(tensor.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()), file[tensor.Name].Shape);
            Assert.Equal(tensor.Value.GetProperty("values").EnumerateArray().Select(v => v.GetSingle()), file.ReadSingle(tensor.Name));
        }
    }

    [Theory]
    [InlineData("exploit")]
    [InlineData("exploit_old")]
    public void A_pickle_that_wants_to_run_something_is_refused_by_name(string name)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TensorFile.Open(Path.Combine(Fixtures, name + ".pth")));
        Assert.Contains("print", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Each would otherwise give values that PyTorch does not, or any number of them.</summary>
    [Theory]
    [InlineData("refused_repeated", "contiguous()")]
    [InlineData("refused_big_endian", "big-endian")]
    [InlineData("refused_part_old", "no storage of a tensor")]
    public void What_would_be_misread_is_refused(string name, string reason)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TensorFile.Open(Path.Combine(Fixtures, name + ".pth")));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("nested")]
    [InlineData("old")]
    [InlineData("checkpoint_old")]
    public void Damage_of_any_kind_is_one_line_and_soon(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixtures, name + ".pth"));
        using var folder = new TemporaryFolder();
        string path = folder.File("damaged.pth");
        var random = new Random(1);
        TimeSpan start = ThreadTime.Now;
        int refused = 0;
        const int tries = 600;
        for (int i = 0; i < tries; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            if (i % 4 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            for (int flips = random.Next(1, 8); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            try
            {
                using PyTorchFile file = PyTorchFile.Open(path);
                foreach (TensorEntry entry in file.Entries)
                    file.ReadSingle(entry.Name);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }
        Assert.InRange(refused, tries / 10, tries);
        Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(30), $"took {ThreadTime.Now - start}");
    }
}
