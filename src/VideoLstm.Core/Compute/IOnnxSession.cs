namespace VideoLstm.Core.Compute;

/// <summary>A network that ONNX Runtime computes. For several threads at once.</summary>
public interface IOnnxSession : IDisposable
{
    /// <summary>Computes.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="values">Its values: an array of <see cref="float"/>, <see cref="byte"/> or <see cref="Half"/>.</param>
    /// <param name="shape">Its sizes.</param>
    /// <returns>Sizes and values of the output.</returns>
    /// <exception cref="InputException">The network cannot be computed with such an input, or gives no numbers.</exception>
    (int[] Shape, float[] Values) Run(string input, Array values, long[] shape);
}
