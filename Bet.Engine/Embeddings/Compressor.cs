using Bet.Engine.Artifacts;
using Bet.Engine.Fields;

namespace Bet.Engine.Embeddings;

/// <summary>
/// A way to store a side of a table that gives no entity a row of its own, by name: of a number of bytes it makes a
/// <see cref="SideShape"/>, which makes the table that is trained, and reads the packed side again. See
/// <see cref="Compressors"/>.
/// </summary>
public abstract class Compressor
{
    /// <summary>As requests and files name it.</summary>
    public abstract string Name { get; }

    /// <summary>As a report names it.</summary>
    public abstract string Title { get; }

    /// <summary>The smallest d_max that it can do with.</summary>
    public virtual int LeastMaximumSize => 1;

    /// <summary>The smallest side: fewest bytes and fewest values.</summary>
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max.</param>
    public abstract SideShape Least(int rows, int maximumSize);

    /// <summary>The side that spends most of so many bytes and values.</summary>
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="bytes">At least those of <see cref="Least"/>.</param>
    /// <param name="values">At least those of <see cref="Least"/>.</param>
    public abstract SideShape Largest(int rows, int maximumSize, long bytes, long values);

    /// <summary>Reads a side of this kind.</summary>
    /// <exception cref="InvalidDataException">The side contradicts itself.</exception>
    public abstract PackedSide Read(SideSource source);
}

/// <summary>The compressors by name. A new one is a file of its own and a line here.</summary>
public static class Compressors
{
    public static IReadOnlyList<Compressor> All { get; } =
    [
        new Hashing(),
        new QuotientRemainder(FieldOperation.Add),
        new QuotientRemainder(FieldOperation.Multiply),
        new QuotientRemainder(FieldOperation.Concatenate),
        new ThreeDigits(),
        new ChineseRemainder(),
        new LowRank(),
        new ProductQuantisation(),
    ];

    /// <summary>Null where there is none of that name.</summary>
    public static Compressor? Find(string name) => All.FirstOrDefault(compressor => compressor.Name == name);
}
