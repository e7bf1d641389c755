using OpenShell.Cli;
using OpenShell.Cli.Context;
using OpenShell.Protocol;

InlineSocketCompletions.Enable();
using var signals = new SignalSource(TimeProvider.System, Environment.Exit);
var context = new CliContext(CliConsole.OfProcess(), CliEnvironment.OfProcess(), TimeProvider.System, signals);
return await CliApplication.RunAsync(args, context);
