using Bet.Engine.ClickSearches;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>One part of what a server must hold.</summary>
/// <param name="Name">The tensor in table.safetensors.</param>
/// <param name="Dtype">Its type, by the format's name.</param>
/// <param name="Count">Number of values.</param>
public sealed record ProofComponent(string Name, string Dtype, long Count, long Bytes);

/// <summary>
/// The budget against the file: the components are the file's tensors, and components, header and padding together are
/// the whole file. All of it can be recomputed from table.safetensors.
/// </summary>
/// <param name="Asked">The request, as it was made.</param>
/// <param name="MaximumBytes">What follows from the request; see <see cref="MemoryBudget.MaximumBytes"/>.</param>
/// <param name="MaximumValues">See <see cref="MemoryBudget.MaximumValues"/>.</param>
/// <param name="UsedBytes">The sum of the components' bytes; at most <paramref name="MaximumBytes"/>.</param>
/// <param name="UsedValues">Values that the table keeps; at most <paramref name="MaximumValues"/>.</param>
/// <param name="UsedShare"><paramref name="UsedBytes"/> over <paramref name="MaximumBytes"/>.</param>
/// <param name="HeaderBytes">Bytes of the file before its first tensor.</param>
/// <param name="PaddingBytes">Bytes of the file between tensors.</param>
/// <param name="FileBytes">Bytes of table.safetensors.</param>
public sealed record BudgetProof(
    BudgetRequest Asked, long MaximumBytes, long MaximumValues, long UsedBytes, long UsedValues, double UsedShare,
    IReadOnlyList<ProofComponent> Components, long HeaderBytes, long PaddingBytes, long FileBytes)
{
    /// <summary>Adds up a table and the file that it lies in.</summary>
    /// <exception cref="InvalidDataException">
    /// The file's tensors are not the table, the bound does not follow from the request, or the table breaks it.
    /// </exception>
    public static BudgetProof Of(PackedTable table, SafeTensorsLayout layout)
    {
        ProofComponent[] components = ComponentsOf(layout);
        long used = components.Sum(component => component.Bytes);
        if (used != table.ServingBytes)
            throw new InvalidDataException($"the file holds {used} bytes of tensors, the table is {table.ServingBytes} of them");
        MemoryBudget budget = table.Origin.Budget;
        if (Derived(table) is var derived && derived != budget)
            throw new InvalidDataException($"the bound {budget} does not follow from the request, {derived} does");
        if (used > budget.MaximumBytes)
            throw new InvalidDataException($"the table takes {used} bytes, the budget is {budget.MaximumBytes}");
        if (table.Values > budget.MaximumValues)
            throw new InvalidDataException($"the table keeps {table.Values} values, the budget is {budget.MaximumValues}");
        return new BudgetProof(
            budget.Asked, budget.MaximumBytes, budget.MaximumValues, used, table.Values, (double)used / budget.MaximumBytes,
            components, layout.HeaderBytes, layout.PaddingBytes, layout.FileBytes);
    }

    /// <summary>Adds up the tables of fields and the file that they lie in.</summary>
    /// <param name="fields">The tables.</param>
    /// <param name="layout">Of the file.</param>
    /// <param name="asked">The request; null where the number of collisions was asked for and the tables are what follows.</param>
    /// <exception cref="InvalidDataException">The file's tensors are not the tables, or these break the budget.</exception>
    public static BudgetProof Of(PackedFields fields, SafeTensorsLayout layout, BudgetRequest? asked)
    {
        ProofComponent[] components = ComponentsOf(layout);
        long used = components.Sum(component => component.Bytes), values = fields.Shapes.Sum(shape => shape.Values);
        if (used != fields.Bytes)
            throw new InvalidDataException($"the file holds {used} bytes of tensors, the tables are {fields.Bytes} of them");
        var budget = asked is null
            ? null
            : FieldBudget.From(asked, [.. fields.Shapes.Select(shape => shape.Categories)], fields.Shapes[0].Size);
        if (budget?.Holds(fields.Shapes) == false)
            throw new InvalidDataException($"the tables take {used} bytes and {values} values, the budget is {budget.MaximumBytes} and {budget.MaximumValues}");
        long most = budget?.MaximumBytes ?? used;
        return new BudgetProof(
            asked ?? new BudgetRequest(), most, budget?.MaximumValues ?? values, used, values, (double)used / most, components,
            layout.HeaderBytes, layout.PaddingBytes, layout.FileBytes);
    }

    private static ProofComponent[] ComponentsOf(SafeTensorsLayout layout) =>
        [.. layout.Tensors.Select(tensor => new ProofComponent(tensor.Name, tensor.Type.ToString(), tensor.Count, tensor.Bytes))];

    private static MemoryBudget Derived(PackedTable table)
    {
        MemoryBudget budget = table.Origin.Budget;
        try
        {
            return MemoryBudget.From(
                budget.Asked, table.Users.Rows, table.Items.Rows, budget.MinimumSize, table.MaximumSize);
        }
        catch (BudgetException error)
        {
            throw new InvalidDataException($"{error.Field}: {error.Message}", error);
        }
    }
}
