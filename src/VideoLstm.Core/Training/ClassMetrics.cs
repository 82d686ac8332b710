namespace VideoLstm.Core.Training;

/// <summary>How well a class is told from the others: scikit-learn's precision_recall_fscore_support.</summary>
/// <param name="Name">Of the class.</param>
/// <param name="Clips">Clips of the class: scikit-learn's support.</param>
/// <param name="Predicted">Clips that were taken for it, rightly or not.</param>
/// <param name="Correct">Clips of the class that were taken for it.</param>
public sealed record ClassMetrics(string Name, int Clips, int Predicted, int Correct)
{
    /// <summary>Share of the answers that are right; 0 where no clip was taken for the class, as scikit-learn has it.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Correct / Predicted;

    /// <summary>Share of the class's clips that were found; 0 where it has none, as scikit-learn has it.</summary>
    public double Recall => Clips == 0 ? 0 : (double)Correct / Clips;

    /// <summary>Harmonic mean of the two; 0 where the class has neither clips nor answers, as scikit-learn has it.</summary>
    public double F1 => Clips + Predicted == 0 ? 0 : 2.0 * Correct / (Clips + Predicted);

    /// <summary>Whether the class has neither clips nor answers: it then says nothing, and counts in no mean.</summary>
    public bool IsAbsent => Clips + Predicted == 0;
}
