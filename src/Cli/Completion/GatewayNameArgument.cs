using System.CommandLine;
using OpenShell.Cli.Config;

namespace OpenShell.Cli.Completion;

/// <summary>The name of a configured gateway, completed from those that exist.</summary>
internal sealed class GatewayNameArgument : Argument<string>
{
    public GatewayNameArgument(GatewayStore store)
        : base("NAME")
    {
        Description = "Name of the gateway";
        CompletionSources.Add(_ => store.List().Select(entry => entry.Name));
    }
}
