using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Tests.Compute;

namespace Bet.Tests.Autograd;

/// <summary>Every operation's gradient against central finite differences of its own forward pass.</summary>
public sealed partial class GradientTests : IDisposable
{
    private readonly CpuBackend backend = new(2);
    private readonly List<IDisposable> owned = [];
    private uint streams;

    public void Dispose()
    {
        owned.ForEach(one => one.Dispose());
        backend.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(17)]
    public void SpMM(int columns)
    {
        // A = [[1, 0, 2], [0, 0, 0], [0, 3, -1], [0.5, 0, 0]]
        using var a = backend.UploadCsr(4, 3, [0, 2, 2, 4, 5], [0, 2, 1, 2, 0], [1, 2, 3, -1, 0.5f]);
        using var transposed = backend.UploadCsr(3, 4, [0, 2, 3, 5], [0, 3, 2, 0, 2], [1, 0.5f, 3, 2, -1]);
        var x = New(3, columns);
        Check([x], tape => Reduce(tape, tape.SpMM(a, transposed, tape.Parameter(x))));
    }

    [Fact]
    public void SpMM_of_a_chain_adds_up_the_contributions_of_every_layer()
    {
        using var a = backend.UploadCsr(2, 2, [0, 1, 2], [1, 0], [0.7f, 0.3f]);
        using var transposed = backend.UploadCsr(2, 2, [0, 1, 2], [1, 0], [0.3f, 0.7f]);
        var x = New(2, 3);
        Check([x], tape =>
        {
            var e0 = tape.Parameter(x);
            var e = e0;
            for (int layer = 0; layer < 3; layer++)
                e = tape.Add(1, tape.SpMM(a, transposed, e), 1, e0);
            return Reduce(tape, e);
        });
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(3, false)]
    public void Propagate(int layers, bool readUsers)
    {
        // R = [[0.5, 0, 0.3], [0, 0.7, 0]]
        using var userItem = backend.UploadCsr(2, 3, [0, 2, 3], [0, 2, 1], [0.5f, 0.3f, 0.7f]);
        using var itemUser = backend.UploadCsr(3, 2, [0, 1, 2, 3], [0, 1, 0], [0.5f, 0.7f, 0.3f]);
        var (users, items) = (New(2, 5), New(3, 5));
        Check([users, items], tape =>
        {
            var (u, i) = tape.Propagate(userItem, itemUser, tape.Parameter(users), tape.Parameter(items), layers);
            tape.SquaredNorm(0.2f, tape.Parameter(users));
            return readUsers ? Reduce(tape, tape.ConcatenateColumns(u, tape.GatherRows(i, Rows(2, 0)))) : Reduce(tape, i);
        });
    }

    [Fact]
    public void Propagate_is_the_mean_of_the_layers()
    {
        using var userItem = backend.UploadCsr(2, 3, [0, 2, 3], [0, 2, 1], [0.5f, 0.3f, 0.7f]);
        using var itemUser = backend.UploadCsr(3, 2, [0, 1, 2, 3], [0, 1, 0], [0.5f, 0.7f, 0.3f]);
        var (users, items) = (New(2, 4), New(3, 4));
        using var tape = new Tape(backend);
        tape.Begin();
        var (u, i) = tape.Propagate(userItem, itemUser, tape.Parameter(users), tape.Parameter(items), 3);
        double[,] a =
        {
            { 0, 0, 0.5, 0, 0.3 }, { 0, 0, 0, 0.7, 0 }, { 0.5, 0, 0, 0, 0 }, { 0, 0.7, 0, 0, 0 }, { 0.3, 0, 0, 0, 0 },
        };
        float[] start = [.. Read(users.Value), .. Read(items.Value)];
        float[] found = [.. Read(u.Value), .. Read(i.Value)];
        for (int column = 0; column < 4; column++)
        {
            double[] layer = [.. Enumerable.Range(0, 5).Select(row => (double)start[(row * 4) + column])];
            double[] sum = [.. layer];
            for (int l = 0; l < 3; l++)
            {
                layer = [.. Enumerable.Range(0, 5).Select(r => Enumerable.Range(0, 5).Sum(c => a[r, c] * layer[c]))];
                sum = [.. sum.Zip(layer, (x, y) => x + y)];
            }

            for (int row = 0; row < 5; row++)
                Assert.Equal(sum[row] / 4, found[(row * 4) + column], 5);
        }
    }

    [Fact]
    public void MatMul()
    {
        var (x, w) = (New(5, 7), New(7, 3));
        Check([x, w], tape => Reduce(tape, tape.MatMul(tape.Parameter(x), tape.Parameter(w))));
    }

