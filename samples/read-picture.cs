#:project ../src/Recognition/Recognition.csproj

// Trains for some seconds, then reads the digit in a picture: a photograph, a scan, a drawing, dark on light or light on dark.
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;

string path = args is [string given] ? given : "samples/seven.png";
Examples train = BuiltinDigits.Draw(20_000, seed: 1);
using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
network.Load(InitialParameters.Draw(NetworkOptions.Base1989, seed: 1337));
for (int pass = 0; pass < 5; pass++)
{
    network.Train(train, 0, train.Count, learningRate: 0.03f);
}

float[] parameters = new float[Parameters.Count];
network.Store(parameters);

using DigitReader reader = new(parameters, NetworkOptions.Base1989, Framing.Mnist);
if (DigitFinder.Find(ImageFile.Read(path)) is not { } found)
{
    Console.WriteLine($"There is no digit in {path}.");
    return 1;
}

Prediction prediction = reader.Read(DigitFrame.Of(found, reader.Framing));
Console.WriteLine($"{path}: {prediction.Digit}, else {prediction.RunnerUp}");
return 0;
