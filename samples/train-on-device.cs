#:package GpuConvnet.Kernels@0.2.0
#:property PublishAot=false

// Trains by full batch on the best device that ILGPU finds: CUDA before OpenCL, and its CPU accelerator, which is slow, last. What
// was trained there predicts on the host.
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

const int Steps = 20;
Examples train = BuiltinDigits.Draw(64, seed: 1);
Examples test = BuiltinDigits.Draw(32, seed: 2);
NetworkOptions network = NetworkOptions.Base1989;
OptimizerOptions optimizer = new(Optimizer.AdamW, learningRate: 0.01) { WeightDecay = 0.2 };
StepSchedule schedule = new(optimizer, Steps, train.Count, batch: train.Count, Perturbation.None, seed: 1);

using AcceleratorDiscovery discovery = new();
DeviceDescription device = discovery.Devices[0];
using AcceleratorTrainer trainer = new(discovery, device, network, optimizer.Kind, train, test, batch: train.Count);
trainer.Load(InitialParameters.Draw(network, seed: 1337));
Console.WriteLine($"{device.Name}: loss {trainer.Evaluate(Split.Train).Loss:F3} before training");
trainer.Take(schedule.Steps(first: 0, Steps));
Evaluation trained = trainer.Evaluate(Split.Train);
Console.WriteLine($"after {Steps} steps on {train.Count} digits: loss {trained.Loss:F3}, {trained.Misses} missed");

using INetwork host = trainer.CreateClassifier();
Console.WriteLine($"the first test digit is {test.Label(0)}, and the network takes it for {host.Predict(test.Image(0))}");
