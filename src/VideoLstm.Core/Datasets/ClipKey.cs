namespace VideoLstm.Core.Datasets;

/// <summary>What tells a clip from all others of a data folder.</summary>
internal readonly record struct ClipKey(ClipSet Set, string Class, string Name)
{
    /// <summary>As a person would point to it.</summary>
    public string Label => $"{Clip.SetName(Set)}/{Class}/{Name}";
}
