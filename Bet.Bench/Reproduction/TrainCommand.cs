using System.CommandLine;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Training;

namespace Bet.Bench.Reproduction;

/// <summary><c>train</c>: one recommender with settings of one's own, for finding good ones.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "of the files that it writes", DefaultValueFactory = _ => "train" };
        var data = new Option<string>("--data") { Description = "a folder of a data set with train and test lists", Required = true };
        var backbone = new Option<string>("--backbone") { DefaultValueFactory = _ => "lightgcn" };
        var size = Number("--size", 64, "values of a row");
        var layers = Number("--layers", 3, "propagation layers");
        var message = Number("--message-dropout", 0f, "NGCF's");
        var node = Number("--node-dropout", 0f, "NGCF's");
        var deviation = Number("--deviation", 0.1f, "standard deviation of the tables' first values");
        var gathers = Number("--gathers", GatherPrecision.Bfloat16, "in what LightGCN's training reads neighbours' rows");
        var loss = new Option<string>("--loss") { DefaultValueFactory = _ => "bpr" };
        var negatives = Number("--negatives", 512, "shared by a batch, of a loss that shares them");
        var temperature = Number("--temperature", 1f, "of a softmax");
        var cosine = new Option<bool>("--cosine") { Description = "scores are cosines" };
        var epochs = Number("--epochs", 100, "passes over the train list");
        var batch = Number("--batch", 8192, "interactions a step");
        var rate = Number("--rate", 0.01f, "learning rate of the first step");
        var last = Number("--last-rate", 0.0005f, "learning rate of the last step");
        var decay = Number("--decay", RateDecay.Geometric, "how the rate falls");
        var beta2 = Number("--beta2", 0.999f, "Adam's decay of squared gradients");
        var l2 = Number("--l2", 1e-4f, "weight of the squared norms");
        var every = Number("--every", 10, "epochs between points of the curve");
        var threads = Number("--threads", Environment.ProcessorCount, "threads");
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--out") { Description = "folder of curve and checkpoint", DefaultValueFactory = _ => "." };
        var command = new Command("train", "train one recommender on a given split and keep its learning curve on the test part");
        foreach (var option in new Option[]
        {
            name, data, backbone, size, layers, message, node, deviation, gathers, loss, negatives, temperature, cosine, epochs, batch, rate,
            last, decay, beta2, l2, every, threads, seed, output,
        })
            command.Add(option);
        command.SetAction(parsed =>
        {
            ulong seeded = parsed.GetValue(seed);
            bool withCosine = parsed.GetValue(cosine);
            var run = new TrainingRun(
                parsed.GetValue(name)!, Path.GetFileName(parsed.GetValue(data)!.TrimEnd('/')),
                new BackboneOptions
                {
                    Name = parsed.GetValue(backbone)!,
                    MaximumSize = parsed.GetValue(size),
                    Layers = parsed.GetValue(layers),
                    MessageDropout = parsed.GetValue(message),
                    NodeDropout = parsed.GetValue(node),
                    InitialDeviation = parsed.GetValue(deviation),
                    TrainingGathers = parsed.GetValue(gathers),
                    Cosine = withCosine,
                    Seed = seeded,
                },
                new TrainingOptions(
                    parsed.GetValue(epochs), parsed.GetValue(batch),
                    new LearningRateSchedule(parsed.GetValue(rate), parsed.GetValue(last), parsed.GetValue(decay)), parsed.GetValue(l2),
                    parsed.GetValue(every), int.MaxValue,
                    new LossOptions(parsed.GetValue(loss)!, parsed.GetValue(negatives), parsed.GetValue(temperature), withCosine),
                    parsed.GetValue(beta2)),
                null, "");
            using var work = new Workload(parsed.GetValue(data), parsed.GetValue(threads), seeded);
            new RunTrainer(run, work, parsed.GetValue(output)!, parsed.GetValue(output)!).Train();
            return 0;
        });
        return command;
    }

    private static Option<T> Number<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
