namespace Bet.Api;

/// <summary>A temporary file without a name, for answers whose length or ranges are asked for.</summary>
internal static class UnnamedFile
{
    /// <summary>Its space is given back when the stream is closed, or the process ends, however that comes.</summary>
    public static FileStream Create(string folder)
    {
        string path = Path.Combine(folder, $"answer-{Guid.NewGuid():N}");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.Asynchronous,
            BufferSize = 1 << 16,
        });
        File.Delete(path);
        return file;
    }
}
