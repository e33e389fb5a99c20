using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

/// <summary>
/// Records coarse operations as they run and gives their gradients in reverse. Models are written forward only.
/// <para>
/// The n-th operation of a step uses the buffers of the n-th operation of the step before, so steps of the same
/// structure allocate no device memory once warm. One thread at a time.
/// </para>
/// </summary>
public sealed partial class Tape(Backend backend) : IDisposable
{
    private readonly List<Variable> variables = [];
    private readonly Dictionary<(int Rows, int Columns), Stack<Tensor>> free = [];
    private readonly Dictionary<Parameter, Variable> parameters = [];
    private readonly Dictionary<(Variable Values, Ids Rows), Variable> gathered = [];
    private readonly Dictionary<(Variable Values, Precision Precision), Variable> quantised = [];
    private readonly Dictionary<(FieldLookup Lookup, Ids Categories), LookUpRowsVariable> lookedUp = [];
    private readonly Dictionary<object, Variable> recordedOnce = [];
    private int recorded;

    public Backend Backend { get; } = backend;

    /// <summary>Sum of the losses recorded in this step.</summary>
    public double Loss { get; private set; }

    /// <summary>Starts a step: forgets what was recorded, keeps the buffers.</summary>
    public void Begin()
    {
        recorded = 0;
        Loss = 0;
        parameters.Clear();
        gathered.Clear();
        quantised.Clear();
        lookedUp.Clear();
        recordedOnce.Clear();
    }

    /// <summary>
    /// A trained tensor; its gradient is complete after <see cref="Backward"/>. However often it is asked for in a step,
    /// it is one variable: its gradient is the sum over all its uses.
    /// </summary>
    public Variable Parameter(Parameter parameter)
    {
        if (!parameters.TryGetValue(parameter, out var variable))
            parameters[parameter] = variable = Next<ParameterVariable>().Record(parameter);
        return variable;
    }

    /// <summary>A tensor without a gradient.</summary>
    public Variable Constant(Tensor value) => Next<ConstantVariable>().Record(value);

    /// <summary>
    /// What is recorded for a key. However often it is asked for in a step, it is recorded once and is one variable.
    /// </summary>
    /// <param name="key">Who asks; the same object from step to step.</param>
    /// <param name="record">Records it; must not close over anything, so that nothing is allocated.</param>
    public Variable Once<T>(T key, Func<T, Tape, Variable> record) where T : class
    {
        if (!recordedOnce.TryGetValue(key, out var variable))
            recordedOnce[key] = variable = record(key, this);
        return variable;
    }

    /// <summary>
    /// Gradients of the sum of the recorded losses for every parameter recorded. A parameter that no loss reaches
    /// has the gradient zero.
    /// </summary>
    public void Backward()
    {
        for (int i = recorded - 1; i >= 0; i--)
        {
            var variable = variables[i];
            if (variable.MustRunBackward)
                variable.Backward();
            else if (variable is ParameterVariable)
                variable.ContributeByAdding();
        }
    }

    public void Dispose()
    {
        ReleaseFrom(0);
        FreeUnused();
    }

    /// <summary>
    /// Gives back to the device the buffers that this step does not hold: before work that takes memory of its own.
    /// </summary>
    public void FreeUnused()
    {
        foreach (var tensor in free.Values.SelectMany(stack => stack))
            tensor.Dispose();
        free.Clear();
    }

    internal Tensor Rent(int rows, int columns) =>
        free.TryGetValue((rows, columns), out var stack) && stack.TryPop(out var tensor)
            ? tensor
            : Backend.Allocate(rows, columns);

    internal void Return(Tensor tensor)
    {
        if (!free.TryGetValue((tensor.Rows, tensor.Columns), out var stack))
            free[(tensor.Rows, tensor.Columns)] = stack = new Stack<Tensor>();
        stack.Push(tensor);
    }

    /// <summary>The variable for the next operation: last step's at the same place if it was of the same kind.</summary>
    private T Next<T>() where T : Variable, new()
    {
        if (recorded < variables.Count && variables[recorded] is T known)
        {
            recorded++;
            known.BeginStep();
            return known;
        }

        var fresh = new T();
        fresh.Attach(this);
        fresh.BeginStep();
        ReleaseFrom(recorded);
        variables.Add(fresh);
        recorded++;
        return fresh;
    }

    /// <summary>
    /// A step of another structure begins here: what the step before held from this place on goes back at once, so that
    /// training and ranking in turn share their buffers instead of each holding its own.
    /// </summary>
    private void ReleaseFrom(int place)
    {
        for (int i = place; i < variables.Count; i++)
            variables[i].Release();
        variables.RemoveRange(place, variables.Count - place);
    }

    private T Add<T>(T loss) where T : LossVariable
    {
        Loss += loss.Loss;
        return loss;
    }

    private sealed class ParameterVariable : Variable
    {
        public ParameterVariable Record(Parameter parameter)
        {
            Borrow(parameter.Value, parameter.Gradient);
            NeedsGradient = true;
            RowSizes = parameter.RowSizes;
            return this;
        }

        internal override void Backward()
        {
        }

        internal override void Release()
        {
        }
    }

    private sealed class ConstantVariable : Variable
    {
        public ConstantVariable Record(Tensor tensor)
        {
            Borrow(tensor, null);
            return this;
        }

        internal override void Backward()
        {
        }

        internal override void Release()
        {
        }
    }
}
