namespace VideoLstm.Core.Samples;

/// <summary>What is taken of several vectors that a network gives for a picture: a transformer's tokens.</summary>
public enum TokenPooling
{
    /// <summary>The first: the class token of ViT, DINOv2, CLIP.</summary>
    First,

    /// <summary>Their mean.</summary>
    Mean,
}
