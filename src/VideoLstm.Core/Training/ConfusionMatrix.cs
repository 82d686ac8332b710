namespace VideoLstm.Core.Training;

/// <summary>How many clips of each class were taken for which class.</summary>
public sealed class ConfusionMatrix(IReadOnlyList<string> classes)
{
    private readonly int[,] _counts = new int[classes.Count, classes.Count];

    /// <summary>Class names, in the order of the classifier's outputs.</summary>
    public IReadOnlyList<string> Classes { get; } = classes;

    /// <summary>Clips in all.</summary>
    public int Total { get; private set; }

    /// <summary>Clips that were taken for what they are.</summary>
    public int Correct { get; private set; }

    /// <summary>Share of the clips that were taken for what they are, 0 to 1; 0 without clips.</summary>
    public double Accuracy => Total == 0 ? 0 : (double)Correct / Total;

    /// <summary>Clips of class <paramref name="truth"/> that were taken for <paramref name="answer"/>.</summary>
    public int this[int truth, int answer] => _counts[truth, answer];

    /// <summary>Adds a clip.</summary>
    public void Add(int truth, int answer)
    {
        _counts[truth, answer]++;
        Total++;
        Correct += truth == answer ? 1 : 0;
    }
}
