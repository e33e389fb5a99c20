using Bet.Engine.Compute;

namespace Bet.Bench.Measures;

/// <summary>Tables of Criteo's number of fields, and batches of categories that are drawn beforehand and used in turn.</summary>
public sealed class LookupWork : IDisposable
{
    public const int Fields = 26;
    public const int Columns = 16;
    public const int Samples = 2048;
    public const int Categories = 1_000_000;

    /// <summary>Enough that the processor's caches do not hold the rows of all.</summary>
    public const int Batches = 16;

    private readonly Backend backend;
    private readonly List<RowTable> tables = [];
    private readonly Ids[] batches;
    private readonly Tensor result;
    private readonly Tensor gradient;
    private readonly FieldLookup lookup;
    private int next;

    /// <param name="work">Its backend, and where the categories are written to.</param>
    /// <param name="collisions">Categories of a row of the first table; 1 for a row each, else a second table has the factors.</param>
    /// <param name="skewed">Whether a category's frequency falls as one over its number, or is that of all.</param>
    /// <param name="precision">That rows are rounded to as they are read.</param>
    public LookupWork(Workload work, int collisions, bool skewed, Precision precision = Precision.Float32)
    {
        backend = work.Backend;
        int cells = Categories / collisions;
        var sources = new List<RowSource>();
        for (int field = 0; field < Fields; field++)
        {
            int column = field * Columns;
            sources.Add(new RowSource(NewTable(field, cells), field, 0, 1, cells, column, RowOperation.Set, precision));
            if (collisions > 1)
                sources.Add(new RowSource(NewTable(field, collisions), field, 0, cells, collisions, column, RowOperation.Multiply, precision));
        }

        lookup = new FieldLookup(Fields, sources);
        int[] categories = Draw(work.Seed, skewed);
        CategoriesFile = work.TemporaryFile($"categories-{(skewed ? "skewed" : "uniform")}.bin");
        using (var writer = new BinaryWriter(File.Create(CategoriesFile)))
        {
            foreach (int category in categories)
                writer.Write(category);
        }

        batches = [.. categories.Chunk(Samples * Fields).Select(batch => work.Upload(batch))];
        result = backend.Allocate(Samples, lookup.Columns);
        gradient = work.Random(Samples, lookup.Columns, 1);
    }

    /// <summary>Of one batch.</summary>
    public int Rows => Samples * lookup.Sources.Count;

    /// <summary>int32 [batches, b, F].</summary>
    public string CategoriesFile { get; }

    public void LookUp() => backend.LookUpRows(lookup, batches[next++ % Batches], result);

    public void Update() => backend.UpdateRows(new(Optimiser.Adagrad, 1, 0.01f), lookup, batches[next++ % Batches], gradient);

    public void Step()
    {
        backend.LookUpRows(lookup, batches[next % Batches], result);
        Update();
    }

    /// <summary>The squares of what the first batch finds, summed.</summary>
    public double Squares()
    {
        backend.LookUpRows(lookup, batches[0], result);
        return backend.SquaredNorm(1, result);
    }

    public void Dispose()
    {
        foreach (var one in tables.Concat<IDisposable>(batches).Append(result).Append(gradient))
            one.Dispose();
    }

    /// <summary>The numbers that the peer has in the same places.</summary>
    private RowTable NewTable(int field, int rows)
    {
        var table = new RowTable(backend, $"field {field}", rows, Columns, Optimiser.Adagrad);
        float[] values = new float[(long)rows * Columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((i % 19) + field + 1) / 19f;
        backend.Upload(values, table.Value);
        tables.Add(table);
        return table;
    }

    private static int[] Draw(ulong seed, bool skewed)
    {
        var random = new Philox(seed, RandomPurpose.Test);
        var categories = new int[Batches * Samples * Fields];
        for (int i = 0; i < categories.Length; i++)
        {
            double share = random.Uniform((ulong)i);
            categories[i] = (int)(skewed ? Math.Pow(Categories, share) - 1 : share * Categories);
        }

        return categories;
    }
}
