using System.CommandLine;
using Bet.Bench.Demo;

var root = new RootCommand("Measures BET, alone and beside its peers, and runs the demo's client.")
{
    DemoCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
