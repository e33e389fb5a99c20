namespace Bet.Engine.Artifacts;

/// <summary>
/// Writes a search's artifacts: table.safetensors, users.ids.txt, items.ids.txt, sizes.csv, metrics.json,
/// backbone.safetensors where the backbone has dense weights, bet_table.py, bet_rank.py, the caller's additional files, and last,
/// so that it vouches for all of them, manifest.json. The same table gives the same bytes.
/// </summary>
public static class ArtifactWriter
{
    /// <summary>The table's and the search's numbers.</summary>
    public const string MetricsName = "metrics.json";

    /// <summary>Reads table.safetensors with Python and numpy.</summary>
    public const string PythonReaderName = "bet_table.py";

    /// <summary>Ranks items for users by what lies beside it, with Python and numpy.</summary>
    public const string PythonRankerName = "bet_rank.py";

    /// <param name="trained">What is written.</param>
    /// <param name="store">
    /// Stores one file: a name, and what writes its content to a stream. Returns when the file is stored whole.
    /// </param>
    /// <exception cref="ArgumentException">Ids or frequencies are not one a row.</exception>
    /// <exception cref="InvalidDataException">The table breaks its budget; nothing vouches for it then.</exception>
    public static Manifest Write(TrainedTable trained, Action<string, Action<Stream>> store)
    {
        Check("users", trained.Table.Users, trained.UserIds, trained.UserFrequencies);
        Check("items", trained.Table.Items, trained.ItemIds, trained.ItemFrequencies);
        var folder = new ArtifactFolder(store);
        SafeTensorsLayout? layout = null;
        folder.Store(TableFile.Name, stream => layout = TableFile.Write(stream, trained.Table));
        BudgetProof proof = BudgetProof.Of(
            trained.Table, layout ?? throw new InvalidOperationException($"{TableFile.Name} was not written"));
        folder.Store(RawIds.FileName("users"), stream => RawIds.Write(stream, trained.UserIds));
        folder.Store(RawIds.FileName("items"), stream => RawIds.Write(stream, trained.ItemIds));
        folder.Store(SizesCsv.Name, stream => SizesCsv.Write(stream, trained));
        folder.StoreJson(MetricsName, trained.Metrics);
        if (trained.DenseWeights.Count > 0)
            folder.Store(BackboneFile.Name, stream => BackboneFile.Write(stream, trained.DenseWeights));
        folder.StoreResource(PythonReaderName);
        folder.StoreResource(PythonRankerName);
        foreach (AdditionalFile file in trained.AdditionalFiles)
            folder.Store(file.Name, file.Write);
        return folder.Close(trained.Options, proof);
    }

    private static void Check(
        string side, PackedSide packed, IReadOnlyList<string> ids, IReadOnlyList<int> frequencies)
    {
        if (ids.Count != packed.Rows || frequencies.Count != packed.Rows)
            throw new ArgumentException($"{side}: {packed.Rows} rows, {ids.Count} ids and {frequencies.Count} frequencies");
    }
}
