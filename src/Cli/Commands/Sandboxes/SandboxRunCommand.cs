using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell run [OPTIONS] IMAGE [CMD…]</c>: as <c>sandbox create --from IMAGE [OPTIONS] -- CMD…</c>.</summary>
internal sealed class SandboxRunCommand : CliCommand
{
    private const string CreateName = "create";
    private const string ImageOption = "--from";

    private readonly ParserConfiguration _configuration;
    private readonly string _group;
    private readonly Argument<string> _image = new("IMAGE") { Description = "Image of the sandbox, one that the gateway has" };
    private readonly CommandWords _command =
        new("Main process of the sandbox [default: a login shell]; its exit code becomes this command's", takesRest: true);

    public SandboxRunCommand(CliContext context, SandboxCommand sandbox, ParserConfiguration configuration)
        : base("run", "Create a sandbox of an image and stay with its main process (as sandbox create --from IMAGE)", context)
    {
        (_configuration, _group) = (configuration, sandbox.Name);
        Arguments.Add(_image);
        Arguments.Add(_command);
        foreach (var option in sandbox.Subcommands.Single(command => command.Name == CreateName).Options.Where(option => option.Name != ImageOption))
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var create = parsed.RootCommandResult.Command.Parse(Rewrite(parsed), _configuration);
        return create.Errors.Count > 0
            ? UsageErrors.Print(Context, create)
            : await create.InvokeAsync(parsed.InvocationConfiguration, cancellationToken);
    }

    // The words as they were read: -it is two options by now, and --env=A=b an option and its value.
    private List<string> Rewrite(ParseResult parsed)
    {
        var image = parsed.GetResult(_image)!.Tokens[0];
        List<string> words = [];
        Token? before = null;
        foreach (var token in parsed.Tokens)
        {
            if (ReferenceEquals(token, image))
            {
                words.AddRange([ImageOption, token.Value]);
            }
            else if (token.Type == TokenType.Command)
            {
                words.AddRange([_group, CreateName]);
            }
            else if (before is { Type: TokenType.Option } && token is { Type: TokenType.Argument, Value: ['-', ..] })
            {
                words[^1] += $"={token.Value}";
            }
            else
            {
                words.Add(token.Value);
            }

            before = token;
        }

        return words;
    }
}
