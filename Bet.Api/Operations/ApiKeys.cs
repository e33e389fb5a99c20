using System.Security.Cryptography;
using System.Text;
using Bet.Api.Problems;

namespace Bet.Api.Operations;

public static class ApiKeys
{
    private const string OwnerItem = "bet.owner";
    private const int OwnerLength = 16;

    /// <summary>A name for the key that a request carries, of which the key cannot be told; null without keys.</summary>
    public static string? OwnerOf(HttpContext context) => context.Items[OwnerItem] as string;

    /// <summary>
    /// Asks for a key where keys are set, except for the start page, the contract and the health checks. Only hashes are
    /// kept, and they are compared in constant time.
    /// </summary>
    public static void UseApiKeys(this WebApplication app, BetSettings settings)
    {
        byte[][] hashes = settings.ApiKeys.Where(key => key.Length > 0).Select(Hash).ToArray();
        settings.ApiKeys = [];
        if (hashes.Length == 0)
            return;
        app.Use(async (context, next) =>
        {
            string? key = KeyOf(context.Request);
            if (IsOpen(context.Request.Path) || IsKnown(hashes, key))
            {
                context.Items[OwnerItem] = key is null ? null : Convert.ToHexStringLower(Hash(key))[..OwnerLength];
                await next(context);
                return;
            }

            context.Response.Headers.WWWAuthenticate = "Bearer";
            await ProblemWriter.Write(context, new RequestException(
                StatusCodes.Status401Unauthorized, "unauthorized", "An API key is needed",
                "send one of the server's keys as 'X-Api-Key: KEY' or 'Authorization: Bearer KEY'"));
        });
    }

    /// <summary>Whether no key is asked for.</summary>
    internal static bool IsOpen(PathString path) =>
        path == "/" || path.StartsWithSegments("/health") || path.StartsWithSegments("/swagger");

    private static string? KeyOf(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        if (request.Headers["X-Api-Key"] is [{ Length: > 0 } key, ..])
            return key;
        string? authorization = request.Headers.Authorization;
        return authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true
            ? authorization[Scheme.Length..].Trim()
            : null;
    }

    private static bool IsKnown(byte[][] hashes, string? key)
    {
        if (key is null)
            return false;
        byte[] given = Hash(key);
        bool known = false;
        foreach (byte[] hash in hashes)
            known |= CryptographicOperations.FixedTimeEquals(hash, given);
        return known;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
