using System.Text.Json;

namespace Bet.Api.Operations;

/// <summary>A value of an enumeration as the query or the path has it: by its name, in any case.</summary>
public readonly record struct Word<T>(T Value) where T : struct, Enum
{
    public static bool TryParse(string text, out Word<T> word)
    {
        bool isName = Word.NamesOf(typeof(T)).Contains(text, StringComparer.OrdinalIgnoreCase);
        word = new(isName ? Enum.Parse<T>(text, ignoreCase: true) : default);
        return isName;
    }
}

internal static class Word
{
    /// <summary>The words of an enumeration, as answers have them.</summary>
    public static string[] NamesOf(Type enumeration) =>
        Array.ConvertAll(Enum.GetNames(enumeration), JsonNamingPolicy.CamelCase.ConvertName);

    /// <summary>The words that a parameter takes; null for one of another type.</summary>
    public static string[]? OfParameter(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Word<>) ? NamesOf(type.GenericTypeArguments[0]) : null;
    }
}
