using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuConvnet.Peers;
using TorchSharp;

// Reads FOLDER/request.json and what lies beside it, trains, and leaves the answer there.
string folder = args[0];
Request request = JsonSerializer.Deserialize<Request>(File.ReadAllBytes(In("request.json")), JsonSerializerOptions.Web)!;
torch.set_num_threads(request.Threads);
Split[] splits = [.. request.Splits.Select(name => Split.Read(folder, name))];
Training training = new(request, splits[0], Split.Values<float>(In("initial.f32")));

Write("initial.outputs.f32", training.Outputs(splits[0]));
(double loss, float[] gradient) = training.LossAndGradient();
Write("gradient.f32", gradient);

Stopwatch watch = Stopwatch.StartNew();
training.Train(2);
double warmUp = watch.Elapsed.TotalSeconds;
List<double> microseconds = [];
for (int i = 0; i < request.Repeats; i++)
{
    training.Begin();
    watch.Restart();
    training.Train(request.Rates.Length);
    microseconds.Add(watch.Elapsed.TotalMicroseconds / request.Rates.Length);
}

Write("parameters.f32", training.Parameters);
foreach ((string name, Split split) in request.Splits.Zip(splits))
{
    Write($"{name}.outputs.f32", training.Outputs(split));
}

string version = $"{typeof(torch).Assembly.GetName().Version!.ToString(3)}, libtorch {torch.__version__}";
Answer answer = new(version, loss, warmUp, [.. microseconds]);
File.WriteAllBytes(In("result.json"), JsonSerializer.SerializeToUtf8Bytes(answer, JsonSerializerOptions.Web));

string In(string name) => Path.Combine(folder, name);

void Write(string name, float[] values) => File.WriteAllBytes(In(name), MemoryMarshal.AsBytes<float>(values).ToArray());
