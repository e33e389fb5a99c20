using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Bet.Api.Operations;

public static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Search}{SourceContext:l}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Log lines on the console; each line of a search's worker carries the search's id.</summary>
    public static IServiceCollection AddSerilogConsole(this IServiceCollection services, IConfiguration configuration)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration)
            .Enrich.FromLogContext()
            .Enrich.With<SearchPrefix>()
            .WriteTo.Console(outputTemplate: Template)
            .CreateLogger();
        return services.AddSingleton<ILoggerProvider>(new SerilogLoggerProvider(logger, dispose: true));
    }

    /// <summary>Puts a space behind the search's id, and nothing where there is none.</summary>
    private sealed class SearchPrefix : Serilog.Core.ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, Serilog.Core.ILogEventPropertyFactory factory)
        {
            if (logEvent.Properties.TryGetValue("Search", out var value) && value is ScalarValue { Value: string id })
                logEvent.AddOrUpdateProperty(factory.CreateProperty("Search", new SearchName(id)));
        }
    }

    private sealed record SearchName(string Id)
    {
        public override string ToString() => $"[{Id}] ";
    }
}
