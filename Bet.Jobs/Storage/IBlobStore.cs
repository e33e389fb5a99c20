namespace Bet.Jobs.Storage;

/// <summary>Immutable byte strings, named by the lower-case hex SHA-256 of their content.</summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores what <paramref name="content"/> writes where no reader sees it yet. Nothing is kept where it throws, or
    /// where the staged blob is disposed before <see cref="IStagedBlob.Publish"/>.
    /// </summary>
    IStagedBlob Stage(Action<Stream> content);

    /// <summary>Null where there is no such blob. The stream can seek; the caller disposes it.</summary>
    Stream? OpenRead(string hash);

    /// <summary>The hashes of all published blobs.</summary>
    IEnumerable<string> All();

    /// <summary>Does nothing where there is no such blob.</summary>
    void Delete(string hash);
}

/// <summary>A blob that is stored, but not yet visible.</summary>
public interface IStagedBlob : IDisposable
{
    string Hash { get; }

    long Bytes { get; }

    /// <summary>Makes it readable, whole, under its hash; publishing what is there already changes nothing.</summary>
    void Publish();
}
