using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Completion;

/// <summary><c>openshell completion bash|zsh|fish|powershell</c>: prints a script for the shell to read.</summary>
internal sealed class CompletionCommand : Command
{
    public CompletionCommand(CliContext context)
        : base("completion", "Print a completion script for a shell")
    {
        Aliases.Add("completions");
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell" };
        shell.CompletionSources.Add("bash", "zsh", "fish", "powershell");
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && CompletionScripts.For(value) is null)
            {
                result.AddError($"there is no completion script for '{value}'; use bash, zsh, fish or powershell");
            }
        });
        Arguments.Add(shell);
        SetAction(parsed =>
        {
            context.Console.Out.Write(CompletionScripts.For(parsed.GetRequiredValue(shell)));
            return ExitCodes.Ok;
        });
    }
}
