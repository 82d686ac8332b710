namespace VideoLstm.Core.Classification;

/// <summary>How probabilities over time become labels.</summary>
public enum Smoothing
{
    /// <summary>Each frame has the class that is likeliest there.</summary>
    None,

    /// <summary>Each frame has the class that is likeliest on average over two windows' length around it.</summary>
    Mean,

    /// <summary>The likeliest sequence of classes where each change has its price (A. Viterbi 1967).</summary>
    Viterbi,
}
