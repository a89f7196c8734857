#!/usr/bin/env bash
# OpenCV 4.13 (OpenCvSharp4 4.13.0.20260627), seen 2026-11-28: its reader of ONNX takes Log(Add(a, Exp(b))) for Softplus(b), log(1 + exp(b)),
# whatever a is. A logarithm of a sum of exponentials, as the mean of several networks' probabilities is written, comes out wrong without
# a word; ONNX Runtime 1.31 and OpenCV 4.6 compute what the model says.
#
#   y = Log(Exp(x) + Exp(-x)), x = 2, 0, -1
#   by the standard: 2.0181 0.6931 1.1269
#   OpenCV 4.13:     0.1269 0.6931 1.3133, which is Softplus(-x)
#
# What follows: with something between the sum and the logarithm, a product with 1/n, the pattern is not found. For means of
# probabilities that is the definition: Log(Mul(Add(Softmax(a), Softmax(b)), 1/2)).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >finding.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="OpenCvSharp4" Version="[4.13.0.20260627]" />
    <PackageReference Include="OpenCvSharp4.official.runtime.linux-x64" Version="[4.13.0.20260627]" />
    <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="[1.31.1]" />
  </ItemGroup>
</Project>
PROJECT
cat >Program.cs <<'PROGRAM'
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OpenCvSharp;
using OpenCvSharp.Dnn;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
float[] x = [2, 0, -1];
double[] expected = [.. x.Select(value => Math.Log(Math.Exp(value) + Math.Exp(-value)))];
double[] softplus = [.. x.Select(value => Math.Log(1 + Math.Exp(-value)))];
byte[] model = Model(("Mul", ["x", "minus"], "b"), ("Exp", ["x"], "a"), ("Exp", ["b"], "c"), ("Add", ["a", "c"], "sum"), ("Log", ["sum"], "y"));
byte[] between = Model(
    ("Mul", ["x", "minus"], "b"), ("Exp", ["x"], "a"), ("Exp", ["b"], "c"), ("Add", ["a", "c"], "sum"),
    ("Mul", ["sum", "minus"], "less"), ("Mul", ["less", "minus"], "more"), ("Log", ["more"], "y"));

float[] byOpenCv = OpenCv(model), byRuntime = Runtime(model), byOpenCvBetween = OpenCv(between);
Console.WriteLine($"by the standard: {Text(expected)}\nONNX Runtime:    {Text(byRuntime)}\nOpenCV 4.13:     {Text(byOpenCv)}");
Console.WriteLine($"Softplus(-x):    {Text(softplus)}\nOpenCV 4.13, a product before the logarithm: {Text(byOpenCvBetween)}");
bool isAsSeen = IsNear(byRuntime, expected) && IsNear(byOpenCv, softplus) && IsNear(byOpenCvBetween, expected);
Console.WriteLine(isAsSeen ? "as seen in 4.13" : "CHANGED");
return isAsSeen ? 0 : 1;

float[] OpenCv(byte[] onnx)
{
    using Net net = Net.ReadNetFromONNX(onnx);
    using Mat blob = Mat.FromPixelData([1, 3], MatType.CV_32FC1, x);
    net.SetInput(blob, "x");
    using Mat result = net.Forward();
    result.GetArray(out float[] y);
    return y;
}

float[] Runtime(byte[] onnx)
{
    using InferenceSession session = new(onnx);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x, [1, 3]))]);
    return [.. results.Single().AsEnumerable<float>()];
}

static bool IsNear(float[] found, double[] wanted) => found.Zip(wanted).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4);

static string Text<T>(IEnumerable<T> values) => string.Join(' ', values.Select(value => $"{value:F4}"));

// Messages of onnx.proto: a field is its number, and a number or bytes.
static byte[] Model(params (string Type, string[] Inputs, string Output)[] nodes)
{
    IEnumerable<byte> graph = nodes.SelectMany(node => Bytes(1, [
        .. node.Inputs.SelectMany(input => Bytes(1, Name(input))), .. Bytes(2, Name(node.Output)), .. Bytes(3, Name(node.Output)),
        .. Bytes(4, Name(node.Type))]));
    byte[] shape = [.. Bytes(1, Number(1, 1)), .. Bytes(1, Number(1, 3))];
    byte[] Value(string name) => [.. Bytes(1, Name(name)), .. Bytes(2, Bytes(1, [.. Number(1, 1), .. Bytes(2, shape)]))];
    byte[] minus = [.. Number(2, 1), .. Bytes(8, Name("minus")), .. Bytes(9, BitConverter.GetBytes(-1f))];
    graph = [.. graph, .. Bytes(2, Name("g")), .. Bytes(5, minus), .. Bytes(11, Value("x")), .. Bytes(12, Value("y"))];
    return [.. Number(1, 8), .. Bytes(7, [.. graph]), .. Bytes(8, [.. Bytes(1, []), .. Number(2, 13)])];
}

static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);

static byte[] Number(int field, int value) => [(byte)(field << 3), (byte)value];

static byte[] Bytes(int field, byte[] content) => content.Length < 128
    ? [(byte)(field << 3 | 2), (byte)content.Length, .. content]
    : [(byte)(field << 3 | 2), (byte)(content.Length % 128 + 128), (byte)(content.Length / 128), .. content];
PROGRAM
dotnet run --verbosity quiet
