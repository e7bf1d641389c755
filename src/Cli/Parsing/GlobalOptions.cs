using System.CommandLine;
using OpenShell.Cli.Config;

namespace OpenShell.Cli.Parsing;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Also the name of an option of <c>gateway add</c>, which keeps it.</summary>
    public const string SendTokenInClear = "--send-token-in-clear";

    /// <summary>What that risks.</summary>
    public const string SendTokenInClearDescription =
        "Send the token to an http:// address, unencrypted: whoever listens there when the gateway does not, or is on the way, "
        + "gets it and with it every sandbox";

    private readonly Option<string> _gateway = new("--gateway", "-g")
    {
        Description = "Configured gateway to use [env: OPENSHELL_GATEWAY]",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<string> _endpoint = new("--gateway-endpoint")
    {
        Description = "Address of the gateway, configured or not: unix:PATH or http://HOST:PORT [env: OPENSHELL_GATEWAY_ENDPOINT]",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string> _workspace = new("--workspace")
    {
        Description = "Workspace of the sandboxes [env: OPENSHELL_WORKSPACE] [default: default]",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<string> _tokenFile = new("--token-file")
    {
        Description = "File with the bearer token, readable by its owner only [env: OPENSHELL_TOKEN_FILE, with OPENSHELL_GATEWAY_ENDPOINT]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> _sendTokenInClear = new(SendTokenInClear)
    {
        Description = SendTokenInClearDescription + " [env: OPENSHELL_SEND_TOKEN_IN_CLEAR, with OPENSHELL_GATEWAY_ENDPOINT]",
        Arity = ArgumentArity.Zero,
        Recursive = true,
    };

    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Say more about what happens, on standard error; with -vv and -vvv also what ssh says",
        Arity = ArgumentArity.Zero,
        Recursive = true,
    };

    private readonly ChoiceOption _color = new("--color", "When to use colours [env: OPENSHELL_COLOR] [default: auto]", "WHEN", "auto", "always", "never")
    {
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Options.Add(_gateway);
        root.Options.Add(_endpoint);
        root.Options.Add(_workspace);
        root.Options.Add(_tokenFile);
        root.Options.Add(_sendTokenInClear);
        root.Options.Add(_verbose);
        root.Options.Add(_color);
    }

    /// <summary>Offers names for --gateway to completion.</summary>
    public void Complete(Func<IEnumerable<string>> gatewayNames) => _gateway.CompletionSources.Add(_ => gatewayNames());

    public GatewaySelection Selection(ParseResult parsed) =>
        new(parsed.GetValue(_endpoint), parsed.GetValue(_gateway), parsed.GetValue(_tokenFile), parsed.GetValue(_sendTokenInClear))
        {
            Workspace = parsed.GetValue(_workspace),
        };

    public bool IsVerbose(ParseResult parsed) => parsed.GetValue(_verbose);

    /// <summary>How often -v was given.</summary>
    public int Verbosity(ParseResult parsed) => parsed.GetResult(_verbose)?.IdentifierTokenCount ?? 0;

    /// <summary>auto, always or never; null when it was not given.</summary>
    public string? Color(ParseResult parsed) => _color.Of(parsed);
}
