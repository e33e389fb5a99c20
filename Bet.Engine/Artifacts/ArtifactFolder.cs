using System.Text.Json;

namespace Bet.Engine.Artifacts;

/// <summary>Stores artifacts one by one and, at last, the manifest that vouches for all of them.</summary>
/// <param name="store">
/// Stores one file: a name, and what writes its content to a stream. Returns when the file is stored whole.
/// </param>
internal sealed class ArtifactFolder(Action<string, Action<Stream>> store)
{
    private readonly List<ManifestFile> files = [];

    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Store(string name, Action<Stream> write)
    {
        if (files.Any(file => file.Name == name) || name == Manifest.Name)
            throw new ArgumentException($"{name} is written twice");
        ManifestFile? written = null;
        store(name, stream =>
        {
            using var hashing = new HashingStream(stream);
            write(hashing);
            written = new ManifestFile(name, hashing.Position, hashing.Sha256());
        });
        files.Add(written ?? throw new InvalidOperationException($"{name} was not written"));
    }

    public void StoreJson(string name, object value) => Store(name, stream => WriteJson(stream, value));

    /// <summary>A file that lies in this assembly.</summary>
    public void StoreResource(string name) => Store(name, stream =>
    {
        using Stream resource = typeof(ArtifactFolder).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly");
        resource.CopyTo(stream);
    });

    /// <param name="options">The search's, as they were.</param>
    /// <param name="proof">That the budget is kept.</param>
    public Manifest Close(object options, BudgetProof proof)
    {
        var manifest = new Manifest(
            Manifest.CurrentFormat, Manifest.CurrentEngine,
            JsonSerializer.SerializeToNode(options, options.GetType(), ArtifactJson.Compact), proof, files);
        store(Manifest.Name, stream => WriteJson(stream, manifest));
        return manifest;
    }

    private static void WriteJson(Stream stream, object value)
    {
        JsonSerializer.Serialize(stream, value, value.GetType(), ArtifactJson.Indented);
        stream.WriteByte((byte)'\n');
    }
}
