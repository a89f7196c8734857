namespace GpuConvnet.Peers;

/// <summary>What to train and how: the request.json that torchsharp_fullbatch.py writes.</summary>
/// <param name="Hidden">The activation of H1, H2 and H3: tanh or relu.</param>
/// <param name="Output">That of the outputs: tanh or linear.</param>
/// <param name="Loss">mse or crossEntropy.</param>
/// <param name="Shift">The most pixels that an image is rolled by in each direction.</param>
/// <param name="Dropout">The share of H2's units that is dropped.</param>
/// <param name="Seed">Of libtorch's generator.</param>
/// <param name="Beta1">AdamW's.</param>
/// <param name="Beta2">AdamW's.</param>
/// <param name="Epsilon">AdamW's.</param>
/// <param name="WeightDecay">AdamW's.</param>
/// <param name="Rates">The learning rate of each step.</param>
/// <param name="Repeats">How often the steps are taken and timed, each time from the initial weights.</param>
/// <param name="Threads">Of libtorch.</param>
/// <param name="Splits">For each split NAME there are NAME.images.f32 and NAME.labels.i64; "train" is the first.</param>
internal sealed record Request(
    string Hidden,
    string Output,
    string Loss,
    int Shift,
    double Dropout,
    long Seed,
    double Beta1,
    double Beta2,
    double Epsilon,
    double WeightDecay,
    double[] Rates,
    int Repeats,
    int Threads,
    string[] Splits);
