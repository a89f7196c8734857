using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The usual help, followed by examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> s_examples = new()
    {
        [""] =
        [
            "trainer                                         the article's experiment on whatever digits are at hand",
            "trainer --config 1989-base --out runs/base      the article's replay on MNIST, saved",
            "trainer --config 1989-usps --seed 7             on the zip-code digits, from other initial weights",
            "trainer --runs 10 --quiet                       ten seeds, statistics only",
            "trainer -c 1989-base -a cuda --replicas 132     132 seeds at once on a GPU, per example",
            "trainer --config my.json --json > result.json   an experiment of yours, the result as JSON",
            "trainer --config 1989-usps --from runs/base     fine-tuning: from a saved model, on other digits",
            "trainer --resume runs/base                      goes on where a run was interrupted or killed",
            "trainer runs                                    what has been trained, side by side",
            "trainer eval runs/base/model.safetensors        how well a saved model does",
            "trainer errors runs/base                        which digits it gets wrong, as a picture",
            "trainer report runs/base runs/softmax           a web page about both, with a pad to draw digits on",
        ],
        ["runs"] =
        [
            "trainer runs                                    the runs in runs/, newest first",
            "trainer runs runs/base runs/softmax             two of them",
            "trainer runs --json                             the list as JSON",
        ],
        ["reproduce"] =
        [
            "trainer reproduce --quick                       the article's table in two minutes",
            "trainer reproduce --runs 5                      the whole of it, five seeds each; goes on if interrupted",
            "trainer reproduce --only shift --engine per-example --out runs/shift",
        ],
        ["eval"] =
        [
            "trainer eval runs/base/model.safetensors",
            "trainer eval runs/base/model.safetensors --dataset usps --split test",
        ],
        ["sweep"] =
        [
            "trainer sweep -c 1989-fullbatch --set optimizer.learningRate=0.02,0.04 --set optimizer.weightDecay=0.1,0.2",
            "    a grid of 4 points, 3 seeds each; 10,000 held-out training digits say which is best",
            "trainer sweep -c 1989-base --set optimizer.learningRate=log:0.003..0.3 --random 20 --out runs/rates",
            "    20 points at random, saved; the same line goes on with it after Ctrl-C",
            "trainer sweep -c 1989-base --set optimizer.learningRate=0.01,0.03,0.1 --then-test",
            "    and only the best, with 3 fresh seeds, on the test split",
            "trainer sweep -c modern-fullbatch --set steps=500 --set shift=0,1 --set dropout=0..0.5 --random 32 --runs 8 --halving",
            "    all 32 points with 1 seed, the better half with 2, its better half with 4, then 8",
        ],
        ["errors"] =
        [
            "trainer errors runs/base                        its test errors as a picture, errors-mnist-test.png",
            "trainer errors runs/base --split train --out train-errors.png --force",
            "trainer errors runs/base --json > errors.json   every misclassified digit and its outputs, as JSON",
        ],
        ["predict"] =
        [
            "trainer predict digit.jpg                       which digit is in a picture, by the newest run",
            "trainer predict scans/ --model runs/base --labels",
            "    a line a picture, and how many are right: scans/7_001.png, or scans/7/001.png",
            "curl https://example.org/digit.png | trainer predict - --show",
        ],
        ["export"] =
        [
            "trainer export runs/base --format onnx          model.onnx, for ONNX Runtime",
            "trainer export runs/base --format csv --out weights.csv",
            "trainer export from-pytorch.safetensors --format onnx --config 1989-base",
        ],
        ["report"] =
        [
            "trainer report runs/base                        runs/base/report.html and runs/base/pictures",
            "trainer report runs/base runs/softmax --out both    two side by side",
        ],
        ["gradcheck"] = ["trainer gradcheck --config 1989-base --all"],
        ["data"] =
        [
            "trainer data                                    what is where, and whether it is whole",
            "trainer data fetch                              download what is missing of MNIST",
            "trainer data preview --dataset builtin          a contact sheet of digits, as PNG",
        ],
        ["verify"] =
        [
            "trainer verify                                  the first GPU, or the host where there is none",
            "trainer verify --accelerator opencl --device 1  another device, as 'trainer devices' lists them",
            "trainer verify --golden FOLDER --json           against other numbers of PyTorch's, the result as JSON",
        ],
        ["bench"] =
        [
            "trainer bench                                   the first GPU, or the host where there is none",
            "trainer bench --quick -a opencl -o bench-opencl a rough answer, saved with its curve",
            "trainer bench -c 1989-fullbatch --batches none --to-accuracy",
        ],
        ["completion"] = ["source <(trainer completion bash)", "trainer completion pwsh | Out-String | Invoke-Expression"],
    };

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        Command command = parseResult.CommandResult.Command;
        if (s_examples.TryGetValue(command is RootCommand ? "" : command.Name, out string[]? examples))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine("  " + example);
            }

            output.WriteLine();
        }

        return code;
    }
}
