namespace VideoLstm.Core.Models;

/// <summary>What can be chosen of a recipe's network.</summary>
[Flags]
public enum ModelChoices
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="ModelSpec.Units"/>.</summary>
    Units = 1,

    /// <summary><see cref="ModelSpec.Layers"/>.</summary>
    Layers = 2,

    /// <summary><see cref="ModelSpec.Bidirectional"/>.</summary>
    Bidirectional = 4,

    /// <summary><see cref="ModelSpec.Alpha"/> and <see cref="ModelSpec.TrainableLayers"/>.</summary>
    MobileNet = 8,
}
