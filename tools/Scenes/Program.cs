using System.Globalization;
using GpuConvnet.Scenes;

// Writes pictures of MNIST's test digits, a folder a kind and named after what is in them:
//     dotnet run -c Release --project tools/Scenes -- FOLDER --seed 1 --count 20
// With an odd seed digits come from the even places of the test split, with an even one from the odd places: what is tuned with
// one is measured with the other.
string folder = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "scenes";
int seed = Option("--seed", 1);
int count = Option("--count", 20);
string data = Environment.GetEnvironmentVariable("GPUCONVNET_DATA") ?? "data";
TestDigits digits = TestDigits.Read(Path.Combine(data, "mnist"));
foreach (SceneKind kind in SceneKinds.OfOneDigit.Concat(SceneKinds.OfNone).Concat(SceneKinds.OfNumbers))
{
    string into = Path.Combine(folder, kind.Name);
    Directory.CreateDirectory(into);
    for (int i = 0; i < count; i++)
    {
        (string name, byte[] file) = Scene.Draw(kind, digits, seed, i);
        File.WriteAllBytes(Path.Combine(into, name), file);
    }

    Console.WriteLine($"{into}: {count} pictures");
}

int Option(string name, int otherwise) =>
    Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length
        ? int.Parse(args[at + 1], CultureInfo.InvariantCulture)
        : otherwise;
