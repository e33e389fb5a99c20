using System.Runtime.InteropServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Host memory for tensors and for the work of operations. Large blocks are asked for in pages of 2 MiB: a product
/// with a sparse matrix reads rows all over its operand, and with pages of 4 KiB it waits for their addresses.
/// </summary>
internal static unsafe partial class NativeBlock
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const int Alignment = 64;

    private const int LargePage = 2 * 1024 * 1024;

    /// <summary>MADV_HUGEPAGE of Linux' madvise(2).</summary>
    private const int AdviceLargePages = 14;

    /// <summary>At least <paramref name="bytes"/> bytes, 64-byte aligned, not cleared.</summary>
    public static void* Allocate(long bytes)
    {
        nuint size = (nuint)Math.Max(bytes, Alignment);
        if (size < LargePage)
            return NativeMemory.AlignedAlloc(size, Alignment);
        void* address = NativeMemory.AlignedAlloc(size, LargePage);

        // Advice alone: where the system does not follow it, the memory is as good, only slower.
        if (OperatingSystem.IsLinux())
            _ = Advise(address, size, AdviceLargePages);
        return address;
    }

    public static void Free(void* address) => NativeMemory.AlignedFree(address);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
