using System.CommandLine;
using Bet.Bench;
using Bet.Bench.Clicks;
using Bet.Bench.Cluster;
using Bet.Bench.Demo;
using Bet.Bench.Measures;
using Bet.Bench.Profiling;
using Bet.Bench.Reproduction;
using Bet.Bench.Scale;
using Bet.Bench.Tables;
using Bet.Engine.Data;
using Bet.Engine.Search;

var root = new RootCommand("Measures BET beside the same work in other systems.");
foreach (var measure in MeasureList.All)
    root.Add(CompareCommand.One(measure));
root.Add(CompareCommand.Many());
root.Add(TableCommand.Create());
root.Add(StepCommand.Create());
root.Add(ProfileCommand.Create());
root.Add(GenerateCommand.Create());
root.Add(SampleCommand.Create());
root.Add(DemoCommand.Create());
root.Add(TrainCommand.Create());
root.Add(ReproduceCommand.Create());
root.Add(OneTableCommand.Create());
root.Add(TableOneCommand.Create());
root.Add(ClickTableCommand.Create());
root.Add(ClickScaleCommand.Create());
root.Add(ClickReadCommand.Create());
root.Add(ChaosCommand.Create());
root.Add(QueueCommand.Create());
root.Add(OutageCommand.Create());
root.Add(FanOutCommand.Create());
root.Add(HandoverCommand.Create());
root.Add(StatusCommand.Create());
root.Add(ClusterPage.Create());
root.Add(ScaleCommand.Create());
root.Add(ScaleCommand.CreateCase());

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine(error.Message);
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is UsageException or FileNotFoundException or DataFormatException)
{
    return Refuse(e.Message);
}
catch (OptionException e)
{
    return Refuse($"{e.Field}: {e.Message}");
}
catch (BudgetException e)
{
    return Refuse($"{e.Field}: {e.Message}");
}

static int Refuse(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
