using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Transfer;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>What upload and download have in common: <c>[NAME] FROM [TO]</c>, and how they tell what they did.</summary>
internal abstract class SandboxCopyCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly Argument<string[]> _words;
    private readonly TextOption _nameOption = new("--name", "Name of the sandbox; then all arguments are paths", "NAME", "-n");
    private readonly OutputOption _output = new();

    /// <param name="paths">What the arguments are, for its help.</param>
    protected SandboxCopyCommand(
        string name, string description, string paths, CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base(name, description, context)
    {
        _connector = connector;
        _words = new Argument<string[]>("[NAME] FROM [TO]") { Description = paths, Arity = new ArgumentArity(1, 3) };
        _words.CompletionSources.Add(context => names.List(context.ParseResult));
        _nameOption.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_words);
        Options.Add(_nameOption);
        Options.Add(_output);
        Validators.Add(result =>
        {
            if (result.GetValue(_nameOption) is not null && result.GetValue(_words) is { Length: > 2 })
            {
                result.AddError("with --name there are two paths at the most");
            }
        });
    }

    /// <summary>Copies, telling <paramref name="progress"/> how far it is.</summary>
    protected abstract Task<TransferResult> CopyAsync(
        ParseResult parsed, Func<string, RemoteTree> remote, string from, string? to, TransferProgress progress, CancellationToken cancellationToken);

    protected sealed override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        (var name, var from, var to) = Split(parsed);
        var format = _output.Of(parsed);
        return _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, name, cancellationToken);
            var progress = new TransferProgress();
            Func<string, RemoteTree> tree = directory => new RemoteTree(connection, sandbox.Metadata.Name, directory);
            var result = await new TransferDisplay(Context, format).ShowAsync(
                from, progress, () => CopyAsync(parsed, tree, from, to, progress, cancellationToken));
            TransferReport.Write(Context, result, format);
            return ExitCodes.Ok;
        });
    }

    // One path alone is of the sandbox that was used last.
    private (string? Name, string From, string? To) Split(ParseResult parsed) => (parsed.GetValue(_nameOption), parsed.GetValue(_words) ?? []) switch
    {
        ({ } name, [var from]) => (name, from, null),
        ({ } name, [var from, var to, ..]) => (name, from, to),
        (null, [var from]) => (null, from, null),
        (null, [var name, var from]) => (name, from, null),
        (null, [var name, var from, var to, ..]) => (name, from, to),
        _ => throw new CliException(CliError.Usage("give a path to copy")),
    };
}
