using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol;
using OpenShell.Supervisor.Files;
using OpenShell.Supervisor.Helper;
using OpenShell.Supervisor.Hosting;
using OpenShell.Supervisor.Uplink;

const string Usage = """
    Usage:
      openshell-supervisor run --config FILE [--ssh-socket-path PATH]
                                                serve the sandbox that FILE (a GuestConfig) describes, on this host; its
                                                SSH server listens on PATH (or OPENSHELL_SSH_SOCKET_PATH), else there is none
      openshell-supervisor uplink ENDPOINT      copy standard input and output to unix:PATH or tcp:ADDRESS:PORT
      openshell-supervisor launch [--network own|host] [--limit NAME=VALUE ...] -- PROGRAM ARGUMENT...
                                                run PROGRAM apart from its starter, after a line on standard input
      openshell-supervisor machine-helper PID START PORT ENDPOINT CONSOLE-SOCKET DRIVER-SOCKET CONSOLE-FILE
                                                be the uplink and the console of a running QEMU until it ends
      openshell-supervisor --version
      openshell-supervisor --help

    As PID 1 without arguments it boots a guest.

    """;

Signals.IgnoreBrokenPipes();
InlineSocketCompletions.Enable();
switch (args)
{
    case ["uplink", var endpoint]:
        return UplinkCommand.Run(endpoint);
    case ["machine-helper", .. var words] when HelperOptions.TryParse(words) is { } options:
        return HelperCommand.Run(options);
    case ["run", "--config", var path]:
        return await HostCommand.RunAsync(path, null);
    case ["run", "--config", var path, "--ssh-socket-path", var socketPath]:
        return await HostCommand.RunAsync(path, socketPath);
    // Started by the supervisor for those who copy, and so not among the usages.
    case [FilesCommand.Subsystem]:
        return FilesCommand.Run();
    // For bench/, and so neither.
    case ["measure-spawn"]:
        return await SpawnMeasurement.RunAsync(null);
    case ["measure-spawn", var count]:
        return await SpawnMeasurement.RunAsync(count);
    case ["--version"]:
        return Print(1, $"openshell-supervisor {ProgramVersion.Text}\n", ExitCodes.Ok);
    case ["--help"]:
        return Print(1, Usage, ExitCodes.Ok);
    // The kernel passes on words of its command line that it does not know.
    case not ["run" or "uplink" or "machine-helper", ..] when CurrentProcess.GetPid() == 1:
        return await GuestCommand.RunAsync();
    default:
        return Print(2, Usage, ExitCodes.Usage);
}

static int Print(int descriptor, string text, int code)
{
    using var output = new FileDescriptor(descriptor);
    _ = DescriptorIo.TryWrite(output, Encoding.UTF8.GetBytes(text));
    return code;
}
