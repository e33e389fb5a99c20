namespace Bet.Tests.Data;

/// <summary>Published data sets that are not part of the repository.</summary>
internal static class SharedData
{
    /// <summary>
    /// The folder of a data set below the one that BET_DATA names, or below a <c>shared/data</c> folder beside one of
    /// the folders above this assembly; null if it is nowhere.
    /// </summary>
    public static string? Find(string dataset)
    {
        var roots = new List<string>();
        if (Environment.GetEnvironmentVariable("BET_DATA") is { Length: > 0 } named)
            roots.Add(named);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            roots.Add(Path.Combine(folder.FullName, "shared", "data"));
        return roots.Select(root => Path.Combine(root, dataset)).FirstOrDefault(Directory.Exists);
    }
}

/// <summary>A test on a published data set; skipped where the data set is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string dataset)
    {
        if (SharedData.Find(dataset) is null)
            Skip = $"the data set '{dataset}' is not here; put it in a folder and name that folder in BET_DATA";
    }
}
