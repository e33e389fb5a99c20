namespace Bet.Engine.Data;

/// <summary>Data that are well formed and more than can be held; the message says which bound they pass.</summary>
public sealed class DataTooLargeException(string message) : Exception(message);
