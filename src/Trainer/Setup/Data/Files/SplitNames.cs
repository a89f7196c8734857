namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>What folders of a data set's splits are called: <c>train</c>, <c>Training_set</c>, <c>test</c>, <c>t10k</c>.</summary>
internal static class SplitNames
{
    private static readonly string[] s_train = ["train", "training"];
    private static readonly string[] s_test = ["test", "testing", "t10k"];

    /// <summary>Whether a folder is called as a training split.</summary>
    public static bool IsTrain(string name) => s_train.Contains(WithoutSet(name));

    /// <summary>Whether a folder is called as a test split.</summary>
    public static bool IsTest(string name) => s_test.Contains(WithoutSet(name));

    private static string WithoutSet(string name)
    {
        string plain = FileNames.Plain(name);
        return plain.EndsWith("set", StringComparison.Ordinal) ? plain[..^"set".Length].TrimEnd('-') : plain;
    }
}
