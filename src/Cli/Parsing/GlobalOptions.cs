using System.CommandLine;
using OpenShell.Cli.Config;

namespace OpenShell.Cli.Parsing;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<string> _gateway = new("--gateway", "-g")
    {
        Description = "Configured gateway to use [env: OPENSHELL_GATEWAY]",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<string> _endpoint = new("--gateway-endpoint")
    {
        Description = "Address of the gateway, configured or not [env: OPENSHELL_GATEWAY_ENDPOINT]",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string> _tokenFile = new("--token-file")
    {
        Description = "File with the bearer token, readable by its owner only [env: OPENSHELL_TOKEN_FILE]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Say more about what happens, on standard error",
        Arity = ArgumentArity.Zero,
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Options.Add(_gateway);
        root.Options.Add(_endpoint);
        root.Options.Add(_tokenFile);
        root.Options.Add(_verbose);
    }

    /// <summary>Offers names for --gateway to completion.</summary>
    public void Complete(Func<IEnumerable<string>> gatewayNames) => _gateway.CompletionSources.Add(_ => gatewayNames());

    public GatewaySelection Selection(ParseResult parsed) =>
        new(parsed.GetValue(_endpoint), parsed.GetValue(_gateway), parsed.GetValue(_tokenFile));

    public bool IsVerbose(ParseResult parsed) => parsed.GetValue(_verbose);
}
