namespace VideoLstm.Core.Tests.Samples;

/// <summary>Pictures of waves, still or moved: the formula of tests/references/frames.py.</summary>
internal static class Texture
{
    /// <summary>A motion of the plane: what is at p = (x, y), measured from the centre, moves to zoom * turn(degrees) * p + (dx, dy).</summary>
    public readonly record struct Motion(double Dx = 0, double Dy = 0, double Degrees = 0, double Zoom = 1)
    {
        /// <summary>Where a thing at (x, y) moves to.</summary>
        public (double X, double Y) Of(double x, double y)
        {
            (double sin, double cos) = Math.SinCos(Degrees * Math.PI / 180);
            return (Zoom * (cos * x - sin * y) + Dx, Zoom * (sin * x + cos * y) + Dy);
        }

        /// <summary>Where a thing at (x, y) came from.</summary>
        public (double X, double Y) Back(double x, double y)
        {
            (double sin, double cos) = Math.SinCos(Degrees * Math.PI / 180);
            (x, y) = (x - Dx, y - Dy);
            return ((cos * x + sin * y) / Zoom, (-sin * x + cos * y) / Zoom);
        }
    }

    /// <summary><c>[height, width]</c>.</summary>
    public static byte[] Gray(int height, int width, double phase = 0, Motion? motion = null)
    {
        var gray = new byte[height * width];
        for (int i = 0; i < gray.Length; i++)
        {
            (double u, double v) = (motion ?? new Motion(Zoom: 1)).Back(i % width - (width - 1) / 2.0, i / width - (height - 1) / 2.0);
            double waves = 34 * Math.Sin(0.11 * u + 0.07 * v + phase) + 30 * Math.Sin(0.31 * u - 0.23 * v + 1 + phase)
                + 28 * Math.Sin(0.05 * u + 0.41 * v + 2 - phase) + 20 * Math.Sin(-0.62 * u + 0.53 * v + 3 + 2 * phase);
            gray[i] = (byte)Math.Floor(128 + waves + 0.5);
        }
        return gray;
    }

    /// <summary>RGB <c>[height, width, 3]</c>.</summary>
    public static byte[] Frame(int height, int width, Motion? motion = null)
    {
        byte[][] planes = [Gray(height, width, 0, motion), Gray(height, width, 0.7, motion), Gray(height, width, 1.9, motion)];
        return [.. Enumerable.Range(0, height * width * 3).Select(i => planes[i % 3][i / 3])];
    }
}
