using VideoLstm.Core.Compute;
using VideoLstm.Core.Export;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Export;

public sealed class TorchExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("lstm")]
    [InlineData("lstm 2-layers")]
    [InlineData("lstm bidirectional pad")]
    [InlineData("lstm 2-layers bidirectional")]
    [InlineData("gru pad")]
    [InlineData("gru bidirectional")]
    [InlineData("mlp pad")]
    [InlineData("attention")]
    [InlineData("attention pad")]
    [InlineData("mixed")]
    [InlineData("mixed pad")]
    [InlineData("pooled")]
    [InlineData("pooled pad")]
    [InlineData("averaged pad")]
    [InlineData("linear")]
    [InlineData("linear pad")]
    [InlineData("flat pad")]
    public void PyTorch_computes_the_same(string name)
    {
        var sample = ExportSample.Of(name);
        string module = Write(new TorchExport(sample.Spec, sample.Weights, sample.Info));
        string[] files = sample.Save(_folder);
        // A network that has no use for lengths is not asked for them.
        sample.AssertSame(Reference.Python("export.py", ["torch", module, .. name is "mlp pad" or "flat pad" ? files[..1] : files]), 1e-6);
        Assert.Equal(string.Join('\n', sample.Info.Classes), Reference.Python("export.py", "torch-classes", module).TrimEnd('\n'));
    }

    [SkippableFact]
    public void Torchvision_computes_the_same_features_with_either_dialects_pools()
    {
        InceptionWeights keras = InceptionWeights.Random(3);
        float[][] features = new float[2][];
        foreach (InceptionDialect dialect in Enum.GetValues<InceptionDialect>())
        {
            InceptionWeights weights = keras.WithDialect(dialect);
            byte[] frame = [.. Enumerable.Range(0, 75 * 91 * 3).Select(i => (byte)(i * 7919 >> 5))];
            using Session session = CpuBackend.CreateEngine(weights.Spec(75, 91), Precision.Float).CreateSession(1);
            session.Add(frame);
            session.Finish();
            float[] ours = features[(int)dialect] = session.Features(0).ToArray();

            string module = Write(new TorchExport(weights)), path = _folder.File("frames.npy");
            using (FileStream stream = File.Create(path))
                NpyFile.Write(stream, [.. Enumerable.Range(0, frame.Length).Select(i => frame[i % (75 * 91) * 3 + i / (75 * 91)] / 127.5f - 1)], [1, 3, 75, 91]);
            TensorFixture.AssertClose(ExportSample.Numbers(Reference.Python("export.py", "torch", module, path)), ours, 1e-4, $"{dialect}");
        }
        Assert.True(TensorFixture.RelativeError(features[0], features[1]) > 1e-3);
    }

    [SkippableFact]
    public void The_file_is_what_Python_unpickles_and_we_read_back()
    {
        var sample = ExportSample.Of("gru bidirectional");
        Write(new TorchExport(sample.Spec, sample.Weights, sample.Info));
        using PyTorchFile file = PyTorchFile.Open(_folder.File("model \"x\".pth"));
        Assert.Equal("gru.weight_ih_l0 30 24, gru.weight_hh_l0 30 10, gru.bias_ih_l0 30, gru.bias_hh_l0 30, gru.weight_ih_l0_reverse 30 24", string.Join(", ", file.Entries.Take(5).Select(e => $"{e.Name} {string.Join(' ', e.Shape)}")));
        // Checks checksums and alignment, and unpickles with stand-ins for torch's classes.
        string[] sums = Reference.Python("export.py", "zip", file.Path).TrimEnd().Split('\n');
        Assert.Equal(file.Entries.Select(e => e.Name), sums.Select(l => l.Split(' ')[0]));
        Assert.Equal(file.Entries.Select(e => file.ReadSingle(e.Name).Sum(v => (double)v)), sums.Select(l => double.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void What_PyTorch_cannot_compute_is_refused()
    {
        foreach ((string name, string why) in ((string, string)[])[("lstm hard", "hard sigmoids"), ("hard6", "hard sigmoids"), ("hard", "hard sigmoids"), ("flat-recurrent pad", "flattens")])
        {
            var sample = ExportSample.Of(name);
            Assert.Contains(why, Assert.Throws<InputException>(() => new TorchExport(sample.Spec, sample.Weights, sample.Info)).Message,
                StringComparison.Ordinal);
        }
        (ExportSample frames, _) = ExportSample.OfFrames("convnet-gru", 2, 32, 32, pad: false);
        Assert.Equal(Remedy.ExportToOnnx, Assert.Throws<InputException>(() => new TorchExport(frames.Spec, frames.Weights, frames.Info)).Remedy);
    }

    private string Write(TorchExport export)
    {
        string path = _folder.File("model \"x\".pth"), module = _folder.File("module.py");
        using (FileStream stream = File.Create(path))
            export.Write(stream);
        File.WriteAllText(module, export.Module(path));
        return module;
    }
}
