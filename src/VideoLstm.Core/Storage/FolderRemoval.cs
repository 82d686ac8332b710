using System.Diagnostics;

namespace VideoLstm.Core.Storage;

/// <summary>Removes folders into which somebody may still write.</summary>
internal static class FolderRemoval
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Removes a folder with all that is in it. A program that outlived its killed parent may still be adding files: it ends when the folder
    /// is gone, which takes more than one attempt.
    /// </summary>
    /// <exception cref="IOException">It is still there after ten seconds.</exception>
    public static void Remove(string folder)
    {
        var clock = Stopwatch.StartNew();
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (clock.Elapsed < Patience)
            {
                Thread.Yield();
            }
        }
    }
}
