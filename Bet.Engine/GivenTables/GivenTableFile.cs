using Bet.Engine.Artifacts;
using Bet.Engine.Data;

namespace Bet.Engine.GivenTables;

/// <summary>
/// A given table as it is kept: safetensors with float32 "users" and "items" [rows, d_max], and "users.ids" and "items.ids",
/// text as in users.ids.txt as uint8. The same table gives the same bytes.
/// </summary>
public static class GivenTableFile
{
    private const string Format = "bet.given_table";

    public static void Write(Stream stream, GivenTable table) => SafeTensors.Write(
        stream,
        new Dictionary<string, string> { ["format"] = Format, ["format_version"] = "1" },
        [
            TensorContent.From("users", table.Users, table.UserIds.Count, table.Size),
            TensorContent.From("items", table.Items, table.ItemIds.Count, table.Size),
            Ids("users.ids", table.UserIds),
            Ids("items.ids", table.ItemIds),
        ]);

    /// <param name="stream">Seekable, at the file's first byte.</param>
    /// <exception cref="InvalidDataException">Not such a file.</exception>
    public static GivenTable Read(Stream stream)
    {
        var reader = new SafeTensorsReader(stream);
        if (!reader.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new InvalidDataException($"the file's format is '{format}', '{Format}' was expected");
        int size = (int)reader.Layout.Tensors.First(tensor => tensor.Name == "users").Shape[1];
        return new GivenTable(
            Ids(reader, "users.ids"), Ids(reader, "items.ids"), size, reader.Read<float>("users"), reader.Read<float>("items"));
    }

    private static TensorContent Ids(string name, IdList ids)
    {
        using var text = new MemoryStream();
        RawIds.Write(text, ids);
        return TensorContent.From(name, text.ToArray(), text.Length);
    }

    private static IdList Ids(SafeTensorsReader reader, string name)
    {
        using var text = new MemoryStream(reader.Read<byte>(name));
        return IdList.Create(RawIds.Read(text));
    }
}
