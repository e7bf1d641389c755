using System.CommandLine;
using OpenShell.Cli.Completion;

namespace OpenShell.Cli.Parsing;

/// <summary>The name of one sandbox, completed from those that exist.</summary>
internal sealed class SandboxNameArgument : Argument<string>
{
    public SandboxNameArgument(SandboxNames names)
        : base("NAME")
    {
        Description = "Name of the sandbox";
        CompletionSources.Add(context => names.List(context.ParseResult));
    }
}
