using System.CommandLine;

namespace OpenShell.Cli.Completion;

/// <summary>The name of one sandbox, completed from those that exist.</summary>
internal sealed class SandboxNameArgument : Argument<string>
{
    /// <param name="orLast">It may be left out: then it is the sandbox that was used last.</param>
    public SandboxNameArgument(SandboxNameCompletion names, bool orLast = false)
        : base("NAME")
    {
        Description = orLast ? "Name of the sandbox [default: the last one used]" : "Name of the sandbox";
        Arity = orLast ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne;
        CompletionSources.Add(context => names.List(context.ParseResult));
    }
}
