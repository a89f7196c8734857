#:package GpuConvnet.Recognition@0.2.0
#:property PublishAot=false

// Trains for some seconds, then reads the digit in a picture: a photograph, a scan, a drawing, dark on light or light on dark.
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Images;

string path = args is [string given] ? given : "samples/seven.png";
Examples train = BuiltinDigits.Draw(20_000, seed: 1);
using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
network.Load(InitialParameters.Draw(NetworkOptions.Base1989, seed: 1337));
for (int pass = 0; pass < 5; pass++)
{
    network.Train(train, 0, train.Count, learningRate: 0.03f);
}

using DigitReader reader = new(network, NetworkOptions.Base1989.Loss, Framing.Mnist);
PictureReading reading = PictureReader.Read(ImageFile.Read(path), reader);
Console.WriteLine(reading.Prediction is { } prediction
    ? $"{path}: {prediction.Digit}, else {prediction.RunnerUp}, {100 * reader.ConfidenceOf(prediction):F0}% sure"
    : $"{path}: no digit. {reading.Instead}");
