using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>What recipes are chosen by, beside the results.</summary>
/// <param name="Options">Of the search.</param>
/// <param name="Allocation">Says which recipes the budget holds.</param>
/// <param name="Importance">[F]: what a field's embeddings are worth, as measured on the full tables; the loss in validation quality where the field says nothing.</param>
internal sealed record RecipeContext(ClickSearchOptions Options, FieldAllocation Allocation, IReadOnlyList<double> Importance);

/// <summary>A recipe that is to be tried, and how it was come by.</summary>
internal sealed record RecipeTrial(FieldRecipe Recipe, SelectionRule Selection, double? Predicted);

/// <summary>What is chosen for a trial follows from the options and the results of the trials before, whatever has ended by now.</summary>
internal static class RecipeChoices
{
    /// <summary>As <see cref="SearchMethod.ChooseBeside"/>: with as many trials pending as options allow.</summary>
    /// <param name="context">What is chosen by.</param>
    /// <param name="trial">From 1.</param>
    /// <param name="done">Results of trials; those of the first ones, up to so many before this one, must be there.</param>
    public static RecipeTrial Beside(RecipeContext context, int trial, IReadOnlyList<ClickTrialResult> done)
    {
        int parallel = context.Options.ParallelTrials;
        var choice = new RecipeChoice(context);
        var chosen = KnownTo(trial).ToDictionary(result => result.Number, result => result.Recipe);
        if (Enumerable.Range(1, Math.Max(0, trial - parallel)).FirstOrDefault(needed => !chosen.ContainsKey(needed)) is > 0 and var missing)
            throw new InvalidOperationException($"trial {trial}: trial {missing} has not run");
        for (int other = Math.Max(1, trial - parallel + 1); other < trial; other++)
            chosen[other] = ChooseFor(other).Recipe;
        return ChooseFor(trial);

        RecipeTrial ChooseFor(int other) => choice.Choose(
            other, [.. KnownTo(other).Select(result => (result.Recipe, result.Fitness))],
            [.. Enumerable.Range(1, other - 1).Skip(Math.Max(0, other - parallel)).Select(number => chosen[number])]);

        ClickTrialResult[] KnownTo(int other) => [.. done.Where(result => result.Number <= other - parallel)];
    }
}

/// <summary>
/// Chooses recipes as <see cref="BetPlusMethod"/> chooses sizes: first it climbs along a few lines, which decide most:
/// precision, then the methods of complementary partitions, in as many bits, more and fewer; then, where none of them is better,
/// width, how much more is given to fields that are worth more, and shared rows. Then it takes the largest expected improvement under a Gaussian process, over candidates near the best and anywhere.
/// </summary>
internal sealed class RecipeChoice(RecipeContext context)
{
    private const double LocalShare = 0.5;
    private const double LocalDeviation = 0.4;
    private const double GlobalDeviation = 1;

    /// <summary>Shared rows for each row of a frequent category.</summary>
    private static readonly double[] TailShares = [0.1, 0, 0.5];

    /// <summary>How much importance counts, step by step.</summary>
    private static readonly double[] Exponents = [0.5, 1];

    private readonly ClickSearchOptions options = context.Options;

    private readonly Precision[] precisions = context.Options.Precision is { } only
        ? [only]
        : [Precision.Float16, Precision.Int8, Precision.Int4, Precision.Int2];

    private readonly int[] widths = [.. new[] { 1, 2, 4 }.Select(part => context.Options.Size / part).Where(width => width > 0).Distinct()];

    private readonly string?[] methods = [null, .. FieldRecipe.Methods];

    /// <summary>The precision that a search begins with.</summary>
    private Precision First => options.Precision ?? Precision.Int8;

    /// <summary>The next recipe, as if what is pending came out just as expected.</summary>
    /// <param name="trial">From 1.</param>
    /// <param name="history">Recipes with their fitness.</param>
    /// <param name="pending">Recipes whose fitness nobody knows yet.</param>
    public RecipeTrial Choose(int trial, IReadOnlyList<(FieldRecipe Recipe, double Fitness)> history, IReadOnlyList<FieldRecipe> pending)
    {
        if (NextBeginning(history, pending) is { } beginning)
            return new RecipeTrial(beginning, SelectionRule.Beginning, null);
        if (history.Count == 0)
            return new RecipeTrial(Candidates(trial, pending[0], pending).First(), SelectionRule.Random, null);

        List<(double[] Features, double Fitness)> points = [.. history.Select(known => (known.Recipe.Features, known.Fitness))];
        foreach (var recipe in pending)
            points.Add((recipe.Features, Through(points).Predict(recipe.Features).Mean));
        var process = Through(points);
        double best = history.Max(known => process.Predict(known.Recipe.Features).Mean);
        var origin = history.MaxBy(known => known.Fitness).Recipe;
        var chosen = Candidates(trial, origin, [.. history.Select(known => known.Recipe), .. pending])
            .DefaultIfEmpty(origin)
            .MaxBy(candidate => process.ExpectedImprovement(candidate.Features, best))!;
        return new RecipeTrial(chosen, SelectionRule.ExpectedImprovement, process.Predict(chosen.Features).Mean);
    }

