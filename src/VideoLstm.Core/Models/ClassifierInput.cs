namespace VideoLstm.Core.Models;

/// <summary>What a classifier sees of a video.</summary>
public abstract record ClassifierInput;
