using System.Data.Common;
using Bet.Api;
using Bet.Api.Artifacts;
using Bet.Api.Datasets;
using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Api.Searches;
using Bet.Api.Tables;
using Bet.Jobs;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Serilog;

if (CommandLine.AsksForHelp(args))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

WebApplicationBuilder builder;
BetSettings settings;
DataFolder folder;
string[] addresses;
try
{
    builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = CommandLine.Expand(args),
        ContentRootPath = AppContext.BaseDirectory,
    });
    settings = BetSettings.Of(builder.Configuration);
    addresses = [.. BetSettings.Addresses(builder.Configuration)];
    settings.Check(addresses);
    folder = new DataFolder(settings.DataFolder, isShared: !string.IsNullOrEmpty(settings.Postgres));
}
catch (Exception e) when (e is SettingsException or DataFolderException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

builder.WebHost.UseUrls(addresses);
// Each endpoint has a cap of its own, and answers before it stops reading; Kestrel's would cut the connection.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
builder.Logging.ClearProviders();
builder.Services.AddSerilogConsole(builder.Configuration);
try
{
    builder.Services.AddJobs(settings.Place(folder), settings.Workers());
}
catch (Exception e) when (e is DbException or IOException or ArgumentException)
{
    Console.Error.WriteLine($"The storage cannot be used: {e.Message}");
    return 2;
}

builder.Services.AddSingleton(settings);
builder.Services.AddSingleton<DatasetUpload>();
builder.Services.AddSingleton<DatasetSplits>();
builder.Services.AddSingleton<TableUpload>();
builder.Services.AddSingleton<SearchCreator>();
builder.Services.AddSingleton<Metrics>();
builder.Services.ConfigureHttpJsonOptions(json => SearchJson.Configure(json.SerializerOptions));
builder.Services.AddContract();

await using var app = builder.Build();
app.Services.GetRequiredService<Metrics>();
app.UseProblems();
app.UseApiKeys(settings);
app.UseParameters();
app.UseContract();
if (settings.Role != "worker")
{
    app.MapDatasets();
    app.MapTables();
    app.MapSearches();
    app.MapArtifacts();
}

app.MapOperations();
try
{
    await app.StartAsync();
}
catch (Exception e) when (Logging.IsOfTheAddress(e))
{
    Console.Error.WriteLine($"{string.Join(", ", addresses)} cannot be served: {e.Message}");
    return 2;
}

await app.WaitForShutdownAsync();
return 0;
