namespace VideoLstm.Numerics.Tests;

/// <summary>Tests that set the number of threads take turns.</summary>
[CollectionDefinition(nameof(Workers))]
public class WorkersDefinition;

[Collection(nameof(Workers))]
public class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void EveryNumberIsTakenOnce(int threads) => With(threads, () =>
    {
        foreach (int count in (int[])[0, 1, 2, 7, 1000])
        {
            int[] taken = new int[count];
            Workers.For(count, i => Interlocked.Increment(ref taken[i]));
            Assert.All(taken, n => Assert.Equal(1, n));
        }
    });

    [Fact]
    public void SeveralThreadsTakePart() => With(2, () =>
    {
        // The two bodies wait for each other, so one thread alone would wait in vain.
        using var both = new Barrier(2);
        bool met = true;
        Workers.For(2, _ => met &= both.SignalAndWait(TimeSpan.FromSeconds(20)));
        Assert.True(met);
    });

    [Fact]
    public void MayBeNested() => With(3, () =>
    {
        int sum = 0;
        Workers.For(10, _ => Workers.For(10, _ => Interlocked.Increment(ref sum)));
        Assert.Equal(100, sum);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AnExceptionReachesTheCaller(int threads) => With(threads, () =>
        Assert.Throws<InvalidOperationException>(() => Workers.For(50, i =>
        {
            if (i == 20)
                throw new InvalidOperationException();
        })));

    [Fact]
    public void TheEnvironmentSetsTheCount()
    {
        Assert.Equal(3, Workers.Choose("3"));
        Assert.Equal(Math.Min(Environment.ProcessorCount, Workers.Most), Workers.Choose(null));
        Assert.Equal(Workers.Choose(null), Workers.Choose(""));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1025")]
    [InlineData("99999999999999")]
    public void ABadCountIsRefusedInOneLine(string text)
    {
        string message = Assert.Throws<FormatException>(() => Workers.Choose(text)).Message;
        Assert.Contains($"VLSTM_THREADS={text}", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void ABadCountCannotBeSet()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Workers.Count = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Workers.Count = Workers.Most + 1);
    }

    private static void With(int threads, Action test)
    {
        int before = Workers.Count;
        try
        {
            Workers.Count = threads;
            test();
        }
        finally
        {
            Workers.Count = before;
        }
    }
}
