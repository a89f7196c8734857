using System.Text;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Results;

/// <summary>What people give as a model and is none: named for what it is, with what to do.</summary>
public sealed class OtherModelTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    /// <summary>Each: the first bytes of a file, what it is called, and a word of what to do.</summary>
    public static TheoryData<string, string, string> Files { get; } = new()
    {
        { "<!DOCTYPE html><html><head><title>Log in</title>", "a web page or XML ('<!DOCTYPE html>", "address" },
        { "{\"error\": \"not found\", \"status\": 404}", "JSON ('{\"error\"", "trainer runs" },
        { "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS", "git lfs pull" },
        { "\u0080\u0002}q\0(X\u0006\0\0\0conv1q", "a Python pickle", "save_file" },
        { "PK\u0003\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0010\0\0\0archive/data.pkl", "tensors or a model that PyTorch saved", "save_file" },
        { "PK\u0003\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0010\0\0\0holiday.docx", "a zip archive", "Unpack" },
        { "\u0089HDF\r\n\u001a\n\0\0\0\0", "HDF5", "trainer runs" },
        { "\u001f\u008b\u0008\0\0\0\0\0\0\u0003", "packed with gzip", "Unpack" },
        { "\u0008\u0008\u0012\u0007pytorch\u001a\u00052.1.0", "a model in ONNX", "trainer runs" },
        { "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR", "a picture", "--model" },
        { "Dear Sir, please find the weights attached.\n", "text ('Dear Sir", "trainer runs" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_no_model_is_named_for_what_it_is(string content, string what, string remedy)
    {
        File.WriteAllBytes(_scratch.In("model.safetensors"), Encoding.Latin1.GetBytes(content));

        CommandRun run = CommandRun.Of("eval", _scratch.In("model.safetensors"));

        Assert.Equal(2, run.Code);
        Assert.Contains($"{_scratch.In("model.safetensors")} is not a model in safetensors format: it is {what}", run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("header claims", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_was_exported_is_named()
    {
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run")).Code);
        Assert.Equal(0, CommandRun.Of("export", _scratch.In("run"), "-f", "onnx", "-o", _scratch.In("model.onnx")).Code);

        CommandRun run = CommandRun.Of("eval", _scratch.In("model.onnx"));

        Assert.Equal(2, run.Code);
        Assert.Contains("a model in ONNX", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();
}
