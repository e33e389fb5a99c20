using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Bet.Tests.Compute;

/// <summary>The tests of this namespace, once more in processes that may not use the wider instructions.</summary>
public sealed class InstructionSets
{
    private const string ExpectedBits = "BET_TEST_VECTOR_BITS";

    [Theory]
    [InlineData("EnableAVX512", 256)]
    [InlineData("EnableAVX2", 128)]
    [InlineData("EnableHWIntrinsic", 0)]
    public async Task Every_operation_is_right_without(string instructions, int widestVector)
    {
        if (Environment.GetEnvironmentVariable(ExpectedBits) is not null)
            return;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "vstest", typeof(InstructionSets).Assembly.Location,
                "--TestCaseFilter:FullyQualifiedName~Bet.Tests.Compute.",
            },
            Environment = { ["DOTNET_" + instructions] = "0", [ExpectedBits] = $"{widestVector}" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
    }

    /// <summary>
    /// In a child, the proof that the instructions were really off; elsewhere there is nothing to expect.
    /// </summary>
    [Fact]
    public void The_widest_vector_is_the_one_expected()
    {
        string? expected = Environment.GetEnvironmentVariable(ExpectedBits);
        int widest = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128 : 0;
        if (expected is not null)
            Assert.True(widest <= int.Parse(expected), $"vectors have {widest} bits, not {expected}");
    }
}
