namespace VideoLstm.Core.Formats.Tables;

/// <summary>A row of a table that is not empty.</summary>
/// <param name="Line">Number of the line that it begins in, from 1.</param>
/// <param name="Fields">Its fields without quotation marks.</param>
/// <param name="Fault">What is wrong with it; null where nothing is. Then it has no fields.</param>
internal sealed record TableRow(int Line, string[] Fields, string? Fault = null)
{
    /// <summary>A field; empty where the row is shorter or the column is below 0.</summary>
    public string Field(int column) => (uint)column < (uint)Fields.Length ? Fields[column] : "";
}
