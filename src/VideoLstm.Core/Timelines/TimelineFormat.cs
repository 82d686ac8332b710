namespace VideoLstm.Core.Timelines;

/// <summary>One way to write a timeline down.</summary>
internal abstract class TimelineFormat
{
    /// <summary>What names of such files end with.</summary>
    public abstract string Extension { get; }

    /// <summary>Steps of the format's clock in a second.</summary>
    public abstract int ClockRate { get; }

    /// <summary>Whether it says only what to skip.</summary>
    public virtual bool IsSkipList => false;

    /// <summary>Whether a file is of this format, by its name.</summary>
    public bool Fits(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is not what it should be.</exception>
    public abstract Timeline Read(TimelineText text);

    /// <summary>Writes a timeline.</summary>
    /// <param name="writer">Where to; ends lines as the format wants them.</param>
    /// <param name="timeline">Segments that last at least a step of the clock; in a skip list, what to skip.</param>
    /// <param name="name">Name of the file, for messages.</param>
    public abstract void Write(TextWriter writer, Timeline timeline, string name);
}
