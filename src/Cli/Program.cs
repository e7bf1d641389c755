using OpenShell.Cli.Hosting;
using OpenShell.Protocol;

InlineSocketCompletions.Enable();
using SignalSource signals = new(TimeProvider.System, Environment.Exit);
CliHost host = new(CliConsole.OfProcess(), CliEnvironment.OfProcess(), TimeProvider.System, signals);
return await CliApplication.RunAsync(args, host);