    [Fact]
    public void MatMulSum()
    {
        var (x, w, z, v) = (New(5, 7), New(7, 3), New(5, 4), New(4, 3));
        Check([x, w, z, v], tape => Reduce(tape, tape.MatMulSum(
            tape.Parameter(x), tape.Parameter(w), tape.Parameter(z), tape.Parameter(v))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3f)]
    public void Dense(float slope)
    {
        var (x, w, bias) = (New(5, 7), New(7, 3), New(1, 3));
        Check([x, w, bias], tape => Reduce(tape, tape.Dense(slope, tape.Parameter(x), tape.Parameter(w), tape.Parameter(bias))));
    }

    [Fact]
    public void GatherRows_with_repeats()
    {
        var x = New(4, 6);
        var rows = Rows(2, 0, 2, 2, 3);
        Check([x], tape => Reduce(tape, tape.GatherRows(tape.Parameter(x), rows)));
    }

    [Fact]
    public void AddBias()
    {
        var (x, bias) = (New(5, 3), New(1, 3));
        Check([x, bias], tape => Reduce(tape, tape.AddBias(tape.Parameter(x), tape.Parameter(bias))));
    }

    [Fact]
    public void ConcatenateColumns_of_a_value_with_itself()
    {
        var (x, z) = (New(3, 2), New(3, 5));
        Check([x, z], tape =>
        {
            var left = tape.Parameter(x);
            return Reduce(tape, tape.ConcatenateColumns(tape.ConcatenateColumns(left, tape.Parameter(z)), left));
        });
    }

    [Fact]
    public void LeakyRelu()
    {
        var x = New(4, 9);
        Check([x], tape => Reduce(tape, tape.LeakyRelu(0.1f, tape.Parameter(x))));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 5)]
    [InlineData(3, 33)]
    public void BprLoss(int rows, int columns)
    {
        var (u, p, n) = (New(rows, columns), New(rows, columns), New(rows, columns));
        Check([u, p, n], tape => tape.BprLoss(tape.Parameter(u), tape.Parameter(p), tape.Parameter(n)));
    }

    [Fact]
    public void SquaredNorm_beside_another_loss()
    {
        var (u, p, n) = (New(4, 8), New(4, 8), New(4, 8));
        Check([u, p, n], tape =>
        {
            var users = tape.Parameter(u);
            tape.BprLoss(users, tape.Parameter(p), tape.Parameter(n));
            return tape.SquaredNorm(0.3f, users);
        });
    }

    [Fact]
    public void A_parameter_used_twice_has_the_sum_of_both_gradients()
    {
        var (u, p, n) = (New(5, 4), New(3, 4), New(3, 4));
        var rows = Rows(4, 1, 1);
        Check([u, p, n], tape =>
        {
            tape.BprLoss(
                tape.GatherRows(tape.Parameter(u), rows), tape.Parameter(p), tape.Parameter(n));
            return tape.SquaredNorm(0.4f, tape.GatherRows(tape.Parameter(u), rows));
        });
    }

    [Fact]
    public void A_parameter_that_no_loss_reaches_has_the_gradient_zero()
    {
        var (x, y) = (New(2, 2), New(2, 2));
        backend.Fill(x.Gradient, 7);
        using var tape = new Tape(backend);
        tape.Begin();
        tape.Parameter(x);
        tape.SquaredNorm(1, tape.Parameter(y));
        tape.Backward();
        Assert.All(Read(x.Gradient), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_warmed_step_allocates_no_tensors()
    {
        var x = New(300, 64);
        var rows = Rows([.. Enumerable.Range(0, 100)]);
        using var tape = new Tape(backend);
        WarmedStep.AllocatesAtMost(4096, backend, Step);

        void Step()
        {
            tape.Begin();
            var gathered = tape.GatherRows(tape.Parameter(x), rows);
            tape.BprLoss(gathered, gathered, gathered);
            tape.Backward();
        }
    }

    /// <summary>A number that depends on every value of y differently: the squared norm of y w for a fixed w.</summary>
    private LossVariable Reduce(Tape tape, Variable y)
    {
        var weights = backend.Allocate(y.Value.Columns, 3);
        owned.Add(weights);
        backend.FillNormal(new Philox(9, RandomPurpose.Test, 1000), 1, weights);
        return tape.SquaredNorm(0.5f, tape.MatMul(y, tape.Constant(weights)));
    }

    private void Check(Parameter[] parameters, Func<Tape, LossVariable> record)
    {
        using var tape = new Tape(backend);
        double Loss()
        {
            tape.Begin();
            record(tape);
            return tape.Loss;
        }

        for (int repeat = 0; repeat < 2; repeat++)
        {
            Loss();
            tape.Backward();
        }

        const float step = 1e-2f;
        foreach (var parameter in parameters)
        {
            float[] analytic = Read(parameter.Gradient);
            float[] values = Read(parameter.Value);
            for (int i = 0; i < values.Length; i++)
            {
                float kept = values[i];
                values[i] = kept + step;
                backend.Upload(values, parameter.Value);
                double above = Loss();
                values[i] = kept - step;
                backend.Upload(values, parameter.Value);
                double below = Loss();
                values[i] = kept;
                backend.Upload(values, parameter.Value);
                double numeric = (above - below) / ((double)(kept + step) - (kept - step));
                double tolerance = 2e-3 * Math.Max(1, Math.Abs(numeric));
                Assert.True(
                    Math.Abs(numeric - analytic[i]) < tolerance,
                    $"{parameter.Name}[{i}]: finite differences {numeric}, gradient {analytic[i]}");
            }
        }
    }

    /// <summary>Normal values, none so near to zero that a finite difference would cross LeakyRelu's bend.</summary>
    private Parameter New(int rows, int columns)
    {
        var parameter = new Parameter(backend, $"parameter{streams}", rows, columns);
        owned.Add(parameter);
        backend.FillNormal(new Philox(3, RandomPurpose.Test, streams++), 0.7f, parameter.Value);
        float[] values = Read(parameter.Value);
        for (int i = 0; i < values.Length; i++)
            values[i] += MathF.CopySign(0.03f, values[i]);
        backend.Upload(values, parameter.Value);
        return parameter;
    }

    private Ids Rows(params int[] rows)
    {
        var ids = backend.AllocateIds(rows.Length);
        owned.Add(ids);
        backend.Upload(rows, ids);
        return ids;
    }

    private float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }
}
