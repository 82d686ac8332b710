using VideoLstm.Core;

namespace VideoLstm.Cli.Tests;

/// <summary>How fast work is said to be, and how long it takes still.</summary>
public class WorkDisplayTests
{
    [Theory]
    [InlineData(5.14, "epochs", "5.1 epochs/s")]
    [InlineData(1, "frames", "1.0 frames/s")]
    [InlineData(0.023, "epochs", "1.4 epochs/min")]
    [InlineData(0.001, "clips", "3.6 clips/h")]
    [InlineData(0.25, "", "15.0/min")]
    [InlineData(0, "clips", "")]
    [InlineData(double.NaN, "clips", "")]
    public void Slow_work_has_a_rate_too(double perSecond, string unit, string expected) => Assert.Equal(expected, WorkDisplay.Rate(perSecond, unit));

    [Theory]
    [InlineData(0, 2, 20, 86, "epochs: 2 epochs of 20, 1.4 epochs/min, 00:12:54 left")]
    // A run that went on with its 500th epoch has taken two in this time.
    [InlineData(500, 502, 1000, 90, "epochs: 502 epochs of 1000, 1.3 epochs/min, 06:13:30 left")]
    [InlineData(0, 1, 1000, 360, "epochs: 1 epochs of 1000, 10.0 epochs/h, 99:54:00 left")]
    [InlineData(0, 0, 20, 15, "epochs: 0 epochs of 20")]
    [InlineData(501, 501, 1000, 0, "epochs: 501 epochs of 1000")]
    [InlineData(0, 7, 0, 10, "epochs: 7 epochs")]
    [InlineData(0, 21, 20, 10, "epochs: 21 epochs of 20, 2.1 epochs/s, 00:00:00 left")]
    public void A_line_tells_how_long_it_takes_still(int from, int done, int total, int seconds, string expected) =>
        Assert.Equal(expected, WorkDisplay.Line("epochs", "epochs", new(from, total), new(done, total), TimeSpan.FromSeconds(seconds)));
}
