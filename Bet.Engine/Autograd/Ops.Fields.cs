using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Y [b, C] = the embeddings of b samples; see <see cref="Backend.LookUpRows"/>. The rows are no parameters of the tape:
    /// they are updated by <see cref="UpdateRows"/>. However often the same lookup of the same categories is asked for in a
    /// step, it is one variable.
    /// </summary>
    public Variable LookUpRows(FieldLookup lookup, Ids categories)
    {
        if (!lookedUp.TryGetValue((lookup, categories), out var variable))
            lookedUp[(lookup, categories)] = variable = Next<LookUpRowsVariable>().Record(lookup, categories);
        return variable;
    }

    /// <summary>
    /// One step of the optimiser on the rows of every lookup of this step that a loss reaches, in the order in which they
    /// were recorded; once, after <see cref="Backward"/>. Lookups that share a table step one after the other.
    /// </summary>
    public void UpdateRows(OptimiserStep step)
    {
        for (int i = 0; i < recorded; i++)
        {
            if (variables[i] is LookUpRowsVariable { HasGradient: true } lookup)
                lookup.Update(step);
        }
    }

    private sealed class LookUpRowsVariable : Variable
    {
        private FieldLookup lookup = null!;
        private Ids categories = null!;

        public LookUpRowsVariable Record(FieldLookup lookup, Ids categories)
        {
            (this.lookup, this.categories) = (lookup, categories);
            NeedsGradient = true;
            Backend.LookUpRows(lookup, categories, Result(categories.Count / lookup.Fields, lookup.Columns));
            return this;
        }

        public void Update(OptimiserStep step) => Backend.UpdateRows(step, lookup, categories, Gradient);

        internal override void Backward()
        {
        }
    }
}
