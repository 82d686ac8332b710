namespace VideoLstm.Core.Datasets;

/// <summary>Which side of the split a clip is on; the names are those of the folders and of data_file.csv.</summary>
public enum ClipSet
{
    /// <summary>Clips that the classifier learns from.</summary>
    Train,

    /// <summary>Clips that it never learns from, and is evaluated on.</summary>
    Test,
}
