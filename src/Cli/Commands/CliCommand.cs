using System.CommandLine;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Commands;

/// <summary>A command that does something; its subclasses declare their arguments and options in the constructor.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(string name, string description, CliHost host)
        : base(name, description)
    {
        Host = host;
        SetAction((parsed, _) =>
        {
            host.Signals.Listen();
            return RunAsync(parsed, host.Signals.Token);
        });
    }

    protected CliHost Host { get; }

    /// <returns>The exit code.</returns>
    /// <exception cref="CliException">The command failed.</exception>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken);
}
