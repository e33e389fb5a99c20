namespace Bet.Engine.Search;

/// <summary>What the rates of a training that begins with a trained table are, as shares of those from random values.</summary>
/// <param name="First">Of the first rate.</param>
/// <param name="Last">Of the last rate.</param>
public readonly record struct WarmRates(double First, double Last);
