using System.Globalization;
using Bet.Api.Problems;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>A request for the tables of click data's fields, resolved.</summary>
internal static class ClickRequest
{
    /// <summary>Of a split by shares.</summary>
    private const double Train = 0.8, Validation = 0.1;

    /// <param name="request">What is asked for.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="dataset">Holds clicks.</param>
    /// <exception cref="RequestException">A field makes no sense.</exception>
    /// <exception cref="OptionException">A field makes no sense.</exception>
    /// <exception cref="BudgetException">The budget cannot be met.</exception>
    public static ResolvedSearch Resolve(SearchRequest request, string backbone, DatasetRow dataset)
    {
        var summary = SearchJson.Read<ClickSummary>(dataset.Summary);
        int[] categories = [.. summary.Fields.Select(field => field.Categories)];
        var options = ClickSearchPresets.Create(
            backbone, request.Budget, request.Effort ?? Effort.Standard, request.Seed ?? 1, SplitOf(request.Split, summary),
            OverridesOf(request), summary, request.Budgets);
        return ResolvedSearch.Of(options, FieldBudget.AllOf(options, categories));
    }

    private static ClickSearchOverrides OverridesOf(SearchRequest request) => new()
    {
        Method = request.Method,
        Operation = request.Operation,
        Collisions = request.Collisions,
        Threshold = request.Threshold,
        Size = request.Size,
        Precision = request.Precision,
        Trials = request.Trials,
        ParallelTrials = request.ParallelTrials,
        Candidates = request.Candidates,
        Retrained = request.Retrained,
        TrialShare = request.TrialShare,
        Compare = request.Compare,
        Epochs = request.Epochs,
        BatchSize = request.BatchSize,
        LearningRate = request.LearningRate is { } rate ? AsWritten(rate) : null,
        Optimiser = request.Optimiser,
    };

    /// <summary>0.1, and not the double that is next to the float.</summary>
    private static double AsWritten(float number) =>
        double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static ClickSplitOptions SplitOf(SplitRequest? request, ClickSummary data)
    {
        var kind = request?.Kind switch
        {
            null => data.HasTestPart ? ClickSplitKind.AsGiven : data.HasTimes ? ClickSplitKind.ByOrder : ClickSplitKind.Random,
            SplitRule.AsGiven => ClickSplitKind.AsGiven,
            SplitRule.Random => ClickSplitKind.Random,
            SplitRule.ByOrder => ClickSplitKind.ByOrder,
            SplitRule.ByTime => throw Wrong("split.kind", "byTime", "it is of interactions; byOrder goes by the times of click data that have any"),
            _ => throw Wrong("split.kind", "leaveOneOut", "it is of interactions; of click data there are asGiven, random and byOrder"),
        };
        if (kind == ClickSplitKind.AsGiven && !data.HasTestPart)
            throw Wrong("split.kind", "asGiven", "this data set came in one part; use random or byOrder, or upload parts named train and test");
        int minimumCount = request?.MinimumCount ?? 1;
        if (minimumCount < 1)
            throw Wrong("split.minimumCount", minimumCount, "at least 1");
        var split = new ClickSplitOptions(kind, request?.Train ?? Train, request?.Validation ?? Validation, minimumCount);
        SplitRequest.CheckShares(request, split.Train, split.Validation);
        return split;
    }

    private static RequestException Wrong(string field, object given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));
}
