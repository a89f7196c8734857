using System.Text.Json.Nodes;

namespace GpuConvnet.Tests.Commands;

/// <summary>A folder that is gone after the test, with a small experiment on built-in digits in it.</summary>
internal sealed class ScratchExperiment : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuconvnet-");

    public ScratchExperiment(int passes = 2, int train = 200) => Config = Write("small.json", new JsonObject
    {
        ["experiment"] = "small",
        ["dataset"] = "builtin",
        ["train"] = train,
        ["test"] = 50,
        ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
        ["passes"] = passes,
    });

    public string Config { get; }

    public string In(params string[] names) => Path.Combine([_folder.FullName, .. names]);

    public string Write(string name, JsonNode json)
    {
        File.WriteAllText(In(name), json.ToJsonString());
        return In(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
