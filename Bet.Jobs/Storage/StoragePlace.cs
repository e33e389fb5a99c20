namespace Bet.Jobs.Storage;

/// <summary>Where rows and blobs are.</summary>
/// <param name="Folder">What is being written; without <see cref="S3"/> the blobs, and without <see cref="Postgres"/> the rows too.</param>
/// <param name="Postgres">How PostgreSQL is reached, as Npgsql reads it; null: the rows are in a file of the folder.</param>
/// <param name="S3">The bucket of the blobs; null: they are in the folder.</param>
public sealed record StoragePlace(DataFolder Folder, string? Postgres = null, S3Options? S3 = null)
{
    /// <summary>Whether other processes may use it at the same time.</summary>
    public bool IsShared => Postgres is not null;

    /// <exception cref="IOException">The bucket cannot be used.</exception>
    internal IBlobStore OpenBlobs() =>
        S3 is null ? new DirectoryBlobStore(Folder.Blobs, Folder.Temporary) : new S3BlobStore(S3, Folder.Temporary);

    /// <exception cref="System.Data.Common.DbException">The database does not answer.</exception>
    internal Database OpenDatabase(TimeSpan patienceAtStart, TimeSpan patience) => Postgres is null
        ? new SqliteDatabase(Folder.DatabaseFile)
        : new PostgresDatabase(Postgres, patienceAtStart).WithPatience(patience);
}
