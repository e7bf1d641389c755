using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace OpenShell.Cli.Hosting;

/// <summary>Prints <c>openshell VERSION</c>.</summary>
internal sealed class VersionAction(CliHost host) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var version = typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        host.Console.Out.WriteLine($"openshell {version}");
        return ExitCode.Ok;
    }
}
