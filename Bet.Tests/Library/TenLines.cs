using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Library;

/// <summary>The program of docs/library.md, word for word between the braces.</summary>
internal static class TenLines
{
    public static void Run(string input, string output)
    {
        using var backend = new CpuBackend(Environment.ProcessorCount);
        var options = SearchPresets.Create(
            "lightgcn", new BudgetRequest(Sparsity: 0.9), Effort.Quick, seed: 1, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = 32, PretrainEpochs = 10, RetrainEpochs = 10, Trials = 5 });
        using var search = new BudgetedSearch(
            options, backend, new DirectoryStepStore(output), () => DatasetReader.ReadFolder(input));
        search.RunAll(step => Console.WriteLine(step.Detail), CancellationToken.None);
    }
}
