using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward start SPEC… [NAME]</c>.</summary>
internal sealed class ForwardStartCommand : ForwardRunCommand
{
    private readonly Argument<string[]> _words;
    private readonly TextOption _nameOption = new("--name", "Name of the sandbox", "NAME", "-n");

    public ForwardStartCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("start", "Listen on local ports and forward connections to ports of a sandbox, until interrupted", context, connector)
    {
        _words = new Argument<string[]>("SPEC")
        {
            Description = "[BIND:]PORT for the same port on both sides, or [BIND:]PORT:[HOST:]PORT; local port 0 takes a free one. "
                + "A word that is no port is the NAME of the sandbox [default: the last one used]",
            Arity = ArgumentArity.OneOrMore,
        };
        _words.CompletionSources.Add(context => names.List(context.ParseResult));
        _nameOption.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_words);
        Options.Add(_nameOption);
    }

    protected override (string? Name, IReadOnlyList<string> Specs) Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_words) ?? [];
        var name = parsed.GetValue(_nameOption);
        foreach (var word in words.Where(word => !ForwardSpec.LooksLikeOne(word)))
        {
            name = name is null
                ? word
                : throw new CliException(CliError.Usage($"two sandboxes, '{name}' and '{word}': forward to one at a time"));
        }

        string[] specs = [.. words.Where(ForwardSpec.LooksLikeOne)];
        return specs.Length > 0 ? (name, specs) : throw new CliException(CliError.Usage("give a port to forward: openshell forward start 8080 NAME"));
    }
}