    private static GaussianProcess Through(List<(double[] Features, double Fitness)> points) =>
        new([.. points.Select(point => point.Features)], [.. points.Select(point => point.Fitness)]);

    /// <summary>The next step of the climbs, each of which begins at the best so far and ends where a step is worse.</summary>
    private FieldRecipe? NextBeginning(IReadOnlyList<(FieldRecipe Recipe, double Fitness)> history, IReadOnlyList<FieldRecipe> pending)
    {
        var seen = new List<IReadOnlyList<FieldShape>>();
        (FieldRecipe Recipe, double Fitness)? best = null;
        foreach (var climb in Climbs)
        {
            foreach (var recipe in climb(best?.Recipe ?? pending.FirstOrDefault() ?? Plain(First)))
            {
                if (context.Allocation.Of(recipe) is not { } shapes || seen.Any(shapes.SequenceEqual))
                    continue;
                seen.Add(shapes);
                int tried = history.TakeWhile(known => !known.Recipe.Equals(recipe)).Count();
                if (tried < history.Count)
                {
                    if (best is { } so && history[tried].Fitness < so.Fitness)
                        break;
                    best = history[tried];
                }
                else if (!pending.Contains(recipe))
                {
                    return recipe;
                }
            }
        }

        return null;
    }

    private Func<FieldRecipe, IEnumerable<FieldRecipe>>[] Climbs =>
    [
        // From int8 on to fewer bits; to more where fewer are worse.
        _ => precisions.Skip(Array.IndexOf(precisions, First)).Select(Plain),
        best => best.Precision == First ? precisions.TakeWhile(precision => precision != First).Select(Plain) : [],
        // In as many bits as are best so far, or, where these already hold full tables, in more.
        .. FieldRecipe.Methods.Select(method => (Func<FieldRecipe, IEnumerable<FieldRecipe>>)(
            best => UpFrom(best.Precision).Select(precision => Plain(precision) with { Method = method }))),
        best => best.Method is null ? [] : precisions.Skip(Array.IndexOf(precisions, best.Precision)).Select(precision => best with { Precision = precision }),
        best => best.Method is not null ? [] : widths.Select(width => best with { Width = width }),
        best => best.Method is not null ? [] : Exponents.Select(exponent => best with { Weights = Weights(exponent) }),
        best => best.Method is not null ? [] : TailShares.Select(share => best with { TailShare = share }),
    ];

    /// <summary>A precision and those of more bits.</summary>
    private IEnumerable<Precision> UpFrom(Precision precision) => precisions.Take(Array.IndexOf(precisions, precision) + 1).Reverse();

    private FieldRecipe Plain(Precision precision) => new(precision, null, options.Size, TailShares[0], Weights(0));

    /// <summary>exponent log(importance), around 0.</summary>
    private double[] Weights(double exponent)
    {
        double[] logs = [.. context.Importance.Select(worth => exponent * Math.Log(Math.Max(worth, 1e-6)))];
        double mean = logs.DefaultIfEmpty().Average();
        return [.. logs.Select(log => log - mean)];
    }

    /// <summary>
    /// Recipes that the budget holds and that come to other tables than those before, near the best and anywhere; the same for the
    /// same trial.
    /// </summary>
    private IEnumerable<FieldRecipe> Candidates(int trial, FieldRecipe origin, IReadOnlyList<FieldRecipe> before)
    {
        var seen = before.Select(context.Allocation.Of).OfType<IReadOnlyList<FieldShape>>().ToList();
        for (int i = 0; i < options.Candidates; i++)
        {
            var random = new Philox(options.Seed, RandomPurpose.FieldRecipe, ((uint)trial * SizeSampler.MaximumCandidates) + (uint)i);
            bool near = i < LocalShare * options.Candidates;
            var candidate = near ? Near(origin, random) : Anywhere(origin, random);
            if (context.Allocation.Of(candidate) is { } shapes && !seen.Any(shapes.SequenceEqual))
                yield return candidate;
        }
    }

    private FieldRecipe Near(FieldRecipe origin, Philox random) => new(
        Step(precisions, origin.Precision, random, 0), origin.Method, Step(widths, origin.Width, random, 1),
        Math.Clamp(Math.Exp(Math.Log(origin.TailShare + 0.01) + random.Normals(4).First) - 0.01, 0, 2),
        [.. origin.Weights.Select((weight, f) => weight + (LocalDeviation * random.Normals(16 + (ulong)f).First))]);

    private FieldRecipe Anywhere(FieldRecipe origin, Philox random)
    {
        double[] around = Weights(1.5 * random.Uniform(2));
        return new(
            Step(precisions, origin.Precision, random, 0), methods[(int)(random.Uniform(8) * methods.Length)], widths[(int)(random.Uniform(1) * widths.Length)],
            0.5 * random.Uniform(3),
            [.. around.Select((weight, f) => weight + (GlobalDeviation * random.Normals(16 + (ulong)f).First))]);
    }

    /// <summary>Mostly the same; else a neighbour.</summary>
    private static T Step<T>(T[] values, T origin, Philox random, ulong position)
    {
        double drawn = random.Uniform(position);
        int step = drawn < 0.15 ? -1 : drawn < 0.3 ? 1 : 0;
        return values[Math.Clamp(Array.IndexOf(values, origin) + step, 0, values.Length - 1)];
    }
}
