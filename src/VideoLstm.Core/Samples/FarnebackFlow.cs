using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// Dense optical flow: how far each pixel of a picture has moved in the next one.
/// G. Farneback, "Two-Frame Motion Estimation Based on Polynomial Expansion" (SCIA 2003): around each pixel a picture is
/// approximated by a quadratic x'Ax + b'x + c; from the A and b of two pictures follows the displacement d with A d = -(b2 - b1) / 2,
/// solved in the least-squares sense over a window, from a coarse scale to fine ones, a few times each.
/// Parameters as keras-video-generators gives them to OpenCV, and the choices that the paper leaves open as OpenCV makes them:
/// 3 halvings down to no less than 32 pixels, window 15, 3 iterations, expansion over 11 pixels with sigma 1.1.
/// One thread; several may use one object.
/// </summary>
internal sealed class FarnebackFlow
{
    private const int Halvings = 3;
    private const int SmallestSide = 32;
    private const int Iterations = 3;
    private const int ExpansionRadius = 5;
    private const double ExpansionSigma = 1.1;
    private const int WindowRadius = 7;
    // Rows that the window's sums still need.
    private const int Ring = 2 * WindowRadius + 2;
    // Keeps the determinant from 0 where nothing is to be seen.
    private const double Regularization = 1e-3;
    // Five values a pixel, room for eight: one vector.
    private const int Lanes = 8;

    // What is near the edge counts less: there the expansion has seen what is not in the picture.
    private static readonly float[] EdgeCertainty = [0.14f, 0.14f, 0.4472f, 0.4472f, 0.4472f];

    private readonly Basis _basis = new();
    private readonly Scale[] _scales;

