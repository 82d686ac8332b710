using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>What a layer of an <see cref="InferenceNetworkBuilder"/> puts out: <c>[channels, height, width]</c>.</summary>
public sealed class FeatureMap
{
    private QuantizedChannel[]? _quantized;

    internal FeatureMap(int channels, int height, int width, bool isPicture = false)
    {
        (Channels, Height, Width, IsPicture) = (channels, height, width, isPicture);
    }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>
    /// All channels of <paramref name="parts"/> one after the other. It costs nothing: the layers before write into the whole.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes differ, or a part is the picture or belongs to another map already.</exception>
    public static FeatureMap Concat(params ReadOnlySpan<FeatureMap> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("nothing to join", nameof(parts));
        int channels = 0;
        foreach (FeatureMap part in parts)
            channels += part.Channels;
        FeatureMap whole = new(channels, parts[0].Height, parts[0].Width);
        int channel = 0;
        foreach (FeatureMap part in parts)
        {
            if (part.IsPicture || part.Whole is not null || (part.Height, part.Width) != (whole.Height, whole.Width))
                throw new ArgumentException($"cannot join {part} to {whole}: of another size, the picture, or part of another map already",
                    nameof(parts));
            part.Whole = (whole, channel);
            channel += part.Channels;
        }
        return whole;
    }

    /// <summary>Interleaved channels, as decoders deliver them, instead of blocks of 16.</summary>
    internal bool IsPicture { get; }

    /// <summary>The concatenation that this map is a part of, and from which of its channels on.</summary>
    internal (FeatureMap Map, int Channel)? Whole { get; set; }

    /// <summary>The map that has memory of its own, and where in it this one begins.</summary>
    internal (FeatureMap Map, int Channel) Owner
    {
        get
        {
            (FeatureMap map, int channel) = (this, 0);
            while (map.Whole is var (whole, start))
                (map, channel) = (whole, channel + start);
            return (map, channel);
        }
    }

    // Known once all consumers are: only for maps that own their memory.
    internal int PaddingY { get; set; }

    internal int PaddingX { get; set; }

    /// <summary>Pictures whose values it holds at a time; 1: the network runs picture by picture there.</summary>
    internal int Frames { get; set; } = 1;

    internal int FirstStep { get; set; } = int.MaxValue;

    internal int LastStep { get; set; } = -1;

    /// <summary>First cell in the arena: a float, or of quantized networks a byte.</summary>
    internal long Offset { get; set; }

    /// <summary>Cells of a value: several where a quantized network puts out floats.</summary>
    internal int Cells { get; set; } = 1;

    /// <summary>What is known of the values in a quantized network, <c>[channels]</c>; set where the map is made.</summary>
    internal Memory<QuantizedChannel> Quantized
    {
        get
        {
            (FeatureMap owner, int channel) = Owner;
            owner._quantized ??= new QuantizedChannel[owner.Channels];
            return owner._quantized.AsMemory(channel, Channels);
        }
    }

    internal long Length => Frames * FrameLength;

    private long FrameLength => Arena.Align(ActivationMap.Length(Channels, Height, Width, PaddingY, PaddingX) * Cells);

    /// <summary>Where the values lie, relative to the arena.</summary>
    internal unsafe ActivationMap<float> Locate()
    {
        (FeatureMap owner, int channel) = Owner;
        float* start = (float*)(owner.Offset * sizeof(float));
        if (IsPicture)
            return ActivationMap.Interleaved(start, Channels, Height, Width) with { FrameStride = owner.FrameStride };
        ActivationMap<float> all = ActivationMap.Blocked(start, owner.Channels, Height, Width, owner.PaddingY, owner.PaddingX);
        return all with { FrameStride = owner.FrameStride, Origin = (nint)all.At(channel / ActivationMap.BlockSize, 0, 0),
            Blocks = Channels / ActivationMap.BlockSize };
    }

    /// <summary>The same of bytes, in a quantized network.</summary>
    internal ActivationMap<byte> LocateBytes() => Locate().AsBytes();

    private nint FrameStride => Frames > 1 ? (nint)FrameLength : 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Channels} x {Height} x {Width}";
}
