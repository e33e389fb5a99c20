namespace Bet.Bench;

/// <summary>Something that whoever gave the command can put right; ends the program with status 2.</summary>
public sealed class UsageException(string message) : Exception(message);
