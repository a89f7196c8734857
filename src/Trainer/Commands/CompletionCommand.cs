using System.CommandLine;
using GpuConvnet.Trainer.Runs;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer completion SHELL</c>: the script that teaches a shell to complete this program.</summary>
internal static class CompletionCommand
{
    private static readonly string[] s_examples =
    [
        "source <(trainer completion bash)",
        "trainer completion pwsh | Out-String | Invoke-Expression",
    ];

    // All three ask the program itself: '[suggest:N] LINE' prints what may stand at the cursor.
    private const string Bash = """
        _trainer() {
            mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
            mapfile -t COMPREPLY < <(compgen -W "${COMPREPLY[*]}" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o bashdefault -o default -F _trainer trainer
        """;

    private const string Zsh = """
        _trainer() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            candidates=("${(@)candidates:#}")
            if (( ${#candidates} )); then compadd -a candidates; else _files; fi
        }
        compdef _trainer trainer
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName trainer -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            trainer "[suggest:$cursorPosition]" "$commandAst" | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<string> shell = new Argument<string>("SHELL") { Description = "Your shell" }
            .OneOf("bash", "zsh", "pwsh");
        Command command = new CommandWithExamples(
            "completion", "Print a completion script: source <(trainer completion bash)", s_examples, execute: null) { shell };
        command.SetAction(arguments =>
        {
            arguments.InvocationConfiguration.Output.WriteLine(arguments.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => PowerShell,
            });
            return ExitCode.Done;
        });
        return command;
    }
}
