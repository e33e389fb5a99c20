using Bet.Engine.Autograd;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Autograd;

public sealed class TapeTests
{
    private const int Rows = 37;
    private const int Columns = 19;

    /// <summary>The same activation of the parameter, with an operation before it and without.</summary>
    [Fact]
    public void A_step_of_another_structure_takes_the_buffers_of_the_last()
    {
        using var backend = new CpuBackend(1);
        using var parameter = new Parameter(backend, "p", Rows, Columns);
        using var tape = new Tape(backend);
        Record(tape, parameter, normFirst: true);
        long before = backend.AllocatedBytes;

        Record(tape, parameter, normFirst: false);

        Assert.Equal(before, backend.AllocatedBytes);
    }

    [Fact]
    public void Unused_buffers_are_freed_and_made_again()
    {
        using var backend = new CpuBackend(1);
        using var parameter = new Parameter(backend, "p", Rows, Columns);
        using var tape = new Tape(backend);
        backend.Fill(parameter.Value, 0.5f);
        double first = Record(tape, parameter, normFirst: true);
        tape.Begin();
        tape.SquaredNorm(1, tape.Parameter(parameter));

        tape.FreeUnused();

        Assert.Equal(first, Record(tape, parameter, normFirst: true));
    }

    private static double Record(Tape tape, Parameter parameter, bool normFirst)
    {
        tape.Begin();
        var p = tape.Parameter(parameter);
        if (normFirst)
            tape.SquaredNorm(1, p);
        tape.SquaredNorm(0.25f, tape.LeakyRelu(0.2f, p));
        tape.Backward();
        return tape.Loss;
    }
}
