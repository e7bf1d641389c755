using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Commands;

/// <summary>A command that does something; its subclasses declare their arguments and options in the constructor.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(string name, string description, CliContext context)
        : base(name, description)
    {
        Context = context;
        SetAction((parsed, _) =>
        {
            context.Signals.Listen();
            return RunAsync(parsed, context.Signals.Token);
        });
    }

    protected CliContext Context { get; }

    /// <summary>Reports on standard error that something was done.</summary>
    protected Task DoneAsync(string text) => Context.Console.Error.WriteLineAsync($"{Context.ErrorPalette.Good("✓")} {text}");

    /// <summary>Reports on standard error what the user should know though the command goes on.</summary>
    protected Task WarnAsync(string text) => Context.Console.Error.WriteLineAsync($"{Context.ErrorPalette.Warn("!")} {text}");

    /// <summary>Says on standard error how a list that has more pages goes on.</summary>
    protected async Task SayNextPageAsync(string token)
    {
        if (token.Length > 0)
        {
            await Context.Console.Error.WriteLineAsync($"There are more: --page-token {SafeText.OneLine(token)}");
        }
    }

    /// <returns>The exit code.</returns>
    /// <exception cref="CliException">The command failed.</exception>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken);
}
