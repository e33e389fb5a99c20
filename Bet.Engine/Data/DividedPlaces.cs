namespace Bet.Engine.Data;

/// <summary>
/// A split before it is renumbered: the places of user u in the interactions are
/// <c>Places[Offsets[u] .. Offsets[u + 1]]</c>, first those of train, then validation, then test.
/// </summary>
/// <param name="Offsets">int32 [users + 1].</param>
/// <param name="Places">int32 [interactions].</param>
/// <param name="Train">How many of a user's places are train, [users].</param>
/// <param name="Validation">How many are validation, [users].</param>
internal sealed record DividedPlaces(int[] Offsets, int[] Places, int[] Train, int[] Validation);
