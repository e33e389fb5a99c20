using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class UpdateTests
{
    public static TheoryData<Optimiser, int> Cases
    {
        get
        {
            var cases = new TheoryData<Optimiser, int>();
            foreach (var kind in Enum.GetValues<Optimiser>())
            {
                foreach (int width in (int[])[1, 7, 16, 17, 33, 128, 130])
                    cases.Add(kind, width);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Three_steps_match_the_formulas_of_the_papers(Optimiser kind, int width)
    {
        Compare(kind, 0, width, sizes: null);
        Compare(kind, 1, width, sizes: null);
        Compare(kind, 400, width, sizes: null);
        Compare(kind, 400, width, Oracle.RowNumbers(400, width + 1, 9));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        using var sizes = backend.Ids([1]);
        var adam = new OptimiserStep(Optimiser.Adam, 1, 0.1f);
        Oracle.Fails("Update: gradient [3, 2], value [2, 3]", () => backend.Update(adam, y, x, [x, x], null));
        Oracle.Fails("Update: value [2, 3], state 1 [3, 2]", () => backend.Update(adam, x, x, [x, y], null));
        Oracle.Fails("Update: Adam has 2 states, not 1", () => backend.Update(adam, x, x, [x], null));
        Oracle.Fails("Update: 1 sizes for the rows of [2, 3]", () => backend.Update(adam, x, x, [x, x], sizes));
        Oracle.Fails("Update: steps count from 1, not from 0", () => backend.Update(adam with { Step = 0 }, x, x, [x, x], null));
    }

    /// <summary>
    /// The result holds the value and the states side by side. Past a row's size there is NaN in the gradient: neither read
    /// nor written. Gradients shrink, so that AMSGrad's largest v is not its last.
    /// </summary>
    private static void Compare(Optimiser kind, int rows, int width, int[]? sizes)
    {
        int tensors = 1 + kind.StateCount();
        float[] value = Oracle.Values(rows * width, 1);
        float[][] gradients = [.. Enumerable.Range(0, 3).Select(step => Oracle.Values(rows * width, 2 + step)
            .Select((g, i) => i % width < (sizes?[i / width] ?? width) ? g * MathF.Pow(0.01f, step) : float.NaN).ToArray())];
        float[] actual = Oracle.Run(backend =>
        {
            Tensor[] state = [backend.Tensor(rows, width, value), .. Enumerable.Range(1, tensors - 1).Select(_ => backend.Allocate(rows, width))];
            using var ids = sizes is null ? null : backend.Ids(sizes);
            for (int step = 1; step <= 3; step++)
            {
                using var gradient = backend.Tensor(rows, width, gradients[step - 1]);
                backend.Update(Step(kind, step), gradient, state[0], state[1..], ids);
            }

            var all = backend.Allocate(rows, tensors * width);
            for (int i = 0; i < tensors; i++)
            {
                backend.CopyColumns(state[i], new(0, width), all, new(i * width, width), false);
                state[i].Dispose();
            }

            return all;
        });
        var expected = new double[rows * tensors * width];
        for (int i = 0; i < value.Length; i++)
        {
            double[] of = [value[i], .. new double[tensors - 1]];
            for (int step = 1; step <= 3 && !float.IsNaN(gradients[0][i]); step++)
                Take(Step(kind, step), gradients[step - 1][i], of);
            for (int t = 0; t < tensors; t++)
                expected[(((i / width * tensors) + t) * width) + (i % width)] = of[t];
        }

        Oracle.Close(expected, actual, 1e-6);
    }

    private static OptimiserStep Step(Optimiser kind, int step) => new(kind, step, 0.01f, 0.9f, 0.99f);

    /// <summary>One value with its states.</summary>
    private static void Take(OptimiserStep step, double g, double[] of)
    {
        if (step.Kind == Optimiser.Sgd)
        {
            of[0] -= 0.01 * g;
            return;
        }

        if (step.Kind == Optimiser.Adagrad)
        {
            of[1] += g * g;
            of[0] -= 0.01 * g / (Math.Sqrt(of[1]) + 1e-8);
            return;
        }

        of[1] = (0.9 * of[1]) + (0.1 * g);
        of[2] = (0.99 * of[2]) + (0.01 * g * g);
        double v = of[2];
        if (step.Kind == Optimiser.AmsGrad)
            v = of[3] = Math.Max(of[3], v);
        of[0] -= 0.01 * of[1] / (1 - Math.Pow(0.9, step.Step)) / (Math.Sqrt(v / (1 - Math.Pow(0.99, step.Step))) + 1e-8);
    }
}
