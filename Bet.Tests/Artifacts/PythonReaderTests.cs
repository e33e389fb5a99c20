using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Artifacts;

/// <summary>A test that runs where some python3 can import numpy, and is skipped with that reason elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = PythonInterpreter.WhyNot;
}

/// <summary>The same for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute() => Skip = PythonInterpreter.WhyNot;
}

/// <summary>A python3 that can import numpy.</summary>
public static class PythonInterpreter
{
    private static readonly Lazy<string?> Found = new(
        () => new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(path => Run(path, ["-c", "import numpy"]) is { Code: 0 }));

    /// <summary>Why there is none; null where there is.</summary>
    public static string? WhyNot => Found.Value is null ? "neither /usr/bin/python3 nor python3 can import numpy" : null;

    /// <summary>The interpreter; only for tests that were not skipped.</summary>
    public static string Path => Found.Value!;

    /// <summary>Null where the program does not exist.</summary>
    public static (int Code, string Output, string Error)? Run(string program, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? "",
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1", ["PYTHONUTF8"] = "1" },
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

public class PythonReaderTests
{
    [PythonTheory]
    [InlineData(Precision.Float32, Precision.Float32)]
    [InlineData(Precision.Float16, Precision.Int8)]
    [InlineData(Precision.Int8, Precision.Int4)]
    [InlineData(Precision.Int4, Precision.Float16)]
    [InlineData(Precision.Int2, Precision.Int1)]
    public void Both_sides_are_the_engines_bit_for_bit(Precision users, Precision items)
    {
        using var folder = new TemporaryFolder();
        TrainedTable trained = SampleTables.Trained(precision: new TablePrecision(users, items));
        folder.Write(trained);

        (int code, string output, string error) = Python(
            folder, "bet_table.py", "table.safetensors", "--dense", "users.npy", "items.npy");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("d_max: 9", output);
        Assert.Equal(Bits(trained.Table.Users.Unpack(9)), NpyBits(folder["users.npy"], "(14, 9)"));
        Assert.Equal(Bits(trained.Table.Items.Unpack(9)), NpyBits(folder["items.npy"], "(5, 9)"));
    }

    [PythonTheory]
    [InlineData(Precision.Float32, Precision.Int8)]
    [InlineData(Precision.Float16, Precision.Int4)]
    [InlineData(Precision.Int2, Precision.Int1)]
    public void Rows_that_share_vectors_are_the_engines_bit_for_bit(Precision users, Precision items)
    {
        using var folder = new TemporaryFolder();
        PackedTable table = SampleTables.Table(7, users: 400, items: 30, maximumSize: 9, precision: new TablePrecision(users, items));
        Assert.True(((PackedRows)table.Users).Sizes is { SharedRows: 8 } sizes && sizes.RowsOfSize[0] > 16);
        using (FileStream file = File.Create(folder["table.safetensors"]))
            TableFile.Write(file, table);
        using (FileStream file = File.Create(folder["bet_table.py"]))
            typeof(TableFile).Assembly.GetManifestResourceStream("bet_table.py")!.CopyTo(file);

        (int code, _, string error) = Python(
            folder, "-c", """
            import numpy
            from bet_table import BetTable
            table = BetTable("table.safetensors")
            numpy.save("users.npy", table.users())
            numpy.save("items.npy", table.items())
            numpy.save("rows.npy", numpy.stack([table._users.row(row) for row in range(400)]))
            """);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Bits(table.Users.Unpack(9)), NpyBits(folder["users.npy"], "(400, 9)"));
        Assert.Equal(Bits(table.Items.Unpack(9)), NpyBits(folder["items.npy"], "(30, 9)"));
        Assert.Equal(Bits(table.Users.Unpack(9)), NpyBits(folder["rows.npy"], "(400, 9)"));
    }

    [PythonTheory]
    [MemberData(nameof(SampleSides.Kinds), MemberType = typeof(SampleSides))]
    public void Tables_of_every_kind_are_the_engines_bit_for_bit(string kind)
    {
        using var folder = new TemporaryFolder();
        TrainedTable trained = SampleTables.Trained();
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.25), SampleTables.OddIds.Length, 5, 1, 9);
        PackedTable table = SampleSides.Table(kind, budget, seed: 5);
        folder.Write(trained with { Table = table });

