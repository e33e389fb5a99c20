using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>Checks a folder of artifacts against its manifest.</summary>
public static class ManifestVerifier
{
    /// <summary>
    /// Recomputes length and hash of every file, and the budget proof from the table itself. Returns the manifest.
    /// </summary>
    /// <exception cref="InvalidDataException">Something differs; the message names the first thing that does.</exception>
    public static Manifest Verify(string folder)
    {
        Manifest manifest = Read(Path.Combine(folder, Manifest.Name));
        foreach (ManifestFile file in manifest.Files)
            VerifyFile(folder, file);
        if (manifest.Files.Any(file => file.Name == FieldTableFile.Name))
        {
            VerifyBudget(folder, FieldTableFile.Name, manifest.Budget, reader => BudgetProof.Of(
                FieldTableFile.Read(reader), reader.Layout, manifest.Budget.Asked == new BudgetRequest() ? null : manifest.Budget.Asked));
            return manifest;
        }

        if (!manifest.Files.Any(file => file.Name == TableFile.Name))
            throw new InvalidDataException($"{Manifest.Name} lists neither {TableFile.Name} nor {FieldTableFile.Name}");
        VerifyBudget(folder, TableFile.Name, manifest.Budget, reader => BudgetProof.Of(TableFile.Read(reader), reader.Layout));
        return manifest;
    }

    private static Manifest Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{Manifest.Name} is missing");
        using FileStream stream = File.OpenRead(path);
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(stream, ArtifactJson.Compact);
            if (manifest is not { Budget.Components: not null, Files: { } files } || files.Any(file => file?.Name is null))
                throw new InvalidDataException($"{Manifest.Name} has no files or no budget");
            return manifest.FormatVersion == Manifest.CurrentFormat
                ? manifest
                : throw new InvalidDataException($"{Manifest.Name} has format version {manifest.FormatVersion}, {Manifest.CurrentFormat} was expected");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Manifest.Name} is not a manifest: {error.Message}", error);
        }
    }

    private static void VerifyFile(string folder, ManifestFile file)
    {
        // A manifest from elsewhere must not make us read outside its folder.
        if (file.Name is "" or "." or ".." || file.Name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
            throw new InvalidDataException($"'{file.Name}' is not a plain file name");
        string path = Path.Combine(folder, file.Name);
        if (!File.Exists(path))
            throw new InvalidDataException($"{file.Name} is missing");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length != file.Bytes)
            throw new InvalidDataException($"{file.Name} has {stream.Length} bytes, the manifest says {file.Bytes}");
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (sha256 != file.Sha256)
            throw new InvalidDataException($"{file.Name} has SHA-256 {sha256}, the manifest says {file.Sha256}");
    }

    private static void VerifyBudget(string folder, string table, BudgetProof claimed, Func<SafeTensorsReader, BudgetProof> prove)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, table));
        try
        {
            BudgetProof actual = prove(new SafeTensorsReader(stream));
            CheckSame(
                JsonSerializer.SerializeToNode(claimed, ArtifactJson.Compact),
                JsonSerializer.SerializeToNode(actual, ArtifactJson.Compact),
                "budget");
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{table}: {error.Message}", error);
        }
    }

    /// <summary>Throws for the first value, by its path, that differs.</summary>
    private static void CheckSame(JsonNode? claimed, JsonNode? actual, string path)
    {
        if (claimed is JsonObject claims && actual is JsonObject facts)
        {
            foreach (string name in facts.Select(pair => pair.Key).Union(claims.Select(pair => pair.Key)))
                CheckSame(claims[name], facts[name], $"{path}.{name}");
        }
        else if (claimed is JsonArray claimedItems && actual is JsonArray items && claimedItems.Count == items.Count)
        {
            for (int i = 0; i < items.Count; i++)
                CheckSame(claimedItems[i], items[i], $"{path}[{i}]");
        }
        else if (!JsonNode.DeepEquals(claimed, actual))
        {
            throw new InvalidDataException($"{path} is {actual?.ToJsonString() ?? "absent"}, the manifest says {claimed?.ToJsonString() ?? "nothing"}");
        }
    }
}
