using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
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
            Tell(result, format);
            return result.Failures.Count == 0
                ? ExitCodes.Ok
                : throw new CliException(CliError.Failed($"not everything was copied as it is: {result.Failures.Count} failures, named above"));
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

    private void Tell(TransferResult result, OutputFormat format)
    {
        var palette = Context.ErrorPalette;
        foreach (var note in result.Notes)
        {
            Context.Console.Error.WriteLine($"{palette.Warn("!")} {SafeText.OneLine(note)}");
        }

        foreach (var failure in result.Failures)
        {
            Context.Console.Error.WriteLine($"{palette.Bad("✗")} {SafeText.OneLine(failure)}");
        }

        if (format != OutputFormat.Table)
        {
            var document = new JsonObject
            {
                ["files"] = result.Copied.Count,
                ["unchanged"] = result.Unchanged.Count,
                ["directories"] = result.Directories,
                ["links"] = result.Links,
                ["bytes"] = result.Bytes,
                ["failures"] = result.Failures.Count,
                ["sha256"] = result.Sha256,
                ["verified"] = result.Verified,
            };
            DocumentWriter.Write(Context.Console.Out, document, format);
        }
        else
        {
            var unchanged = result.Unchanged.Count > 0 ? $", {result.Unchanged.Count} unchanged" : "";
            var verified = result.Verified ? $", verified, sha256 {result.Sha256[..16]}" : "";
            var mark = result.Failures.Count == 0 ? palette.Good("✓") : palette.Bad("✗");
            Context.Console.Error.WriteLine(
                $"{mark} {result.Copied.Count} files ({TransferDisplay.Size(result.Bytes)}), "
                + $"{result.Directories} directories, {result.Links} links{unchanged}{verified}");
        }
    }
}
