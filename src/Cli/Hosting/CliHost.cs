namespace OpenShell.Cli.Hosting;

/// <summary>What a command gets from the outside world.</summary>
internal sealed record CliHost(CliConsole Console, CliEnvironment Environment, TimeProvider Time, SignalSource Signals);
