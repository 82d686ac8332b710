namespace VideoLstm.Numerics.Inference;

/// <summary>
/// Gives each feature map its place in one stretch of memory, so that maps that are never needed at the same time share it.
/// </summary>
internal static class Arena
{
    // A cache line, which is also an AVX-512 register.
    private const int Alignment = 16;

    /// <summary>
    /// Sets each map's offset: largest first, each at the lowest place that no map living at the same time takes.
    /// </summary>
    /// <returns>Floats that the arena needs.</returns>
    public static long Place(IEnumerable<FeatureMap> maps)
    {
        List<FeatureMap> placed = [];
        foreach (FeatureMap map in maps.OrderByDescending(m => m.Length).ThenBy(m => m.FirstStep))
        {
            long offset = 0;
            foreach (FeatureMap other in placed.Where(o => o.FirstStep <= map.LastStep && map.FirstStep <= o.LastStep).OrderBy(o =>
                o.Offset))
            {
                if (offset + map.Length <= other.Offset)
                    break;
                offset = Math.Max(offset, Align(other.Offset + other.Length));
            }
            map.Offset = offset;
            placed.Add(map);
        }
        return placed.Max(m => m.Offset + m.Length);
    }

    /// <summary>The next whole cache line.</summary>
    public static long Align(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
