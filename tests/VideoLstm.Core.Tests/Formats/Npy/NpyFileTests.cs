using System.Diagnostics;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.Npy;

/// <summary>Arrays that NumPy wrote (tests/references/npy.py), and ours read by NumPy.</summary>
public sealed class NpyFileTests : IDisposable
{
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Formats", "Npy", "Fixtures");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Written => [.. Directory.GetFiles(Fixtures, "*.npy").Select(f => Path.GetFileName(f)).Where(f => !f.StartsWith("refused", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Written))]
    public void What_NumPy_wrote_is_read_row_by_row(string name)
    {
        using FileStream stream = File.OpenRead(Path.Combine(Fixtures, name));
        NpyArray array = NpyFile.ReadSingle(stream, name);
        Assert.Equal(name == "vector.npy" ? [24] : [2, 3, 4], array.Shape);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), array.Values);
        Assert.Equal(stream.Length, stream.Position);
        Assert.Null(NpyFile.ReadBytes(stream, name));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': )(, }", "plain NumPy array")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (, }", "plain NumPy array")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "Python objects")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '<i8')], 'fortran_order': False, 'shape': (2,), }", "records with named fields")]
    [InlineData("{'descr': '<U5', 'fortran_order': False, 'shape': (2,), }", "type <U5")]
    public void What_the_header_says_instead_is_told_in_one_line(string header, string expected)
    {
        using var stream = new MemoryStream([0x93, .. "NUMPY\u0001\0"u8, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header)]);

        string message = Assert.Throws<InvalidDataException>(() => NpyFile.ReadSingle(stream, "x.npy")).Message;

        Assert.StartsWith("x.npy: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused_complex")]
    [InlineData("refused_text")]
    [InlineData("refused_object")]
    [InlineData("refused_record")]
    public void What_is_no_array_of_numbers_is_refused(string name)
    {
        using FileStream stream = File.OpenRead(Path.Combine(Fixtures, name + ".npy"));
        Assert.StartsWith(name, Assert.Throws<InvalidDataException>(() => NpyFile.ReadSingle(stream, name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_those_that_NumPy_writes()
    {
        using var ours = new MemoryStream();
        NpyFile.Write(ours, [.. Enumerable.Range(0, 24).Select(i => (float)i)], [2, 3, 4]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Fixtures, "little_f4.npy")), ours.ToArray());
        ours.SetLength(0);
        NpyFile.Write(ours, [.. Enumerable.Range(0, 24).Select(i => (float)i)], [24]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Fixtures, "vector.npy")), ours.ToArray());
    }

    [SkippableFact]
    public void NumPy_loads_the_first_of_two_arrays()
    {
        const string python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(python), "no Python on this machine");
        string path = _folder.File("two arrays.npy");
        using (FileStream stream = File.Create(path))
        {
            NpyFile.Write(stream, [1.5f, -2, 3e30f, 4, 5, 6], [2, 3]);
            NpyFile.Write(stream, "note"u8);
        }
        var start = new ProcessStartInfo(python, ["-c", "import sys\ntry:\n  import numpy\nexcept ImportError:\n  sys.exit(77)\na = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.tolist() == [[1.5, -2, float(numpy.float32(3e30))], [4, 5, 6]])", path]) { RedirectStandardOutput = true, UseShellExecute = false };
        using Process process = Process.Start(start)!;
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Skip.If(process.ExitCode == 77, "no NumPy on this machine");
        Assert.Equal("float32 (2, 3) True", answer.Trim());

        using FileStream read = File.OpenRead(path);
        NpyFile.ReadSingle(read, path);
        Assert.Equal("note"u8.ToArray(), NpyFile.ReadBytes(read, path));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)")]
    [InlineData("{'descr': 'zf4', 'fortran_order': False, 'shape': (1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (,,), }")]
    [InlineData("{'descr': '<f4', 'descr': '<i4', 'fortran_order': False, 'shape': (1,), }")]
    [InlineData("__import__('os').system('x')")]
    [InlineData("")]
    public void A_header_that_lies_is_refused_before_anything_is_allocated(string header)
    {
        byte[] file = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header.Select(c => (byte)c), 0, 0, 0, 0];
        Assert.Throws<InvalidDataException>(() => NpyFile.ReadSingle(new MemoryStream(file), "x.npy"));
    }

    [Fact]
    public void Damage_of_any_kind_is_refused()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixtures, "little_f4.npy"));
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = i % 4 == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
            for (int flips = random.Next(1, 5); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(Math.Min(damaged.Length, 100))] = (byte)random.Next(256);
            try
            {
                NpyFile.ReadSingle(new MemoryStream(damaged), "x.npy");
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 2000, 5000);
    }
}
