using System.Runtime.InteropServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Host memory for tensors and for the work of operations. Large blocks are asked for in pages of 2 MiB: a product
/// with a sparse matrix reads rows all over its operand, and with pages of 4 KiB it waits for their addresses.
/// </summary>
/// <remarks>
/// On Linux large blocks are mappings of their own and go back to the system when they are freed. The C library's heap
/// kept the holes between aligned blocks: a run that frees its tape to rank all items grew at every ranking.
/// </remarks>
internal static unsafe partial class NativeBlock
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const int Alignment = 64;

    private const nuint LargePage = 2 * 1024 * 1024;

    /// <summary>At least <paramref name="bytes"/> bytes, 64-byte aligned, not cleared.</summary>
    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public static void* Allocate(long bytes)
    {
        nuint size = (nuint)Math.Max(bytes, Alignment);
        return IsMapped(size) ? Linux.Map(size) : NativeMemory.AlignedAlloc(size, size < LargePage ? Alignment : LargePage);
    }

    /// <summary>Gives back what <see cref="Allocate"/> returned for as many bytes; nothing for null.</summary>
    public static void Free(void* address, long bytes)
    {
        nuint size = (nuint)Math.Max(bytes, Alignment);
        if (address is null)
            return;
        if (IsMapped(size))
            Linux.Unmap((nuint)address, size);
        else
            NativeMemory.AlignedFree(address);
    }

    private static bool IsMapped(nuint size) => size >= LargePage && OperatingSystem.IsLinux();

    /// <summary>Memory mappings, with the numbers that Linux gives them.</summary>
    private static partial class Linux
    {
        private const int ReadAndWrite = 1 | 2;
        private const int PrivateAnonymous = 0x02 | 0x20;
        private const int AdviceLargePages = 14;
        private const nint Failed = -1;

        /// <summary>A mapping that begins where a large page does.</summary>
        public static void* Map(nuint size)
        {
            nuint length = RoundUp(size, (nuint)Environment.SystemPageSize);
            nint mapped = MemoryMap(0, length + LargePage, ReadAndWrite, PrivateAnonymous, -1, 0);
            if (mapped == Failed)
                throw new OutOfMemoryException($"mmap of {size} bytes: {LastError()}");

            nuint start = (nuint)mapped;
            nuint address = RoundUp(start, LargePage);
            Unmap(start, address - start);
            Unmap(address + length, start + LargePage - address);

            // Advice alone: where the system does not follow it, the memory is as good, only slower.
            _ = MemoryAdvise((nint)address, length, AdviceLargePages);
            return (void*)address;
        }

        public static void Unmap(nuint address, nuint length)
        {
            if (length > 0 && MemoryUnmap((nint)address, length) != 0)
                throw new InvalidOperationException($"munmap of {length} bytes at {address:x}: {LastError()}");
        }

        private static nuint RoundUp(nuint value, nuint multiple) => (value + multiple - 1) / multiple * multiple;

        private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
        private static partial int MemoryUnmap(nint address, nuint length);

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int MemoryAdvise(nint address, nuint length, int advice);
    }
}
