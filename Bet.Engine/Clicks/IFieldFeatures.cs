using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Clicks;

/// <summary>What a click model knows of the categories of its samples: features of d values each, however they are stored.</summary>
public interface IFieldFeatures
{
    /// <summary>n, features of a sample; at least the number of its fields, as a field may have several.</summary>
    int FeatureCount { get; }

    /// <summary>d, values of a feature.</summary>
    int Size { get; }

    /// <summary>Tables whose rows <see cref="Tape.UpdateRows"/> updates.</summary>
    IReadOnlyList<RowTable> RowTables { get; }

    /// <summary>What is trained beside the rows.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Records the features of b samples, [b, n d].</summary>
    /// <param name="tape">Where.</param>
    /// <param name="categories">[b F], sample by sample.</param>
    Variable Features(Tape tape, Ids categories);
}
