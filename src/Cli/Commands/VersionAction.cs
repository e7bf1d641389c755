using System.CommandLine;
using System.CommandLine.Invocation;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands;

/// <summary>Prints <c>openshell VERSION</c>.</summary>
internal sealed class VersionAction(CliContext context) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        context.Console.Out.WriteLine($"openshell {ProgramVersion.Text}");
        return ExitCodes.Ok;
    }
}
