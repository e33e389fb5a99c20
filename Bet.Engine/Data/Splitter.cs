using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>
/// Divides interactions into train, validation and test per user, then numbers users and items by falling train
/// frequency. A user with any interaction has at least one in train (in AsGiven, with any in the given train part);
/// leave-one-out tests on the last of two and validates from three on. Same set, options and seed: the same split.
/// Every kind but AsGiven puts a given test part together with train first.
/// </summary>
public static class Splitter
{
    private const int Train = 0;
    private const int Validation = 1;
    private const int Test = 2;

    /// <exception cref="ArgumentException">
    /// The shares make no sense, the set lacks what the split needs (a test part, timestamps), or no user has enough
    /// interactions for a validation part.
    /// </exception>
    public static PreparedDataset Split(InteractionSet set, SplitOptions options, ulong seed)
    {
        Validate(set, options);
        var (offsets, order) = Grouping.By(set.UserOf, set.UserIds.Count);
        var train = new int[set.UserIds.Count];
        var validation = new int[set.UserIds.Count];
        bool validates = false;
        for (int user = 0; user < train.Length; user++)
        {
            var own = order.AsSpan(offsets[user]..offsets[user + 1]);
            if (own.IsEmpty)
                continue;
            if (options.Kind == SplitKind.AsGiven)
                own = BeforeTest(own, set.TestStart!.Value);
            Arrange(own, set, options.Kind, new Philox(seed, RandomPurpose.Split, (uint)user));
            (train[user], validation[user]) = Sizes(own.Length, options);
            validates |= validation[user] > 0;
        }

        if (!validates)
        {
            throw new ArgumentException(
                "No user has enough interactions for a validation part: give a larger share or more data.");
        }

        return Renumbering.Prepare(set, new DividedPlaces(offsets, order, train, validation));
    }

    private static void Validate(InteractionSet set, SplitOptions options)
    {
        var (kind, train, validation) = (options.Kind, options.Train, options.Validation);
        if (!Enum.IsDefined(kind))
            throw new ArgumentException($"Split kind {(int)kind} is unknown.");
        if (kind != SplitKind.LeaveOneOut && !(validation > 0 && validation < 1))
            throw new ArgumentException($"Validation must lie between 0 and 1, both excluded; it is {validation}.");
        if (kind is SplitKind.Random or SplitKind.ByTime)
        {
            if (!(train > 0 && train < 1))
                throw new ArgumentException($"Train must lie between 0 and 1, both excluded; it is {train}.");
            if (train + validation > 1 + 1e-9)
                throw new ArgumentException($"Train + Validation must be at most 1; it is {train + validation}.");
        }

        if (kind == SplitKind.AsGiven && set.TestStart is null)
        {
            throw new ArgumentException(
                "Split AsGiven needs a data set that came with a test part; this one did not: use Random"
                + (set.Timestamps is null ? " or LeaveOneOut." : ", ByTime or LeaveOneOut."));
        }

        if (kind == SplitKind.AsGiven && set.TestStart == 0)
            throw new ArgumentException("Split AsGiven needs interactions in the given train part; there are none.");
        if (kind == SplitKind.ByTime && set.Timestamps is null)
            throw new ArgumentException("Split ByTime needs timestamps; this data set has none: use Random or LeaveOneOut.");
    }

    /// <summary>What comes before the given test part in a user's rising places.</summary>
    private static Span<int> BeforeTest(Span<int> own, int testStart)
    {
        int train = 0;
        while (train < own.Length && own[train] < testStart)
            train++;
        return own[..train];
    }

    /// <summary>Puts one user's interactions in the order in which parts are cut off: train first.</summary>
    private static void Arrange(Span<int> own, InteractionSet set, SplitKind kind, Philox random)
    {
        if (kind is SplitKind.Random or SplitKind.AsGiven)
        {
            for (int last = own.Length - 1; last > 0; last--)
            {
                int other = random.Below((ulong)last, last + 1);
                (own[last], own[other]) = (own[other], own[last]);
            }
        }
        else if (set.Timestamps is { } timestamps)
        {
            own.Sort((left, right) =>
            {
                int byTime = timestamps[left].CompareTo(timestamps[right]);
                return byTime != 0 ? byTime : left.CompareTo(right);
            });
        }
    }

    private static (int Train, int Validation) Sizes(int count, SplitOptions options) => options.Kind switch
    {
        _ when count == 0 => (0, 0),
        SplitKind.LeaveOneOut => (Math.Max(1, count - 2), count > 2 ? 1 : 0),
        SplitKind.AsGiven => Sizes(count, 1 - options.Validation!.Value, options.Validation.Value),
        _ => Sizes(count, options.Train!.Value, options.Validation!.Value),
    };

    /// <summary>
    /// Largest remainders: each part gets the whole number below its share, and the largest fractions one more (train
    /// before validation before test where they tie). An empty train part takes one from the larger other part.
    /// </summary>
    internal static (int Train, int Validation) Sizes(int count, double trainShare, double validationShare)
    {
        const double rounding = 1e-9;
        Span<double> shares = [trainShare, validationShare, Math.Max(0, 1 - trainShare - validationShare)];
        Span<int> sizes = stackalloc int[3];
        Span<double> fractions = stackalloc double[3];
        int left = count;
        for (int part = 0; part < 3; part++)
        {
            double quota = count * shares[part];
            sizes[part] = Math.Min(left, (int)Math.Floor(quota + rounding));
            fractions[part] = quota - sizes[part];
            left -= sizes[part];
        }

        for (; left > 0; left--)
        {
            int largest = 0;
            for (int part = 1; part < 3; part++)
            {
                if (fractions[part] > fractions[largest] + rounding)
                    largest = part;
            }

            sizes[largest]++;
            fractions[largest] = -1;
        }

        if (sizes[Train] == 0 && count > 0)
        {
            sizes[sizes[Validation] > sizes[Test] ? Validation : Test]--;
            sizes[Train] = 1;
        }

        return (sizes[Train], sizes[Validation]);
    }
}
