using System.Buffers.Binary;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// H.264 as bytes (ITU-T H.264, annex B; ISO/IEC 14496-15): splits it into NAL units, and tells parameter sets from pictures. Whatever
/// is not as expected is an <see cref="InvalidDataException"/> that says what.
/// </summary>
internal static class H264Stream
{
    /// <summary>Type of a slice of a picture with which decoding can begin.</summary>
    public const int Idr = 5;

    /// <summary>Type of supplemental information.</summary>
    public const int Supplement = 6;

    /// <summary>Type of a sequence parameter set.</summary>
    public const int SequenceSet = 7;

    /// <summary>Type of a picture parameter set.</summary>
    public const int PictureSet = 8;

    /// <summary>Type of the mark between pictures.</summary>
    public const int Delimiter = 9;

    /// <summary>What a NAL unit is.</summary>
    public static int TypeOf(ReadOnlySpan<byte> unit) => unit.Length > 0 ? unit[0] & 31 : 0;

    /// <summary>The units of a stream with start codes.</summary>
    public static List<byte[]> SplitStartCodes(ReadOnlySpan<byte> stream)
    {
        ReadOnlySpan<byte> code = [0, 0, 1];
        var units = new List<byte[]>();
        int start = stream.IndexOf(code);
        while (start >= 0)
        {
            stream = stream[(start + 3)..];
            start = stream.IndexOf(code);
            // A unit never ends with zeros: they belong to the next start code.
            ReadOnlySpan<byte> unit = (start < 0 ? stream : stream[..start]).TrimEnd((byte)0);
            if (unit.Length > 0)
                units.Add(unit.ToArray());
        }
        return units;
    }

    /// <summary>The units of a stream in which each comes after its length.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="lengthBytes">Bytes of a length, 1 to 4.</param>
    public static List<byte[]> SplitLengths(ReadOnlySpan<byte> stream, int lengthBytes)
    {
        var units = new List<byte[]>();
        while (stream.Length > 0)
        {
            long length = 0;
            for (int i = 0; i < lengthBytes && i < stream.Length; i++)
                length = length << 8 | stream[i];
            if (stream.Length < lengthBytes || length > stream.Length - lengthBytes)
                throw new InvalidDataException("its packets are not as H.264 should be");
            if (length > 0)
                units.Add(stream.Slice(lengthBytes, (int)length).ToArray());
            stream = stream[(lengthBytes + (int)length)..];
        }
        return units;
    }

    /// <summary>The units, each after its length in 4 bytes.</summary>
    public static byte[] Join(IReadOnlyCollection<byte[]> units)
    {
        byte[] data = new byte[units.Sum(u => u.Length + 4)];
        int position = 0;
        foreach (byte[] unit in units)
        {
            BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(position), unit.Length);
            unit.CopyTo(data, position + 4);
            position += unit.Length + 4;
        }
        return data;
    }

    /// <summary>
    /// The parameter sets that a container keeps for the decoder, and the bytes of a length in its packets, 0 where they have start codes.
    /// </summary>
    public static (List<byte[]> Sets, int LengthBytes) ReadExtradata(ReadOnlySpan<byte> extradata)
    {
        if (extradata.Length < 7 || extradata[0] != 1)
            return (SplitStartCodes(extradata), 0);
        int lengthBytes = (extradata[4] & 3) + 1;
        var sets = new List<byte[]>();
        ReadOnlySpan<byte> rest = extradata[5..];
        foreach (int mask in (int[])[31, 255])
        {
            if (rest.Length == 0)
                throw new InvalidDataException("its parameter sets are cut off");
            int count = rest[0] & mask;
            rest = rest[1..];
            for (; count > 0; count--)
            {
                if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest))
                    throw new InvalidDataException("its parameter sets are cut off");
                int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                sets.Add(rest.Slice(2, length).ToArray());
                rest = rest[(2 + length)..];
            }
        }
        return (sets, lengthBytes);
    }

    /// <summary>The avcC record of parameter sets; its packets have lengths of 4 bytes.</summary>
    /// <param name="sets">All sets; the first sequence parameter set says profile and level.</param>
    public static byte[] Configuration(IReadOnlyList<byte[]> sets)
    {
        byte[][] sequence = [.. sets.Where(s => TypeOf(s) == SequenceSet)], picture = [.. sets.Where(s => TypeOf(s) == PictureSet)];
        var record = new List<byte> { 1, sequence[0][1], sequence[0][2], sequence.Max(s => s[3]), 0xFF };
        Add(0xE0, sequence);
        Add(0, picture);
        // Profiles from High on say their colours: 4:2:0, 8 bits.
        if (sequence[0][1] >= 100)
            record.AddRange([0xFD, 0xF8, 0xF8, 0]);
        return [.. record];

        void Add(int mask, byte[][] units)
        {
            record.Add((byte)(mask | units.Length));
            foreach (byte[] unit in units)
                record.AddRange([(byte)(unit.Length >> 8), (byte)unit.Length, .. unit]);
        }
    }

    /// <summary>The number by which a parameter set is called.</summary>
    public static int IdOf(byte[] set)
    {
        // An Exp-Golomb number: as many zeros as bits follow the first one.
        int bit = TypeOf(set) == SequenceSet ? 32 : 8, zeros = 0;
        while (Bit(bit) == 0)
        {
            bit++;
            if (++zeros > 16)
                throw new InvalidDataException("a parameter set has no number");
        }
        int value = 0;
        for (int i = 0; i <= zeros; i++)
            value = value << 1 | Bit(bit + i);
        return value - 1;

        int Bit(int position) => position / 8 < set.Length ? set[position / 8] >> (7 - position % 8) & 1
            : throw new InvalidDataException(Invariant($"a parameter set has only {set.Length} bytes"));
    }
}
