using Bet.Engine.Artifacts;
using Bet.Engine.Data;

namespace Bet.Tests.Library;

public sealed class LibraryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-library-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_documented_program_is_the_one_that_is_compiled_here()
    {
        string[] documented = Block(Path.Combine(Root, "docs", "library.md"), "```csharp", "```");
        string[] compiled = Block(Path.Combine(Root, "Bet.Tests", "Library", "TenLines.cs"), "    {", "    }");
        Assert.Equal(documented.Where(line => !line.StartsWith("using Bet.", StringComparison.Ordinal) && line != ""), compiled);
        Assert.InRange(documented.Length, 1, 12);
    }

    [Fact]
    public void The_documented_program_leaves_a_table_that_proves_its_budget()
    {
        string input = Path.Combine(folder, "data"), output = Path.Combine(folder, "out");
        Directory.CreateDirectory(input);
        using (var stream = File.Create(Path.Combine(input, "train.txt")))
            InteractionWriter.WriteAdjacency(SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3)), stream);
        TenLines.Run(input, output);
        ManifestVerifier.Verify(Path.Combine(output, "artifacts"));
    }

    private static string Root
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Bet.sln")))
                at = at.Parent!;
            return at.FullName;
        }
    }

    /// <summary>The lines between the first two markers, their common indentation taken away.</summary>
    private static string[] Block(string path, string begin, string end)
    {
        string[] inside =
        [
            .. File.ReadLines(path).SkipWhile(line => line != begin).Skip(1).TakeWhile(line => line != end),
        ];
        int indentation = inside.Where(line => line != "").Min(line => line.Length - line.TrimStart().Length);
        return [.. inside.Select(line => line == "" ? line : line[indentation..])];
    }
}
