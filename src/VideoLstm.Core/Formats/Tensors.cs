using VideoLstm.Numerics;

namespace VideoLstm.Core.Formats;

/// <summary>Weights as other programs lay them out.</summary>
internal static class Tensors
{
    /// <summary><c>[rows, columns]</c> to <c>[columns, rows]</c>.</summary>
    public static ReadOnlyMemory<float> Transposed(ReadOnlyMemory<float> values, int rows, int columns)
    {
        // In squares that fit into the first cache.
        const int side = 32;
        float[] target = new float[values.Length];
        Workers.For((columns + side - 1) / side, block =>
        {
            ReadOnlySpan<float> from = values.Span;
            int end = Math.Min(columns, (block + 1) * side);
            for (int first = 0; first < rows; first += side)
                for (int column = block * side; column < end; column++)
                    for (int row = first; row < Math.Min(rows, first + side); row++)
                        target[(long)column * rows + row] = from[(int)((long)row * columns + column)];
        });
        return target;
    }

    /// <summary><c>[count, rows, columns]</c> to <c>[count, columns, rows]</c>.</summary>
    public static ReadOnlyMemory<float> Swapped(ReadOnlyMemory<float> values, int count, int rows, int columns)
    {
        float[] target = new float[values.Length];
        for (int i = 0; i < count; i++)
            Transposed(values.Slice(i * rows * columns, rows * columns), rows, columns).CopyTo(target.AsMemory(i * rows * columns));
        return target;
    }

    /// <summary>Parts of equal size in another order.</summary>
    /// <param name="values">The parts, one after the other.</param>
    /// <param name="order">Which of them stands at each place.</param>
    /// <param name="size">Values of a part.</param>
    public static ReadOnlyMemory<float> Gates(ReadOnlyMemory<float> values, ReadOnlySpan<int> order, int size)
    {
        float[] target = new float[values.Length];
        for (int i = 0; i < order.Length; i++)
            values.Slice(order[i] * size, size).CopyTo(target.AsMemory(i * size));
        return target;
    }

    /// <summary>One after the other.</summary>
    public static ReadOnlyMemory<float> Joined(params ReadOnlySpan<ReadOnlyMemory<float>> parts)
    {
        int length = 0;
        foreach (ReadOnlyMemory<float> part in parts)
            length = checked(length + part.Length);
        float[] target = new float[length];
        int at = 0;
        foreach (ReadOnlyMemory<float> part in parts)
        {
            part.CopyTo(target.AsMemory(at));
            at += part.Length;
        }
        return target;
    }
}
