namespace Bet.Engine.Training;

/// <summary>What decides how much memory a training run takes.</summary>
public sealed record TrainingShape
{
    public required int Users { get; init; }

    public required int Items { get; init; }

    /// <summary>Interactions of the training part.</summary>
    public required long Train { get; init; }

    /// <summary>Interactions of the validation part.</summary>
    public required long Validation { get; init; }

    /// <summary>Interactions of the test part.</summary>
    public required long Test { get; init; }

    /// <summary>A name of <c>BackboneRegistry</c>.</summary>
    public required string Backbone { get; init; }

    /// <summary>Values in a row of the tables, d.</summary>
    public required int Width { get; init; }

    /// <summary>Propagation layers, for the backbones that have them.</summary>
    public required int Layers { get; init; }

    /// <summary>Interactions a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Whether epochs come to their end; false for some steps only.</summary>
    public bool WholeEpochs { get; init; } = true;

    /// <summary>Whether the loss has an L2 term, whose rows are gathered again.</summary>
    public bool HasL2 { get; init; } = true;

    /// <summary>Negatives that a batch shares; 0 where every interaction has one of its own.</summary>
    public int SharedNegatives { get; init; }

    /// <summary>Whether the score is the cosine of the representations.</summary>
    public bool Cosine { get; init; }

    /// <summary>How many of a backbone's two kinds of dropout are in use.</summary>
    public int Dropouts { get; init; }

    /// <summary>Whether a copy of the weights of the best validation is kept.</summary>
    public bool KeepsBest { get; init; } = true;

    /// <summary>Users that a validation ranks items for; null for all of them.</summary>
    public int? RankedUsers { get; init; }

    /// <summary>Whether there are any.</summary>
    public bool Ranks => RankedUsers != 0 && Validation > 0;

    /// <summary>Items recommended to each of them: the largest cut-off.</summary>
    public int Cutoff { get; init; } = 20;

    /// <summary>Bytes of all raw ids in UTF-8; null for 8 an entity.</summary>
    public long? IdBytes { get; init; }

    /// <summary>Whether the interactions come with timestamps, which are held until they are split.</summary>
    public bool Timed { get; init; } = true;

    /// <summary>Users and items together.</summary>
    public long Entities => (long)Users + Items;

    /// <summary>Interactions of all parts.</summary>
    public long Interactions => Train + Validation + Test;

    /// <summary>Bytes of one number for every value of both tables.</summary>
    public long TableBytes => Entities * Width * sizeof(float);

    /// <summary>Bytes of a row for each interaction of a step.</summary>
    public long BatchRowBytes => StepRows * Width * sizeof(float);

    /// <summary>Interactions of a whole step and of an epoch's last, which has buffers of its own.</summary>
    public long StepRows => Train <= Batch ? Train : Batch + (WholeEpochs ? Train % Batch : 0);
}
