using VideoLstm.Core.Reports;

namespace VideoLstm.Core.Tests.Reports;

/// <summary>What is said of something that was looked at.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData("VLSTM_LIBTORCH", "VLSTM_LIBTORCH: /opt/torch: no such folder", "/opt/torch: no such folder")]
    [InlineData("VLSTM_LIBTORCH", "/opt/torch: libtorch of another version", "/opt/torch: libtorch of another version")]
    [InlineData("disk", "disks are full", "disks are full")]
    public void The_name_of_what_was_looked_at_is_said_once(string name, string fact, string found) =>
        Assert.Equal(found, new Check(Severity.Lacking, name, fact).Found);
}
