using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Artifacts;

public class ArtifactWriterTests
{
    [Fact]
    public void The_manifest_lists_every_file_and_comes_last()
    {
        using var folder = new TemporaryFolder();
        var order = new List<string>();
        TrainedTable trained = SampleTables.Trained() with
        {
            AdditionalFiles = [new AdditionalFile("report.html", stream => stream.Write("<p>"u8))],
        };
        var store = new Bet.Engine.Search.DirectoryStepStore(folder.Path);

        ArtifactWriter.Write(trained, (name, write) => { order.Add(name); store.Write(name, write); });

        Assert.Equal(
            ["table.safetensors", "users.ids.txt", "items.ids.txt", "sizes.csv", "metrics.json", "backbone.safetensors", "bet_table.py", "bet_rank.py", "report.html", "manifest.json"],
            order);
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder["manifest.json"]));
        JsonElement[] files = [.. json.RootElement.GetProperty("files").EnumerateArray()];
        Assert.Equal(order[..^1], files.Select(file => file.GetProperty("name").GetString()));
        foreach (JsonElement file in files)
        {
            byte[] bytes = File.ReadAllBytes(folder[file.GetProperty("name").GetString()!]);
            Assert.Equal(bytes.Length, file.GetProperty("bytes").GetInt64());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.GetProperty("sha256").GetString());
        }

        Assert.Equal("mf", json.RootElement.GetProperty("options").GetProperty("backbone").GetString());
        ManifestVerifier.Verify(folder.Path);
    }

    [Fact]
    public void The_proof_adds_up_to_the_file()
    {
        using var folder = new TemporaryFolder();
        TrainedTable trained = SampleTables.Trained(precision: new TablePrecision(Precision.Float32, Precision.Int8));
        folder.Write(trained);

        using var json = JsonDocument.Parse(File.ReadAllBytes(folder["manifest.json"]));
        JsonElement budget = json.RootElement.GetProperty("budget");
        JsonElement[] components = [.. budget.GetProperty("components").EnumerateArray()];
        long parts = components.Sum(component => component.GetProperty("bytes").GetInt64());

        Assert.Equal(
            ["users.values", "users.row_starts", "items.values", "items.scales", "items.row_starts"],
            components.Select(component => component.GetProperty("name").GetString()));
        Assert.Equal(["F32", "U32", "I8", "F16", "U32"], components.Select(component => component.GetProperty("dtype").GetString()));
        Assert.Equal([4, 4, 1, 2, 4], components.Select(c => c.GetProperty("bytes").GetInt64() / c.GetProperty("count").GetInt64()));
        Assert.Equal(new FileInfo(folder["table.safetensors"]).Length, budget.GetProperty("fileBytes").GetInt64());
        Assert.Equal(
            budget.GetProperty("fileBytes").GetInt64(),
            parts + budget.GetProperty("headerBytes").GetInt64() + budget.GetProperty("paddingBytes").GetInt64());
        Assert.Equal(parts, budget.GetProperty("usedBytes").GetInt64());
        Assert.Equal(trained.Table.ServingBytes, parts);
        Assert.Equal(trained.Table.Origin.Budget.MaximumBytes, budget.GetProperty("maximumBytes").GetInt64());
        Assert.Equal(1.0, budget.GetProperty("usedShare").GetDouble());
        Assert.Equal(trained.Table.ServingBytes, budget.GetProperty("asked").GetProperty("bytes").GetInt64());
        Assert.Equal(trained.Table.Values, budget.GetProperty("usedValues").GetInt64());
    }

    [Fact]
    public void The_same_table_gives_the_same_bytes()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        first.Write(SampleTables.Trained());
        Thread.Sleep(1);
        second.Write(SampleTables.Trained());
        foreach (string name in Directory.GetFiles(first.Path).Select(Path.GetFileName).OfType<string>())
            Assert.Equal(File.ReadAllBytes(first[name]), File.ReadAllBytes(second[name]));
    }

    [Fact]
    public void Metrics_have_no_wall_times()
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        Assert.Equal(
            "{\n  \"recallAt20\": 0.1,\n  \"winner\": \"bestPredicted\"\n}\n", File.ReadAllText(folder["metrics.json"]));
    }

    [Fact]
    public void The_backbones_weights_are_a_safetensors_file_only_where_there_are_any()
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        using (FileStream file = File.OpenRead(folder["backbone.safetensors"]))
        {
            var reader = new SafeTensorsReader(file);
            Assert.Equal([1, 2, 3, 4, 5, 6], reader.Read<float>("hidden.weight"));
            Assert.Equal([2, 3], reader.Layout.Tensors[0].Shape);
            Assert.Equal([-1], reader.Read<float>("bias"));
        }

        using var bare = new TemporaryFolder();
        bare.Write(SampleTables.Trained() with { DenseWeights = [] });
        Assert.False(File.Exists(bare["backbone.safetensors"]));
        ManifestVerifier.Verify(bare.Path);
    }

    [Fact]
    public void What_does_not_fit_the_table_is_refused()
    {
        using var folder = new TemporaryFolder();
        TrainedTable trained = SampleTables.Trained();
        Assert.Throws<ArgumentException>(() => folder.Write(trained with { ItemIds = ["a"] }));
        Assert.Throws<ArgumentException>(() => folder.Write(trained with { UserFrequencies = [] }));
        foreach (string taken in new[] { "manifest.json", "sizes.csv" })
            Assert.Throws<ArgumentException>(() => folder.Write(trained with { AdditionalFiles = [new AdditionalFile(taken, _ => { })] }));
    }

    [Theory]
    [InlineData("table.safetensors")]
    [InlineData("users.ids.txt")]
    [InlineData("metrics.json")]
    public void A_changed_shortened_or_missing_file_is_named(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        byte[] bytes = File.ReadAllBytes(folder[name]);

        bytes[^1] ^= 1;
        File.WriteAllBytes(folder[name], bytes);
        Assert.StartsWith($"{name} has SHA-256", VerifyFails(folder));

        File.WriteAllBytes(folder[name], bytes[..^1]);
        Assert.StartsWith($"{name} has {bytes.Length - 1} bytes", VerifyFails(folder));

        File.Delete(folder[name]);
        Assert.Equal($"{name} is missing", VerifyFails(folder));
    }

    [Theory]
    [InlineData("usedBytes", "budget.usedBytes")]
    [InlineData("maximumBytes", "budget.maximumBytes")]
    [InlineData("paddingBytes", "budget.paddingBytes")]
    public void A_false_claim_is_named(string property, string path)
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        Change(folder, manifest => manifest["budget"]![property] = 1);
        Assert.Contains(path, VerifyFails(folder));
    }

    [Fact]
    public void A_false_component_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        Change(folder, manifest => manifest["budget"]!["components"]![2]!["count"] = 1);
        Assert.Contains("budget.components[2].count", VerifyFails(folder));
    }

    [Fact]
    public void A_manifest_that_points_elsewhere_or_is_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());
        Change(folder, manifest => manifest["files"]![1]!["name"] = "../users.ids.txt");
        Assert.Contains("not a plain file name", VerifyFails(folder));
        Change(folder, manifest => manifest["formatVersion"] = 2);
        Assert.Contains("format version 2", VerifyFails(folder));
        File.WriteAllText(folder["manifest.json"], "{");
        Assert.Contains("is not a manifest", VerifyFails(folder));
        File.Delete(folder["manifest.json"]);
        Assert.Contains("is missing", VerifyFails(folder));
    }

    [Fact]
    public void Sizes_csv_quotes_what_needs_quotes()
    {
        var trained = Enumerable.Range(0, 50).Select(seed => SampleTables.Trained(seed))
            .First(trained => trained.Table.Users is PackedRows { Sizes.SharedRows: > 1 });
        string text = Encoding.UTF8.GetString(SampleTables.Bytes(stream => SizesCsv.Write(stream, trained)));
        var users = (PackedRows)trained.Table.Users;
        int[] sizes = users.Sizes.ToRows();
        Assert.StartsWith($"side,row,id,frequency,size,bucket\nuser,0,plain,100,{sizes[0]},\nuser,1,,99,{sizes[1]},\n", text);
        Assert.Contains($"\nuser,2,\"comma,comma\",98,{sizes[2]},\n", text);
        Assert.Contains($"\nuser,3,\"\"\"quoted\"\"\",97,{sizes[3]},\n", text);
        Assert.Contains($"\nuser,4,\"line\nfeed\",96,{sizes[4]},\n", text);
        Assert.Contains($",{101 - sizes.Length},{users.Sizes.SharedSize},{users.Sizes.SharedRows - 1}\n", text);
        Assert.Contains("\nitem,0,a,1234567,", text);
    }

    [Fact]
    public void Raw_ids_come_back_whatever_they_hold()
    {
        byte[] file = SampleTables.Bytes(stream => RawIds.Write(stream, SampleTables.OddIds));
        Assert.Equal(SampleTables.OddIds.Length, file.Count(b => b == '\n'));
        Assert.Equal(SampleTables.OddIds, RawIds.Read(new MemoryStream(file)));
        byte[] marked = SampleTables.Bytes(stream => RawIds.Write(stream, ["\uFEFFmark", ""]));
        Assert.Equal(["\uFEFFmark", ""], RawIds.Read(new MemoryStream(marked)));
        Assert.Empty(RawIds.Read(new MemoryStream()));
    }

    [Fact]
    public void Damaged_ids_are_refused()
    {
        Assert.Contains("line 2", Assert.Throws<InvalidDataException>(() => RawIds.Read(new MemoryStream("a\nb\\x\n"u8.ToArray()))).Message);
        Assert.Contains("line 1", Assert.Throws<InvalidDataException>(() => RawIds.Read(new MemoryStream("a\\\n"u8.ToArray()))).Message);
        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => RawIds.Read(new MemoryStream("a\nb"u8.ToArray()))).Message);
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => RawIds.Read(new MemoryStream([0xff, (byte)'\n']))).Message);
        Assert.Throws<EncoderFallbackException>(() => RawIds.Write(Stream.Null, ["\ud800"]));
    }

    private static string VerifyFails(TemporaryFolder folder) =>
        Assert.Throws<InvalidDataException>(() => ManifestVerifier.Verify(folder.Path)).Message;

    private static void Change(TemporaryFolder folder, Action<JsonNode> change)
    {
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(folder["manifest.json"]))!;
        change(manifest);
        File.WriteAllText(folder["manifest.json"], manifest.ToJsonString());
    }
}
