using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Tests.Commands;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace GpuConvnet.Tests.Export;

/// <summary>Readers of ONNX that are stricter than ONNX Runtime take the models, and compute what this program does.</summary>
public sealed class OnnxReaderTests
{
    private const string ModuleVariable = "GPUCONVNET_ONNXRUNTIME_WEB";

    public static TheoryData<string> Networks => [.. OnnxCase.Networks.Keys, .. OnnxCase.Ensembles.Keys];

    public static TheoryData<string> Ensembles => [.. OnnxCase.Ensembles.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void OpenCvComputesWhatTheNetworkDoesOneByOneAndInBatches(string name)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "OpenCV comes to these tests for Linux on x64 alone.");
        OnnxCase network = OnnxCase.Of(name);
        using Net net = Net.ReadNetFromONNX(network.Onnx())!;
        foreach (int batch in (int[])[1, 3, 1])
        {
            float[] images = OnnxCase.Images(batch);
            using Mat blob = Mat.FromPixelData([batch, 1, 16, 16], MatType.CV_32FC1, images);
            net.SetInput(blob, "image");
            using Mat result = net.Forward();

            Assert.Equal((batch, 10), (result.Rows, result.Cols));
            Assert.True(result.GetArray(out float[] outputs));
            network.RequireSame(images, outputs);
        }
    }

    [Theory]
    [MemberData(nameof(Ensembles))]
    public void OnnxRuntimeComputesWhatAnEnsembleDoes(string name)
    {
        OnnxCase ensemble = OnnxCase.Of(name);
        float[] images = OnnxCase.Images(5);
        using InferenceSession session = new(ensemble.Onnx());
        DenseTensor<float> tensor = new(images, [5, 1, 16, 16]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            session.Run([NamedOnnxValue.CreateFromTensor("image", tensor)]);

        ensemble.RequireSame(images, [.. results.Single(result => result.Name == "outputs").AsEnumerable<float>()]);
    }

    /// <remarks>Debian 12 has 4.6, which takes biases per unit one image at a time, and a scale per feature for one per token.</remarks>
    [Theory]
    [InlineData(1, "1989", "1989 scaledTanh", "1989 gelu", "1989 relu, connections of its own", "1989, width 0.5", "lenet5", "layers",
        "probabilities", "logits", "outputs of squared error", "probabilities and squared error")]
    [InlineData(3, "lenet5")]
    public void OlderOpenCvComputesWhatTheNetworksOfMapsDo(int batch, params string[] names)
    {
        string python = Python.With("import cv2, numpy");
        RequireSame(names, batch, (images, models) =>
        {
            (int code, string output) = Python.Run(
                python, [Path.Combine(AppContext.BaseDirectory, "Export", "opencv.py"), $"{batch}", images, .. models]);
            Assert.True(code == 0, output);
            return output;
        });
    }

    [Fact]
    public void OnnxRuntimeOfAPageComputesWhatTheNetworksDo()
    {
        string module = Environment.GetEnvironmentVariable(ModuleVariable) ?? "";
        Assert.SkipUnless(
            File.Exists(Path.Combine(module, "package.json")),
            $"{ModuleVariable} does not name a folder with npm's onnxruntime-web; .ci/run installs one where there is Node.");
        RequireSame([.. OnnxCase.Networks.Keys, .. OnnxCase.Ensembles.Keys], 3, (images, models) =>
        {
            string script = Path.Combine(AppContext.BaseDirectory, "Export", "onnxruntime-web.mjs");
            ProcessStartInfo start = new("node", [script, module, "3", images, .. models]) { RedirectStandardOutput = true };
            using Process node = Process.Start(start)!;
            string output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            Assert.Equal(0, node.ExitCode);
            return output;
        });
    }

    /// <summary>Holds networks to what a program says of their models: a line of JSON for each.</summary>
    private static void RequireSame(string[] names, int batch, Func<string, string[], string> read)
    {
        using ScratchExperiment scratch = new();
        OnnxCase[] networks = [.. names.Select(OnnxCase.Of)];
        float[] images = OnnxCase.Images(batch);
        File.WriteAllBytes(scratch.In("images"), ParameterBytes.Of(images));
        string[] models = [.. networks.Select((network, index) =>
        {
            string path = scratch.In($"{index}.onnx");
            File.WriteAllBytes(path, network.Onnx());
            return path;
        })];

        string[] lines =
            [.. read(scratch.In("images"), models).Split('\n').Where(line => line.StartsWith('[') || line.StartsWith('"'))];

        Assert.All(lines, line => Assert.StartsWith("[", line, StringComparison.Ordinal));
        Assert.Equal(networks.Length, lines.Length);
        foreach ((OnnxCase network, string line) in networks.Zip(lines))
        {
            network.RequireSame(images, JsonSerializer.Deserialize<float[]>(line)!);
        }
    }
}
