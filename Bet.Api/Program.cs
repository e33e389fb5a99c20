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

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = BetSettings.Expand(args),
    ContentRootPath = AppContext.BaseDirectory,
});
var settings = builder.Configuration.GetSection("Bet").Get<BetSettings>() ?? new BetSettings();
string[] addresses = [.. BetSettings.Addresses(builder.Configuration)];
if (settings.Refusal(addresses) is { } refusal)
{
    Console.Error.WriteLine(refusal);
    return 2;
}

DataFolder folder;
try
{
    folder = new DataFolder(settings.DataFolder, isShared: !string.IsNullOrEmpty(settings.Postgres));
}
catch (DataFolderException e)
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
builder.Services.AddSingleton<TableUpload>();
builder.Services.AddSingleton<SearchCreator>();
builder.Services.AddSingleton<Metrics>();
builder.Services.ConfigureHttpJsonOptions(json => SearchJson.Configure(json.SerializerOptions));
builder.Services.AddContract();

var app = builder.Build();
app.Services.GetRequiredService<Metrics>();
app.UseProblems();
app.UseApiKeys(settings);
app.UseContract();
if (settings.Role != "worker")
{
    app.MapDatasets();
    app.MapTables();
    app.MapSearches();
    app.MapArtifacts();
}

app.MapOperations();
await app.RunAsync();
return 0;
