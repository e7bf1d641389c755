using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Cli.Transfer;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>
/// <c>openshell cp NAME:PATH PATH</c> and <c>cp PATH NAME:PATH</c>, with the meaning of cp -R: into a directory that is there under
/// its name, else it becomes the destination; of <c>DIR/.</c> what is in it.
/// </summary>
internal sealed class SandboxCpCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly Argument<string> _from = new("FROM") { Description = "What to copy: a path here, or NAME:PATH in a sandbox" };
    private readonly Argument<string> _to = new("TO") { Description = "Where to: NAME:PATH in a sandbox, or a path here" };
    private readonly OutputOption _output = new();

    public SandboxCpCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("cp", "Copy files and directories between here and a sandbox", context)
    {
        _connector = connector;
        foreach (var argument in (Argument<string>[])[_from, _to])
        {
            argument.CompletionSources.Add(completion => names.List(completion.ParseResult).Select(name => $"{name}:"));
            Arguments.Add(argument);
        }

        Options.Add(_output);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var from = CopyPath.Parse(parsed.GetRequiredValue(_from));
        var to = CopyPath.Parse(parsed.GetRequiredValue(_to));
        if ((from.Sandbox ?? to.Sandbox) is not { } name || (from.Sandbox is not null && to.Sandbox is not null))
        {
            throw new CliException(CliError.Usage(
                "one of the two paths is in a sandbox, the other one here: openshell cp NAME:PATH PATH, or openshell cp PATH NAME:PATH"));
        }

        return _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, name, cancellationToken);
            var progress = new TransferProgress();
            Func<string, RemoteTree> remote = directory => new RemoteTree(connection, sandbox.Metadata.Name, directory);
            var format = _output.Of(parsed);
            var result = await new TransferDisplay(Context, format).ShowAsync(
                from.Path,
                progress,
                () => to.Sandbox is null
                    ? DownloadAsync(remote, from.Path, to.Path, progress, cancellationToken)
                    : UploadAsync(remote, from.Path, to.Path, progress, cancellationToken));
            TransferReport.Write(Context, result, format);
            return ExitCodes.Ok;
        });
    }

    private static async Task<TransferResult> UploadAsync(
        Func<string, RemoteTree> remote, string from, string to, TransferProgress progress, CancellationToken cancellationToken)
    {
        var intoDirectory = to.Length == 0 || to.EndsWith('/') || await remote("").IsDirectoryAsync(to, cancellationToken);
        var isDirectory = Directory.Exists(from);
        var contents = isDirectory && (CopyPath.IsContents(from) || !intoDirectory);
        var (above, name) = isDirectory || intoDirectory ? (to, null) : RawPath.Split(to);
        using var source = await UploadSource.ScanAsync(
            contents ? from + "/" : from.TrimEnd('/'), name is null ? null : RawPath.FromText(name), ignore: false, cancellationToken);
        return await new Uploader(source, remote(above), progress).RunAsync(cancellationToken);
    }

    private static async Task<TransferResult> DownloadAsync(
        Func<string, RemoteTree> remote, string from, string to, TransferProgress progress, CancellationToken cancellationToken)
    {
        var (above, name) = RawPath.Split(from.TrimEnd('/'));
        var intoDirectory = to.EndsWith('/') || Directory.Exists(to);
        if (name.Length == 0 || CopyPath.IsContents(from))
        {
            using var into = Make(to);
            return await new Downloader(remote(from), "", into, "", progress).RunAsync(cancellationToken);
        }

        var path = Path.GetFullPath(to);
        using var tree = Make(intoDirectory ? path : Path.GetDirectoryName(path)!);
        var local = intoDirectory ? name : Path.GetFileName(path);
        return await new Downloader(remote(above), RawPath.FromText(name), tree, RawPath.FromText(local), progress).RunAsync(cancellationToken);
    }

    private static LocalTree Make(string directory)
    {
        Directory.CreateDirectory(directory);
        return LocalTree.Open(RawPath.FromText(directory));
    }
}