        (int code, _, string error) = Python(
            folder, "-c", """
            import numpy
            from bet_table import BetTable
            table = BetTable("table.safetensors")
            numpy.save("users.npy", table.users())
            numpy.save("items.npy", table.items())
            numpy.save("rows.npy", numpy.stack([table._users.row(row) for row in range(14)]))
            """);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Bits(table.Users.Unpack(9)), NpyBits(folder["users.npy"], "(14, 9)"));
        Assert.Equal(Bits(table.Items.Unpack(9)), NpyBits(folder["items.npy"], "(5, 9)"));
        Assert.Equal(Bits([.. Enumerable.Range(0, 14).SelectMany(table.Users.Row)]), NpyBits(folder["rows.npy"], "(14, 9)"));
    }

    [PythonTheory]
    [MemberData(nameof(SampleSides.Kinds), MemberType = typeof(SampleSides))]
    public void Small_tables_of_many_rows_of_every_kind_agree(string kind)
    {
        using var folder = new TemporaryFolder();
        PackedTable table = SampleSides.Table(kind, MemoryBudget.From(new BudgetRequest(Sparsity: 0.85), 700, 900, 1, 33), seed: 6);
        using (FileStream file = File.Create(folder["table.safetensors"]))
            TableFile.Write(file, table);
        using (FileStream file = File.Create(folder["bet_table.py"]))
            typeof(TableFile).Assembly.GetManifestResourceStream("bet_table.py")!.CopyTo(file);

        (int code, _, string error) = Python(folder, "bet_table.py", "table.safetensors", "--dense", "u.npy", "i.npy");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Bits(table.Users.Unpack(33)), NpyBits(folder["u.npy"], "(700, 33)"));
        Assert.Equal(Bits(table.Items.Unpack(33)), NpyBits(folder["i.npy"], "(900, 33)"));
    }

    [PythonFact]
    public void Each_raw_id_finds_its_row()
    {
        using var folder = new TemporaryFolder();
        TrainedTable trained = SampleTables.Trained(precision: new TablePrecision(Precision.Int4, Precision.Int8));
        folder.Write(trained);
        File.WriteAllText(folder["ids.json"], JsonSerializer.Serialize(SampleTables.OddIds));

        (int code, _, string error) = Python(folder, "-c", """
            import json, numpy
            from bet_table import BetTable
            table = BetTable("table.safetensors")
            rows = [table.user(raw) for raw in json.load(open("ids.json"))] + [table.item(raw) for raw in "abcde"]
            numpy.save("rows.npy", numpy.stack(rows))
            """);

        Assert.Equal((0, ""), (code, error));
        float[] expected = [.. trained.Table.Users.Unpack(9), .. trained.Table.Items.Unpack(9)];
        Assert.Equal(Bits(expected), NpyBits(folder["rows.npy"], "(19, 9)"));
    }

    [PythonFact]
    public void Larger_tables_agree_as_well()
    {
        using var folder = new TemporaryFolder();
        PackedTable table = SampleTables.Table(11, users: 400, items: 1000, maximumSize: 128);
        using (FileStream file = File.Create(folder["table.safetensors"]))
            TableFile.Write(file, table);
        using (FileStream file = File.Create(folder["bet_table.py"]))
            typeof(TableFile).Assembly.GetManifestResourceStream("bet_table.py")!.CopyTo(file);

        (int code, _, string error) = Python(folder, "bet_table.py", "table.safetensors", "--dense", "u.npy", "i.npy");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Bits(table.Users.Unpack(128)), NpyBits(folder["u.npy"], "(400, 128)"));
        Assert.Equal(Bits(table.Items.Unpack(128)), NpyBits(folder["i.npy"], "(1000, 128)"));
    }

    [PythonFact]
    public void Errors_say_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        folder.Write(SampleTables.Trained());

        Assert.Contains("KeyError: \"no id 'nobody' among the 14 users", Lookup("nobody").Error);
        File.Delete(folder["users.ids.txt"]);
        Assert.Contains("users.ids.txt is missing", Lookup("plain").Error);
        byte[] table = File.ReadAllBytes(folder["table.safetensors"]);
        File.WriteAllBytes(folder["table.safetensors"], table[..^4]);
        Assert.Contains("truncated", Lookup("plain").Error);
        File.WriteAllBytes(folder["table.safetensors"], table[..100]);
        Assert.Contains("not a whole safetensors file", Lookup("plain").Error);

        (int code, _, string error) = Python(folder, "bet_table.py", "absent.safetensors");
        Assert.Equal((1, "error: absent.safetensors is missing"), (code, error.Trim()));

        (int Code, string Output, string Error) Lookup(string id) => Python(
            folder, "-c", "import sys, bet_table; bet_table.BetTable('table.safetensors').user(sys.argv[1])", id);
    }

    private static (int Code, string Output, string Error) Python(TemporaryFolder folder, params string[] arguments) =>
        PythonInterpreter.Run(PythonInterpreter.Path, arguments, folder.Path)!.Value;

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];

    /// <summary>The values of a .npy file of version 1: 8 bytes, the header's length, the header, the values.</summary>
    private static uint[] NpyBits(string path, string shape)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = BitConverter.ToUInt16(file, 8);
        string description = Encoding.Latin1.GetString(file, 10, header);
        Assert.Contains("'<f4'", description);
        Assert.Contains("'fortran_order': False", description);
        Assert.Contains($"'shape': {shape}", description);
        return MemoryMarshal.Cast<byte, uint>(file.AsSpan(10 + header)).ToArray();
    }
}
