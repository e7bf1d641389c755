using OpenShell.Cli.Context;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>An upload as <c>upload</c> and <c>create --upload</c> mean it: the destination is a directory, made where it is missing.</summary>
/// <param name="From">Here; a directory comes under its name, with a slash at its end only its content.</param>
/// <param name="To">In the sandbox; null is the home directory.</param>
internal sealed record SandboxUpload(string From, string? To)
{
    /// <summary><c>LOCAL[:REMOTE]</c>; a local path may have colons, too, if it exists.</summary>
    /// <exception cref="CliException">There is nothing to copy.</exception>
    public static SandboxUpload Parse(string text)
    {
        var colon = Path.Exists(text) ? -1 : text.LastIndexOf(':');
        var upload = colon < 0 ? new SandboxUpload(text, null) : new SandboxUpload(text[..colon], text[(colon + 1)..]);
        return upload.To is "" ? throw new CliException(CliError.Usage($"--upload '{text}' names nothing behind the colon"))
            : Path.Exists(upload.From) ? upload
            : throw new CliException(CliError.NotFound($"--upload: '{upload.From}' is not there"));
    }

    /// <param name="ignore">Leave out what git ignores.</param>
    public async Task<TransferResult> RunAsync(
        Func<string, RemoteTree> remote, bool ignore, TransferProgress progress, CancellationToken cancellationToken)
    {
        using var source = await UploadSource.ScanAsync(From, nameOfFile: null, ignore, cancellationToken);
        return await new Uploader(source, remote(To ?? ""), progress).RunAsync(cancellationToken);
    }
}
