namespace VideoLstm.Numerics.Kernels;

/// <summary>Cuts numbers into nearly equal parts.</summary>
internal static class Parts
{
    /// <summary>How many parts of at most <paramref name="most"/> a total has.</summary>
    public static int CeilDiv(int total, int most) => (total + most - 1) / most;

    /// <summary>Where part <paramref name="index"/> of <paramref name="parts"/> begins.</summary>
    public static int Start(int total, int parts, int index) => (int)((long)total * index / parts);
}
