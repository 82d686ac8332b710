using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class DataFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "data_file.csv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_written_as_Pythons_csv_writer_writes_them()
    {
        DataFile.Write(FilePath, [new Clip(ClipSet.Train, "Football", "match 1", 75), new Clip(ClipSet.Test, "A,B", "say \"hi\"", 80)]);
        Assert.Equal("train,Football,match 1,75\r\ntest,\"A,B\",\"say \"\"hi\"\"\",80\r\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        Clip[] clips = [new(ClipSet.Train, "Fußball ⚽", "-dash %20 'q'", 1), new(ClipSet.Test, "视频", "a,b\"c", 12345678901)];
        DataFile.Write(FilePath, clips);
        Assert.Equal(clips, DataFile.Read(FilePath));
    }

    [Theory]
    [InlineData("train,A,x,10\ntest,A,x\n", "line 2", "4 fields")]
    [InlineData("train,A,x,10,extra\n", "line 1", "4 fields")]
    [InlineData("validation,A,x,10\n", "line 1", "`validation`")]
    [InlineData("train,A,x,many\n", "line 1", "`many`")]
    [InlineData("train,A,x,-1\n", "line 1", "`-1`")]
    [InlineData("train,..,x,10\n", "line 1", "`..`")]
    [InlineData("train,A,../../etc/passwd,10\n", "line 1", "no name")]
    [InlineData("train,A,,10\n", "line 1", "no name")]
    [InlineData("train,A,x,10\ntrain,A,x,11\n", "line 2", "twice")]
    public void A_broken_row_is_named(string text, string row, string what)
    {
        File.WriteAllText(FilePath, text);
        InputException error = Assert.Throws<InputException>(() => DataFile.Read(FilePath));
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(row, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        File.WriteAllBytes(FilePath, [.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        Assert.Throws<InputException>(() => DataFile.Read(FilePath));
    }

    [Fact]
    public void A_missing_file_says_what_to_run() =>
        Assert.Equal(Remedy.ExtractFiles, Assert.Throws<InputException>(() => DataFile.Read(FilePath)).Remedy);

    [Fact]
    public void A_class_of_train_and_test_is_one_whatever_the_form_of_its_name()
    {
        File.WriteAllText(FilePath, "train,caf\u00E9,a,1\ntest,cafe\u0301,b,1\ntrain,Football,c,1\ntest,football,d,1\n");
        List<Finding> remarks = [];
        Assert.Equal(["caf\u00E9", "caf\u00E9", "Football", "Football"], DataFile.Read(FilePath, remarks).Select(c => c.Class));
        Assert.Equal(2, remarks.Count);
    }

    [Fact]
    public void A_file_of_commas_is_refused_at_once()
    {
        using (FileStream file = File.Create(FilePath))
        {
            byte[] commas = new byte[1 << 20];
            commas.AsSpan().Fill((byte)',');
            for (int i = 0; i < 100; i++)
                file.Write(commas);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("line 1: has more than", Assert.Throws<InputException>(() => DataFile.Read(FilePath)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
    }
}
