namespace Bet.Tests.Data;

/// <summary>What a reader of files that carry hashes must withstand.</summary>
internal static class DamagedFiles
{
    /// <summary>Every changed byte and every cut, so many bytes apart, is <see cref="InvalidDataException"/> to the reader.</summary>
    public static void AreRefused(byte[] file, Action<Stream> read, int apart)
    {
        for (int place = 0; place < file.Length; place += apart)
        {
            var changed = file.ToArray();
            changed[place] ^= 0x41;
            Assert.Throws<InvalidDataException>(() => read(new MemoryStream(changed)));
            Assert.Throws<InvalidDataException>(() => read(new MemoryStream(file[..place])));
        }
    }

    /// <summary>
    /// Files of any content under a correct hash: only <see cref="InvalidDataException"/> may come out, or what a forged file
    /// happens to say where it is a valid one.
    /// </summary>
    public static void WithCorrectHashesEndNothing(byte[] file, Action<Stream> read, Func<byte[], Random, byte[]> forge, int rounds)
    {
        var random = new Random(6);
        for (int round = 0; round < rounds; round++)
        {
            try
            {
                read(new MemoryStream(forge(file, random)));
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }
    }

    /// <summary>Any value of a byte, of which every second one is the largest.</summary>
    public static byte AnyByte(Random random) => (byte)(random.Next(2) == 0 ? 0xFF : random.Next(256));

    public static byte[] Written(Action<Stream> write)
    {
        var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
