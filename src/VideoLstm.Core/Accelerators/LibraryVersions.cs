namespace VideoLstm.Core.Accelerators;
internal static class LibraryVersions { public static IReadOnlyList<string> Mend(string folder) => []; }
