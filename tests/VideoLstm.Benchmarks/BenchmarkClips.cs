using System.Globalization;

namespace VideoLstm.Benchmarks;

/// <summary>A folder of made-up clips of 720 x 1280, MPEG-4, to extract features of; removed in the end.</summary>
internal sealed class BenchmarkClips : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vlstm-bench").FullName;
    private readonly int _frames;

    public BenchmarkClips(int clips, int frames)
    {
        _frames = frames;
        List<string> files = [];
        for (int i = 0; i < clips; i++)
        {
            string of = Directory.CreateDirectory(Path.Combine(Data, i % 4 < 2 ? "train" : "test", i % 2 == 0 ? "A" : "B")).FullName;
            files.Add(Path.Combine(of, $"clip{i}.mp4"));
            Contender.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=s=1280x720:r=25,hue=h={i * 60}", "-frames:v", Number(frames), "-c:v", "mpeg4", "-q:v", "3", files[^1]]);
        }
        Files = files;
    }

    /// <summary>The clips.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Frames of all clips.</summary>
    public int Frames => Files.Count * _frames;

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Counts the clips' frames.</summary>
    public double ExtractFiles(string vlstm) => Contender.Run("dotnet", [vlstm, "extract-files", "mp4", "--no-images", "--data", Data]).Seconds;

    /// <summary>Extracts all features anew.</summary>
    public (double Seconds, long Memory, string Output) ExtractFeatures(string vlstm, params string[] options)
    {
        if (!File.Exists(Path.Combine(Data, "data_file.csv")))
            ExtractFiles(vlstm);
        Empty("data/sequences");
        return Contender.Run("dotnet", [vlstm, "extract-features", Number(_frames), "2", "--inception", "random:1", "--data", Data, .. options]);
    }

    /// <summary>An empty folder beside the data.</summary>
    public string Empty(string name)
    {
        string folder = Path.Combine(_folder, name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
