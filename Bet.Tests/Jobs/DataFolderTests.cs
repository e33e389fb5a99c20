using Bet.Jobs.Storage;

namespace Bet.Tests.Jobs;

public sealed class DataFolderTests : IDisposable
{
    private readonly string root = Path.Combine(Path.GetTempPath(), $"bet-folder-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void It_belongs_to_one_process_unless_it_is_shared()
    {
        using (new DataFolder(root))
            Assert.Contains("Is another server using it?", Assert.Throws<DataFolderException>(() => new DataFolder(root)).Message);
        using var one = new DataFolder(root, isShared: true);
        using var two = new DataFolder(root, isShared: true);
        Assert.NotEqual(one.Temporary, two.Temporary);
        Assert.True(Directory.Exists(one.Temporary) && Directory.Exists(two.Temporary));
    }

    [Fact]
    public void What_a_killed_process_was_writing_goes_at_the_next_start_and_nothing_else()
    {
        using var living = new DataFolder(root, isShared: true);
        File.WriteAllText(Path.Combine(living.Temporary, "half"), "in use");
        string dead = Path.Combine(root, "tmp", "dead");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Combine(dead, "half"), "left");
        File.WriteAllText(dead + ".lock", "");

        using (var next = new DataFolder(root, isShared: true))
            Assert.Equal(4, Directory.EnumerateFileSystemEntries(Path.Combine(root, "tmp")).Count());
        Assert.False(Directory.Exists(dead));
        Assert.True(File.Exists(Path.Combine(living.Temporary, "half")));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(Path.Combine(root, "tmp")).Count());
    }
}
