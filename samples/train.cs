#:package GpuConvnet.Model@0.2.0
#:property PublishAot=false

// Trains the article's network per example, as the article does, on digits that the library draws; evaluates and predicts.
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;

Examples train = BuiltinDigits.Draw(7291, seed: 1);
Examples test = BuiltinDigits.Draw(2007, seed: 2);

using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
network.Load(InitialParameters.Draw(NetworkOptions.Base1989, seed: 1337));
for (int pass = 1; pass <= 5; pass++)
{
    network.Train(train, 0, train.Count, learningRate: 0.03f);
    Evaluation evaluation = network.Evaluate(test);
    Console.WriteLine($"pass {pass}: loss {evaluation.Loss:F4}, {evaluation.Misses} of {test.Count} digits missed");
}

Console.WriteLine($"the first test digit is {test.Label(0)}, and the network takes it for {network.Predict(test.Image(0))}");
