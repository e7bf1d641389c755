using System.CommandLine;
using System.CommandLine.Invocation;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Hosting;

/// <summary>Prints <c>openshell VERSION</c>.</summary>
internal sealed class VersionAction(CliHost host) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        host.Console.Out.WriteLine($"openshell {ProgramVersion.Text}");
        return ExitCodes.Ok;
    }
}
