namespace VideoLstm.Core.Tests.Media;

/// <summary>
/// A film of random shots: textures that stand still, are panned over or shaken by hand, with a thing that moves before them, noise and
/// flicker; joined by cuts, dissolves and fades; and within shots flashes, whip pans, and fades to black and back, which join nothing.
/// </summary>
internal sealed class MadeShots(int seed)
{
    public const int Height = 72, Width = 96;

    private const int TextureHeight = 2 * Height, TextureWidth = 4 * Width;

    private readonly Random _random = new(seed);

    /// <summary>All frames, RGB.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>Where shots are joined: from the first frame that is not of the one alone to the first that is of the other alone.</summary>
    public List<(int First, int End)> Joints { get; } = [];

    /// <summary>Where something happens that joins nothing.</summary>
    public List<int> Distractions { get; } = [];

    public static MadeShots Make(int seed, int joints)
    {
        var film = new MadeShots(seed);
        (List<float[]> shot, bool stands) = film.Shot(film._random.Next(30, 100));
        for (int i = 0; i < joints; i++)
        {
            film.Distract(shot, stands);
            (List<float[]> next, bool nextStands) = film.Shot(film._random.Next(40, 100));
            film.Join(shot, next);
            (shot, stands) = (next, nextStands);
        }
        film.Add(shot);
        return film;
    }

    /// <summary>The share of joints and of cuts that fit each other: the harmonic mean of precision and recall.</summary>
    public double F1(IReadOnlyList<long> cuts, int tolerance = 3)
    {
        var left = new List<long>(cuts);
        int found = 0;
        foreach ((int first, int end) in Joints)
        {
            int index = left.FindIndex(c => c >= first - tolerance && c <= end + tolerance);
            if (index < 0)
                continue;
            left.RemoveAt(index);
            found++;
        }
        return 2.0 * found / (Joints.Count + cuts.Count);
    }

    private void Join(List<float[]> shot, List<float[]> next)
    {
        double kind = shot.Count < 30 ? 0 : _random.NextDouble();
        if (kind < 0.6)
        {
            Add(shot);
            Joints.Add((Frames.Count, Frames.Count));
        }
        else if (kind < 0.8)
        {
            int length = Math.Min(_random.Next(8, 24), shot.Count - 12);
            for (int i = 0; i < length; i++)
            {
                float share = (i + 1f) / (length + 1);
                float[] from = shot[shot.Count - length + i], to = next[i];
                for (int v = 0; v < from.Length; v++)
                    from[v] = (1 - share) * from[v] + share * to[v];
            }
            next.RemoveRange(0, length);
            Joints.Add((Frames.Count + shot.Count - length, Frames.Count + shot.Count));
            Add(shot);
        }
        else
        {
            int length = Math.Min(_random.Next(5, 12), shot.Count - 12), black = _random.Next(0, 10);
            for (int i = 0; i < length; i++)
            {
                Dim(shot[shot.Count - length + i], 1 - (i + 1f) / length);
                Dim(next[i], (float)i / length);
            }
            Joints.Add((Frames.Count + shot.Count - length, Frames.Count + shot.Count + black + length));
            Add(shot);
            Add(Enumerable.Range(0, black).Select(_ => Array.ConvertAll(new float[Height * Width * 3], _ => 3 * _random.NextSingle())));
        }
    }

    private void Distract(List<float[]> shot, bool stands)
    {
        double kind = _random.NextDouble();
        if (shot.Count > 60 && kind < 0.2)
        {
            int start = _random.Next(20, shot.Count - 25), length = _random.Next(1, 5);
            foreach (float[] frame in shot.GetRange(start, length))
            {
                for (int v = 0; v < frame.Length; v++)
                    frame[v] = 0.2f * frame[v] + 220;
            }
            Distractions.Add(Frames.Count + start);
        }
        else if (stands && shot.Count > 70 && kind < 0.4)
        {
            int start = _random.Next(18, shot.Count - 50), length = _random.Next(5, 12);
            for (int i = 0; i < length; i++)
            {
                Dim(shot[start + i], 1 - (i + 1f) / length);
                Dim(shot[start + length + i], (float)i / length);
            }
            Distractions.Add(Frames.Count + start);
        }
    }

    private static void Dim(float[] frame, float share)
    {
        foreach (ref float value in frame.AsSpan())
            value *= share;
    }

    private void Add(IEnumerable<float[]> frames) =>
        Frames.AddRange(frames.Select(f => Array.ConvertAll(f, v => (byte)Math.Clamp(v, 0, 255))));

