using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Commands.Help;

/// <summary>The library's help, and the examples of the command below it.</summary>
internal sealed class ExamplesHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        var examples = Examples.Of(UsageErrors.Path(parseResult.CommandResult.Command));
        var output = parseResult.InvocationConfiguration.Output;
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
        }

        foreach ((var line, var meaning) in examples)
        {
            output.WriteLine($"  {line}");
            output.WriteLine($"      {meaning}");
        }

        return exitCode;
    }
}
