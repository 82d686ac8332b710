using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Tests.Fuzzing;

/// <summary>Makes bad files of good ones, the same for equal numbers on every machine.</summary>
/// <param name="seeds">Good files.</param>
/// <param name="words">What files of the format are made of.</param>
internal sealed partial class Mutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
{
    private const int MostChanges = 6, LongestPart = 64, MostRepeats = 2000;

    private static readonly long[] Borders = [0, 1, -1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue, long.MinValue];

    private static readonly string[] Numbers =
        ["0", "-1", "1e999", "-0", "NaN", "Infinity", "0.0000001", "2147483648", "9223372036854775807", "99999999999999999999", "1e-400", "1,5", "00:00", "", "null", "[]", "{}"];

    private static readonly string[] Everywhere =
        ["\0", "\r", "\n", "\r\n", "\t", ",", ";", ":", "\"", "'", "\\", "\\ud800", "\u001b[2J", "\u202e", "{", "}", "[", "]", "(", ")", "-", "\uFEFF", "日本", "\u2028", "-->", "#", "=", "<"];

    /// <summary>The input of a number.</summary>
    public byte[] Make(int number)
    {
        var random = new Random(number);
        byte[] input = seeds[random.Next(seeds.Count)];
        for (int changes = random.Next(1, MostChanges + 1); changes > 0; changes--)
            input = Change(input, random);
        return input;
    }

    private byte[] Change(byte[] input, Random random)
    {
        int at = random.Next(input.Length + 1);
        switch (random.Next(12))
        {
            case 0 or 1 when input.Length > 0:
                byte[] flipped = (byte[])input.Clone();
                flipped[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 2 when input.Length > 0:
                byte[] set = (byte[])input.Clone();
                set[random.Next(input.Length)] = (byte)random.Next(256);
                return set;
            case 3:
                byte[] noise = new byte[random.Next(1, LongestPart)];
                random.NextBytes(noise);
                return [.. input[..at], .. noise, .. input[at..]];
            case 4:
                return [.. input[..at], .. input[Math.Min(at + random.Next(1, LongestPart), input.Length)..]];
            case 5 when random.Next(3) == 0:
                return input[..at];
            case 6:
                byte[] other = seeds[random.Next(seeds.Count)];
                int from = random.Next(other.Length + 1);
                return [.. input[..at], .. other[from..Math.Min(other.Length, from + random.Next(4 * LongestPart))], .. input[at..]];
            case 7 when input.Length >= sizeof(long):
                return Border(input, random);
            case 8:
                return Number(input, random);
            case 9 when random.Next(8) == 0:
                byte[] part = input[at..Math.Min(at + random.Next(1, LongestPart), input.Length)];
                return [.. input[..at], .. Enumerable.Repeat(part, random.Next(MostRepeats)).SelectMany(p => p), .. input[at..]];
            default:
                string word = random.Next(2) == 0 && words.Count > 0 ? words[random.Next(words.Count)] : Everywhere[random.Next(Everywhere.Length)];
                return [.. input[..at], .. Encoding.UTF8.GetBytes(word), .. input[random.Next(2) == 0 ? at.. : Math.Min(at + word.Length, input.Length)..]];
        }
    }

    private static byte[] Border(byte[] input, Random random)
    {
        byte[] changed = (byte[])input.Clone();
        long value = Borders[random.Next(Borders.Length)];
        Span<byte> number = changed.AsSpan(random.Next(changed.Length - sizeof(long) + 1), sizeof(long));
        switch (random.Next(4))
        {
            case 0: BinaryPrimitives.WriteInt64LittleEndian(number, value); break;
            case 1: BinaryPrimitives.WriteInt32LittleEndian(number, (int)value); break;
            case 2: BinaryPrimitives.WriteInt16LittleEndian(number, (short)value); break;
            default: BinaryPrimitives.WriteInt32BigEndian(number, (int)value); break;
        }
        return changed;
    }

    // A number that is written in digits becomes another.
    private static byte[] Number(byte[] input, Random random)
    {
        int from = random.Next(input.Length + 1);
        string near = Encoding.Latin1.GetString(input, from, Math.Min(input.Length - from, 4 * LongestPart));
        return Digits().Match(near) is { Success: true } found
            ? [.. input[..(from + found.Index)], .. Encoding.ASCII.GetBytes(random.Next(3) == 0 ? random.Next().ToString(CultureInfo.InvariantCulture) : Numbers[random.Next(Numbers.Length)]), .. input[(from + found.Index + found.Length)..]]
            : input;
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Digits();
}