    private (List<float[]> Frames, bool Stands) Shot(int length)
    {
        float[] texture = Texture();
        int motion = _random.Next(4);
        (float x, float y) = (Uniform(0, 2.5f * Width), Uniform(0, 0.9f * Height));
        (float vx, float vy) = motion switch { 1 => (Uniform(-1.2f, 1.2f), 0f), 2 => (Uniform(-0.5f, 0.5f), Uniform(-0.5f, 0.5f)), _ => (0, 0) };
        float jitter = motion == 3 ? 0.6f : 0, flicker = Uniform(0, 2);
        (int Start, int End, float Way) whip = (-1, -1, 0);
        if (_random.NextDouble() < 0.25 && length > 45)
        {
            int start = _random.Next(15, length - 25);
            whip = (start, start + _random.Next(6, 15), Uniform(0.4f, 0.9f) * Width * (x < 1.2f * Width ? 1 : -1));
            Distractions.Add(-1);
        }
        (float thingX, float thingY, float size) = (Uniform(10, Width - 30), Uniform(10, Height - 30), Uniform(6, 18));
        (float speedX, float speedY) = (Uniform(-1.5f, 1.5f), Uniform(-1.5f, 1.5f));
        float[] colour = [Uniform(0, 255), Uniform(0, 255), Uniform(0, 255)];
        var frames = new List<float[]>();
        for (int i = 0; i < length; i++)
        {
            x += vx + (i >= whip.Start && i < whip.End ? whip.Way / (whip.End - whip.Start) : 0);
            y += vy;
            // A thing that comes to the edge turns round.
            thingX += speedX = thingX < 0 || thingX + size > Width ? -speedX : speedX;
            thingY += speedY = thingY < 0 || thingY + size > Height ? -speedY : speedY;
            float[] frame = View(texture, x + jitter * Normal(), y + jitter * Normal());
            float light = flicker * Normal();
            for (int r = 0; r < Height; r++)
            {
                for (int c = 0; c < Width; c++)
                {
                    bool isThing = r >= thingY && r < thingY + size && c >= thingX && c < thingX + size;
                    for (int k = 0; k < 3; k++)
                    {
                        ref float value = ref frame[(r * Width + c) * 3 + k];
                        value = (isThing ? colour[k] : value) + light + 6 * (_random.NextSingle() - 0.5f);
                    }
                }
            }
            frames.Add(frame);
        }
        return (frames, motion is 0 or 3 && whip.Start < 0);
    }

    // Octaves of noise, smoothed.
    private float[] Texture()
    {
        var texture = new float[TextureHeight * TextureWidth * 3];
        float[] ground = [Uniform(20, 200), Uniform(20, 200), Uniform(20, 200)];
        for (int i = 0; i < texture.Length; i++)
            texture[i] = ground[i % 3];
        foreach (int cell in (int[])[16, 8, 4, 2])
        {
            int rows = TextureHeight / cell + 2, columns = TextureWidth / cell + 2;
            float[] noise = [.. Enumerable.Range(0, rows * columns * 3).Select(_ => Normal())];
            float strength = 60 / MathF.Pow(16f / cell, 0.7f);
            for (int r = 0; r < TextureHeight; r++)
            {
                (int r0, float fr) = (r / cell, r % cell / (float)cell);
                for (int c = 0; c < TextureWidth; c++)
                {
                    (int c0, float fc) = (c / cell, c % cell / (float)cell);
                    for (int k = 0; k < 3; k++)
                        texture[(r * TextureWidth + c) * 3 + k] += strength * (
                            (1 - fr) * ((1 - fc) * noise[(r0 * columns + c0) * 3 + k] + fc * noise[(r0 * columns + c0 + 1) * 3 + k])
                            + fr * ((1 - fc) * noise[((r0 + 1) * columns + c0) * 3 + k] + fc * noise[((r0 + 1) * columns + c0 + 1) * 3 + k]));
                }
            }
        }
        return Array.ConvertAll(texture, v => Math.Clamp(v, 0, 255));
    }

    private static float[] View(float[] texture, float x, float y)
    {
        (x, y) = (Math.Clamp(x, 0, TextureWidth - Width - 2), Math.Clamp(y, 0, TextureHeight - Height - 2));
        (int x0, int y0) = ((int)x, (int)y);
        (float fx, float fy) = (x - x0, y - y0);
        var view = new float[Height * Width * 3];
        for (int r = 0; r < Height; r++)
        {
            int above = (y0 + r) * TextureWidth + x0, below = above + TextureWidth;
            for (int i = 0; i < Width * 3; i++)
                view[r * Width * 3 + i] = (1 - fy) * ((1 - fx) * texture[above * 3 + i] + fx * texture[above * 3 + i + 3])
                    + fy * ((1 - fx) * texture[below * 3 + i] + fx * texture[below * 3 + i + 3]);
        }
        return view;
    }

    private float Uniform(float from, float to) => from + (to - from) * _random.NextSingle();

    private float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle())) * MathF.Cos(MathF.Tau * _random.NextSingle());
}
