using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Bet.Api.Operations;

public static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Search}{SourceContext:l}: {Message:lj}{NewLine}{Exception}";

    /// <summary>What the host says, with a stack trace.</summary>
    private const string StartFailed = "Hosting failed to start";

    /// <summary>Log lines on the console; each line of a search's worker carries the search's id and the step.</summary>
    public static IServiceCollection AddSerilogConsole(this IServiceCollection services, IConfiguration configuration)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration)
            // Said in a line by who starts the server.
            .Filter.ByExcluding(line => line.MessageTemplate.Text == StartFailed && line.Exception is { } e && IsOfTheAddress(e))
            .Enrich.FromLogContext()
            .Enrich.With<SearchPrefix>()
            .WriteTo.Console(outputTemplate: Template)
            .CreateLogger();
        return services.AddSingleton<ILoggerProvider>(new SerilogLoggerProvider(logger, dispose: true));
    }

    /// <summary>Whether it says that an address cannot be listened at: another has the port, or the machine has no such address.</summary>
    public static bool IsOfTheAddress(Exception e) => e is SocketException or IOException { InnerException: AddressInUseException };

    /// <summary>Puts search and step in brackets and a space behind them, and nothing where there are none.</summary>
    private sealed class SearchPrefix : Serilog.Core.ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, Serilog.Core.ILogEventPropertyFactory factory)
        {
            if (NameOf(logEvent, "Search") is not { } search)
                return;
            string place = NameOf(logEvent, "Step") is { } step ? $"{search} {step}" : search;
            logEvent.AddOrUpdateProperty(factory.CreateProperty("Search", new Bracketed(place)));
        }

        private static string? NameOf(LogEvent logEvent, string property) =>
            logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: string name } ? name : null;
    }

    private sealed record Bracketed(string Text)
    {
        public override string ToString() => $"[{Text}] ";
    }
}