    /// <summary>Plans the work.</summary>
    /// <param name="height">Height of the pictures, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    public FarnebackFlow(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        Height = height;
        Width = width;
        int coarsest = 0;
        while (coarsest < Halvings && Math.Min(height, width) * Math.Pow(0.5, coarsest + 1) >= SmallestSide)
            coarsest++;
        _scales = new Scale[coarsest + 1];
        for (int i = 0; i <= coarsest; i++)
            _scales[i] = new Scale(height, width, coarsest - i, i > 0 ? _scales[i - 1] : null);
    }

    /// <summary>Height of the pictures, pixels.</summary>
    public int Height { get; }

    /// <summary>Their width, pixels.</summary>
    public int Width { get; }

    /// <summary>A picture as polynomials, to be filled by <see cref="Expand"/>.</summary>
    public FlowExpansion CreateExpansion() => new([.. _scales.Select(s => new float[s.Height * s.Width * Lanes])]);

    /// <summary>Approximates a picture by polynomials, at each scale: a picture between two others needs it once.</summary>
    /// <param name="gray">The picture, <c>[height, width]</c>.</param>
    /// <param name="expansion">Where the polynomials go.</param>
    public void Expand(ReadOnlySpan<byte> gray, FlowExpansion expansion)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gray.Length, Height * Width, nameof(gray));
        var picture = new float[gray.Length];
        for (int i = 0; i < gray.Length; i++)
            picture[i] = gray[i];
        float[] lower = new float[gray.Length], reduced = new float[gray.Length];
        for (int i = 0; i < _scales.Length; i++)
        {
            Scale scale = _scales[i];
            scale.ShrinkHeight.Columns(picture, lower, Width);
            scale.ShrinkWidth.Rows(lower, reduced, scale.Height);
            _basis.Expand(reduced, scale.Height, scale.Width, expansion.Scales[i]);
        }
    }

    /// <summary>Estimates the flow from one picture to another.</summary>
    /// <param name="from">The first picture.</param>
    /// <param name="to">The second.</param>
    /// <param name="flow">Filled with <c>[2, height, width]</c>: pixels to the right, then pixels down, from the place of a thing in the
    /// first picture to its place in the second.</param>
    public void Estimate(FlowExpansion from, FlowExpansion to, Span<float> flow)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(flow.Length, 2 * Height * Width, nameof(flow));
        var sums = new WindowSums(Width);
        float[] current = new float[flow.Length], finer = new float[flow.Length], between = new float[flow.Length];
        for (int i = 0; i < _scales.Length; i++)
        {
            Scale scale = _scales[i];
            if (i > 0)
            {
                Enlarge(current, between, finer, _scales[i - 1], scale);
                (current, finer) = (finer, current);
            }
            for (int iteration = 0; iteration < Iterations; iteration++)
                Improve(from.Scales[i], to.Scales[i], scale, current, sums);
        }
        current.AsSpan(0, flow.Length).CopyTo(flow);
    }

    private static void Enlarge(float[] coarse, float[] between, float[] fine, Scale from, Scale to)
    {
        for (int axis = 0; axis < 2; axis++)
        {
            to.GrowHeight!.Columns(coarse.AsSpan(axis * from.Height * from.Width), between, from.Width);
            Span<float> plane = fine.AsSpan(axis * to.Height * to.Width, to.Height * to.Width);
            to.GrowWidth!.Rows(between, plane, to.Height);
            TensorPrimitives.Multiply(plane, 2f, plane);
        }
    }

    /// <summary>
    /// One iteration at one scale: the equations of a row are made just before the first window that needs them, from the flow so far.
    /// </summary>
    private static void Improve(float[] from, float[] to, Scale scale, float[] flow, WindowSums sums)
    {
        int last = scale.Height - 1;
        for (int y = 0; y <= Math.Min(WindowRadius, last); y++)
            MakeEquations(from, to, scale, flow, y, sums.Row(y));
        sums.Begin(last, scale.Width);
        for (int y = 0; y <= last; y++)
        {
            if (y > 0)
            {
                int entering = Math.Min(y + WindowRadius, last);
                if (entering == y + WindowRadius)
                    MakeEquations(from, to, scale, flow, entering, sums.Row(entering));
                sums.MoveDown(entering, Math.Max(y - WindowRadius - 1, 0), scale.Width);
            }
            sums.Solve(flow.AsSpan(y * scale.Width, scale.Width), flow.AsSpan((scale.Height + y) * scale.Width, scale.Width));
        }
    }

    /// <summary>
    /// The normal equations A'A d = A'(A d0 - (b2 - b1) / 2) of each pixel of a row, d0 the flow so far: a row of (xx, xy, yy, x, y).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MakeEquations(float[] from, float[] to, Scale scale, float[] flow, int y, Span<float> equations)
    {
        int width = scale.Width, height = scale.Height;
        ReadOnlySpan<float> across = flow.AsSpan(y * width, width), down = flow.AsSpan((height + y) * width, width),
            certainty = scale.CertaintyX;
        ref float first = ref MemoryMarshal.GetArrayDataReference(from), second = ref MemoryMarshal.GetArrayDataReference(to);
        var seen = Vector256.Create(0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0);
        var minus = Vector256.Create(-0.5f, -0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0);
        var unseen = Vector256.Create(0.5f, 0.5f, 1, 1, 1, 0, 0, 0);
        for (int x = 0; x < width; x++)
        {
            float dx = across[x], dy = down[x], px = x + dx, py = y + dy;
            var polynomial = Vector256.LoadUnsafe(ref first, (nuint)((y * width + x) * Lanes));
            if (px >= 0 && px < width - 1 && py >= 0 && py < height - 1)
            {
                int left = (int)px, top = (int)py;
                Vector256<float> alongX = Vector256.Create(px - left), alongY = Vector256.Create(py - top);
                nuint corner = (nuint)((top * width + left) * Lanes), below = corner + (nuint)(width * Lanes);
                Vector256<float> upper = Between(
                    Vector256.LoadUnsafe(ref second, corner), Vector256.LoadUnsafe(ref second, corner + Lanes), alongX);
                Vector256<float> lower = Between(
                    Vector256.LoadUnsafe(ref second, below), Vector256.LoadUnsafe(ref second, below + Lanes), alongX);
                polynomial = polynomial * seen + Between(upper, lower, alongY) * minus;
            }
            else
            {
                polynomial *= unseen;
            }
            float xx = polynomial[2], yy = polynomial[3], xy = polynomial[4];
            float ux = polynomial[0] + xx * dx + xy * dy, uy = polynomial[1] + xy * dx + yy * dy;
            float weight = certainty[x] * scale.CertaintyY[y];
            Span<float> equation = equations.Slice(x * Lanes, 5);
            equation[0] = weight * (xx * xx + xy * xy);
            equation[1] = weight * (xy * (xx + yy));
            equation[2] = weight * (xy * xy + yy * yy);
            equation[3] = weight * (xx * ux + xy * uy);
            equation[4] = weight * (xy * ux + yy * uy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Between(Vector256<float> a, Vector256<float> b, Vector256<float> part) =>
        Vector256.MultiplyAddEstimate(b - a, part, a);

    /// <summary>Sizes and plans of one scale.</summary>
    private sealed class Scale
    {
        public Scale(int fullHeight, int fullWidth, int halvings, Scale? coarser)
        {
            double scale = Math.Pow(0.5, halvings), sigma = (1 / scale - 1) * 0.5;
            Height = (int)Math.Round(fullHeight * scale);
            Width = (int)Math.Round(fullWidth * scale);
            double[] smoothing = halvings == 0
                ? [0.25, 0.5, 0.25]
                : Resampling.Gaussian(sigma, Math.Max((int)Math.Round(sigma * 5) | 1, 3) / 2);
            ShrinkHeight = new Resampling(fullHeight, Height, smoothing);
            ShrinkWidth = new Resampling(fullWidth, Width, smoothing);
            if (coarser is not null)
            {
                GrowHeight = new Resampling(coarser.Height, Height, Resampling.NoSmoothing);
                GrowWidth = new Resampling(coarser.Width, Width, Resampling.NoSmoothing);
            }
            CertaintyX = Certainty(Width);
            CertaintyY = Certainty(Height);
        }

        public int Height { get; }

        public int Width { get; }

        public Resampling ShrinkHeight { get; }

        public Resampling ShrinkWidth { get; }

        public Resampling? GrowHeight { get; }

        public Resampling? GrowWidth { get; }

        /// <summary>Squared, as equations are.</summary>
        public float[] CertaintyX { get; }

        /// <summary>Squared, as equations are.</summary>
        public float[] CertaintyY { get; }

        private static float[] Certainty(int length)
        {
            static float At(int distance) => distance < EdgeCertainty.Length ? EdgeCertainty[distance] * EdgeCertainty[distance] : 1;
            return [.. Enumerable.Range(0, length).Select(i => At(i) * At(length - 1 - i))];
        }
    }

    /// <summary>
    /// The polynomial expansion: for each pixel the quadratic that is nearest to the picture around it, weighted by a Gaussian g.
    /// With the moments s2 = sum g x^2 and s4 = sum g x^4 its coefficients are sums of the picture with g, xg and x^2 g along each
    /// axis: b = sum(xg) / s2, A_xx = (sum(x^2 g) - s2 sum(g)) / (s4 - s2^2), 2 A_xy = sum(xg yg) / s2^2.
    /// </summary>
    private sealed class Basis
    {
        private readonly float[] _g = new float[ExpansionRadius + 1], _xg = new float[ExpansionRadius + 1],
            _xxg = new float[ExpansionRadius + 1];
        private readonly float _gradient, _curvature, _mean, _mixed;

        public Basis()
        {
            double[] gaussian = Resampling.Gaussian(ExpansionSigma, ExpansionRadius);
            double s2 = 0, s4 = 0;
            for (int x = -ExpansionRadius; x <= ExpansionRadius; x++)
            {
                double g = gaussian[x + ExpansionRadius];
                s2 += g * x * x;
                s4 += g * x * x * x * x;
                if (x >= 0)
                    (_g[x], _xg[x], _xxg[x]) = ((float)g, (float)(g * x), (float)(g * x * x));
            }
            _gradient = (float)(1 / s2);
            _curvature = (float)(1 / (s4 - s2 * s2));
            _mean = (float)(s2 / (s4 - s2 * s2));
            _mixed = (float)(0.5 / (s2 * s2));
        }

        /// <summary>
        /// Expands a picture <c>[height, width]</c> into <c>[height, width, 8]</c>: b_x, b_y, A_xx, A_yy, A_xy and three zeros.
        /// </summary>
        public void Expand(ReadOnlySpan<float> picture, int height, int width, Span<float> result)
        {
            // Whole vectors past the end of a row go into the void.
            int stride = (width + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count,
                padded = stride + 2 * ExpansionRadius;
            float[] sums = new float[3 * padded], coefficients = new float[5 * stride], above = new float[stride],
                below = new float[stride], here = new float[stride];
            for (int y = 0; y < height; y++)
            {
                SumColumns(picture, height, width, y, sums, here, above, below);
                for (int k = 0; k < 3; k++)
                {
                    Span<float> row = sums.AsSpan(k * padded, ExpansionRadius + width + ExpansionRadius);
                    row[..ExpansionRadius].Fill(row[ExpansionRadius]);
                    row[^ExpansionRadius..].Fill(row[ExpansionRadius + width - 1]);
                }
                SumRow(sums, padded, coefficients, stride);
                Span<float> line = result.Slice(y * width * Lanes, width * Lanes);
                for (int x = 0; x < width; x++)
                {
                    Span<float> pixel = line.Slice(x * Lanes, 5);
                    pixel[0] = coefficients[x];
                    pixel[1] = coefficients[stride + x];
                    pixel[2] = coefficients[2 * stride + x];
                    pixel[3] = coefficients[3 * stride + x];
                    pixel[4] = coefficients[4 * stride + x];
                }
            }
        }

        // Along the columns: sums with g, yg and y^2 g, three rows.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void SumColumns(
            ReadOnlySpan<float> picture, int height, int width, int y, float[] sums, float[] here, float[] above, float[] below)
        {
            int padded = sums.Length / 3;
            picture.Slice(y * width, width).CopyTo(here);
            ref float s0 = ref sums[ExpansionRadius], s1 = ref sums[padded + ExpansionRadius], s2 = ref sums[2 * padded + ExpansionRadius];
            for (int x = 0; x < here.Length; x += Vector<float>.Count)
            {
                (Vector.LoadUnsafe(ref here[x]) * _g[0]).StoreUnsafe(ref s0, (nuint)x);
                Vector<float>.Zero.StoreUnsafe(ref s1, (nuint)x);
                Vector<float>.Zero.StoreUnsafe(ref s2, (nuint)x);
            }
            for (int k = 1; k <= ExpansionRadius; k++)
            {
                picture.Slice(Math.Max(y - k, 0) * width, width).CopyTo(above);
                picture.Slice(Math.Min(y + k, height - 1) * width, width).CopyTo(below);
                Vector<float> g = Vector.Create(_g[k]), yg = Vector.Create(_xg[k]), yyg = Vector.Create(_xxg[k]);
                for (int x = 0; x < above.Length; x += Vector<float>.Count)
                {
                    Vector<float> up = Vector.LoadUnsafe(ref above[x]), down = Vector.LoadUnsafe(ref below[x]), both = up + down;
                    (Vector.LoadUnsafe(ref s0, (nuint)x) + both * g).StoreUnsafe(ref s0, (nuint)x);
                    (Vector.LoadUnsafe(ref s1, (nuint)x) + (down - up) * yg).StoreUnsafe(ref s1, (nuint)x);
                    (Vector.LoadUnsafe(ref s2, (nuint)x) + both * yyg).StoreUnsafe(ref s2, (nuint)x);
                }
            }
        }

        // Along the row, and to coefficients.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void SumRow(float[] sums, int padded, float[] coefficients, int stride)
        {
            ref float s0 = ref sums[ExpansionRadius], s1 = ref sums[padded + ExpansionRadius], s2 = ref sums[2 * padded + ExpansionRadius];
            ref float result = ref MemoryMarshal.GetArrayDataReference(coefficients);
            for (int x = 0; x < stride; x += Vector<float>.Count)
            {
                Vector<float> mean = Vector.LoadUnsafe(ref s0, (nuint)x) * _g[0], bx = default, axx = default;
                Vector<float> by = Vector.LoadUnsafe(ref s1, (nuint)x) * _g[0], axy = default,
                    ayy = Vector.LoadUnsafe(ref s2, (nuint)x) * _g[0];
                for (int k = 1; k <= ExpansionRadius; k++)
                {
                    Vector<float> left = Vector.LoadUnsafe(ref Unsafe.Add(ref s0, x - k)),
                        right = Vector.LoadUnsafe(ref Unsafe.Add(ref s0, x + k));
                    mean += (left + right) * _g[k];
                    bx += (right - left) * _xg[k];
                    axx += (left + right) * _xxg[k];
                    left = Vector.LoadUnsafe(ref Unsafe.Add(ref s1, x - k));
                    right = Vector.LoadUnsafe(ref Unsafe.Add(ref s1, x + k));
                    by += (left + right) * _g[k];
                    axy += (right - left) * _xg[k];
                    ayy += (Vector.LoadUnsafe(ref Unsafe.Add(ref s2, x - k)) + Vector.LoadUnsafe(ref Unsafe.Add(ref s2, x + k))) * _g[k];
                }
                (bx * _gradient).StoreUnsafe(ref result, (nuint)x);
                (by * _gradient).StoreUnsafe(ref result, (nuint)(stride + x));
                (axx * _curvature - mean * _mean).StoreUnsafe(ref result, (nuint)(2 * stride + x));
                (ayy * _curvature - mean * _mean).StoreUnsafe(ref result, (nuint)(3 * stride + x));
                (axy * _mixed).StoreUnsafe(ref result, (nuint)(4 * stride + x));
            }
        }
    }

    /// <summary>
    /// Sums of the equations over the window around each pixel, rows and columns beyond the edge repeated. Along the columns they
    /// are kept from row to row, a row added and one taken away; in double precision, as small differences of them decide.
    /// </summary>
    private sealed class WindowSums(int width)
    {
        private readonly float[] _ring = new float[Ring * width * Lanes];
        private readonly double[] _columns = new double[width * Lanes];

        /// <summary>Where the equations of a row of the picture are, as long as a window needs them.</summary>
        public Span<float> Row(int y) => _ring.AsSpan(y % Ring * width * Lanes, width * Lanes);

        /// <summary>Begins with the window around the first row.</summary>
        public void Begin(int last, int count)
        {
            _columns.AsSpan().Clear();
            for (int y = -WindowRadius; y <= WindowRadius; y++)
            {
                ReadOnlySpan<float> row = Row(Math.Clamp(y, 0, last));
                for (int i = 0; i < count * Lanes; i++)
                    _columns[i] += row[i];
            }
        }

        /// <summary>Moves the window a row down.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void MoveDown(int entering, int leaving, int count)
        {
            ref float add = ref MemoryMarshal.GetReference(Row(entering)), subtract = ref MemoryMarshal.GetReference(Row(leaving));
            ref double columns = ref MemoryMarshal.GetArrayDataReference(_columns);
            for (nuint i = 0; i < (nuint)(count * Lanes); i += Lanes)
            {
                Vector512<double> change = Widen(Vector256.LoadUnsafe(ref add, i)) - Widen(Vector256.LoadUnsafe(ref subtract, i));
                (Vector512.LoadUnsafe(ref columns, i) + change).StoreUnsafe(ref columns, i);
            }
        }

        /// <summary>Solves the equations of each pixel of the row that the window is at.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Solve(Span<float> across, Span<float> down)
        {
            const double Scale = 1.0 / ((2 * WindowRadius + 1) * (2 * WindowRadius + 1));
            int last = across.Length - 1;
            ref double columns = ref MemoryMarshal.GetArrayDataReference(_columns);
            Vector512<double> sum = default;
            for (int x = -WindowRadius; x <= WindowRadius; x++)
                sum += Vector512.LoadUnsafe(ref columns, (nuint)(Math.Clamp(x, 0, last) * Lanes));
            for (int x = 0; x <= last; x++)
            {
                if (x > 0)
                    sum += Vector512.LoadUnsafe(ref columns,
                        (nuint)(Math.Min(x + WindowRadius, last) * Lanes)) - Vector512.LoadUnsafe(ref columns,
                        (nuint)(Math.Max(x - WindowRadius - 1, 0) * Lanes));
                Vector512<double> mean = sum * Scale;
                double xx = mean[0], xy = mean[1], yy = mean[2], hx = mean[3], hy = mean[4];
                double inverse = 1 / (xx * yy - xy * xy + Regularization);
                across[x] = (float)((yy * hx - xy * hy) * inverse);
                down[x] = (float)((xx * hy - xy * hx) * inverse);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<double> Widen(Vector256<float> value) =>
            Vector512.Create(Vector256.WidenLower(value), Vector256.WidenUpper(value));
    }
}
