using System.Buffers;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// A directory of a sandbox, through the tools of its image: tar, and where they are there mkdir, test, find, xargs and
/// sha256sum. No shell reads anything. Lists of names go through standard input, ended by NULs, so that any name goes.
/// </summary>
/// <param name="sandbox">Its name.</param>
/// <param name="directory">Absolute, or relative to the home directory; empty is the home directory.</param>
internal sealed class RemoteTree(GatewayConnection connection, string sandbox, string directory)
{
    private const int NotFound = ExecExitCode.NotFound;
    private const int NotExecutable = ExecExitCode.NotExecutable;
    private const int NamesAtATime = 512;

    // Of names that a sandbox says it has: two million of the usual length.
    private const long MostNames = 256 * 1024 * 1024;

    // Beside the name: a hash, or a mode and a time; and what a tool may say once.
    private const long MostOfAnswer = 128;
    private const long MostOverhead = 64 * 1024;
    private const string CurrentDirectory = "./";
    private const string FilesSubsystem = "files";

    /// <summary>Whether a path of the sandbox is a directory; false also when nothing there can tell.</summary>
    public async Task<bool> IsDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var request = NewRequest("test", "-d", path);
        return (await CapturedExec.RunAsync(connection, request, cancellationToken)).ExitCode == 0;
    }

    /// <summary>Makes the directory, with what is missing above it.</summary>
    /// <exception cref="CliException">It could not be made.</exception>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        if (directory.Length == 0)
        {
            return;
        }

        var request = NewRequest("mkdir", "-p", "--", directory);
        var outcome = await CapturedExec.RunAsync(connection, request, cancellationToken);
        if (outcome.ExitCode is not (0 or NotFound))
        {
            throw new CliException(CliError.Failed($"the sandbox cannot make the directory '{directory}': {outcome.ErrorText.Trim()}"));
        }
    }

    /// <summary>Starts tar, or another of the tools, in the directory.</summary>
    public Task<PipedExec> StartAsync(CancellationToken cancellationToken, params string[] command)
    {
        var request = NewRequest(command);
        request.Workdir = directory;
        return PipedExec.StartAsync(connection, request, cancellationToken);
    }

    /// <summary>The error for a tar that ended badly.</summary>
    public static CliException TarFailed(PipedExec tar) => tar.ExitCode switch
    {
        NotFound => new(CliError.Failed("the image has no tar: nothing can be copied in or out of this sandbox but through sandbox exec")),
        NotExecutable => new(CliError.Failed($"tar cannot be started in the sandbox: {tar.ErrorText}")),
        _ => new(CliError.Failed($"tar failed in the sandbox (exit code {tar.ExitCode}): {tar.ErrorText}")),
    };

    /// <summary>Names below the directory that find prints, raw; null where the image has no find, or the path is not there.</summary>
    public async Task<IReadOnlyList<string>?> FindAsync(string path, CancellationToken cancellationToken, params string[] conditions)
    {
        await using var find = await StartAsync(cancellationToken, ["find", path, .. conditions, "-print0"]);
        await EndInputQuietlyAsync(find);
        var output = await ReadAllAsync(find, MostNames, cancellationToken);
        return find.ExitCode == 0 ? RawPath.FromBytes(output).Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
    }

    /// <summary>SHA-256 of files below the directory, in hexadecimal, by their names; those that are not there are missing.</summary>
    /// <returns>Null where the image has no xargs or no sha256sum.</returns>
    public async Task<IReadOnlyDictionary<string, string>?> HashAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            return new Dictionary<string, string>();
        }

        // sha256sum -- would not do: busybox takes it for a file in some versions. Nothing begins with a dash here.
        await using var hashing = await StartAsync(cancellationToken, "xargs", "-0", "sha256sum");
        var writing = WriteNamesAsync(hashing, files, cancellationToken);
        var output = await ReadAllAsync(hashing, MostOverhead + files.Sum(file => (2L * file.Length) + MostOfAnswer), cancellationToken);
        await writing;

        // xargs ends with 127 too when it does not find what it is to run, and 126 without the directory.
        return hashing.ExitCode switch
        {
            NotFound => null,
            NotExecutable => new Dictionary<string, string>(),
            _ => HashList.Parse(RawPath.FromBytes(output), files),
        };
    }

    /// <summary>
    /// Sets permissions and times of entries below the directory where asked to, and tells what they are then. The
    /// supervisor does it: tools of images know no fractions of a second.
    /// </summary>
    /// <returns>
    /// By their paths, without those that are not there; null where the supervisor cannot (it is too old, or the policy forbids it).
    /// </returns>
    public async Task<IReadOnlyDictionary<string, FileRecord>?> AttributesAsync(
        IReadOnlyList<Entry> entries, bool set, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, FileRecord>(StringComparer.Ordinal);
        if (entries.Count == 0)
        {
            return found;
        }

        var request = NewRequest();
        request.Workdir = directory;
        request.Subsystem = FilesSubsystem;
        await using var files = await PipedExec.StartAsync(connection, request, cancellationToken);
        var writing = WriteAsync(files, entries.Chunk(NamesAtATime).Select(chunk => Records(chunk, set)), cancellationToken);
        var output = await ReadAllAsync(files, MostOverhead + entries.Sum(entry => entry.Path.Length + MostOfAnswer), cancellationToken);
        await writing;
        for (var start = 0; output.AsSpan(start).IndexOf((byte)0) is var length and >= 0; start += length + 1)
        {
            if (FileRecord.TryParse(output.AsSpan(start, length), out var record) && record.HasAttributes)
            {
                found[RawPath.FromBytes(record.Path)[CurrentDirectory.Length..]] = record;
            }
        }

        return files.ExitCode == 0 ? found : null;
    }

    /// <summary>Sends names, each with "./" before and a NUL behind it, and ends the input.</summary>
    public static async Task WriteNamesAsync(PipedExec command, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var pieces = names.Chunk(NamesAtATime)
            .Select(chunk => RawPath.ToBytes(string.Concat(chunk.Select(name => $"{CurrentDirectory}{name}\0"))));
        await WriteAsync(command, pieces, cancellationToken);
    }

    private static byte[] Records(IEnumerable<Entry> entries, bool set)
    {
        var records = new ArrayBufferWriter<byte>();
        foreach (var entry in entries)
        {
            var path = RawPath.ToBytes(CurrentDirectory + entry.Path);
            FileRecord record = set ? new(path, entry.Mode, entry.ModifiedSeconds, entry.ModifiedNanoseconds) : new(path, null, 0, 0);
            record.WriteTo(records);
        }

        return records.WrittenSpan.ToArray();
    }

    private static async Task WriteAsync(PipedExec command, IEnumerable<byte[]> pieces, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var piece in pieces)
            {
                await command.WriteAsync(piece, cancellationToken);
            }

            await command.EndInputAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            // It ended without reading all of it; how, its output says.
        }
    }

    private static async Task EndInputQuietlyAsync(PipedExec command) => await WriteNamesAsync(command, [], CancellationToken.None);

    // What copies need does not depend on somebody's profile files.
    private ExecSandboxRequest NewRequest(params string[] command) => new()
    {
        Sandbox = sandbox,
        WorkspaceScope = connection.Scope,
        NoLoginShell = true,
        Command = { command },
    };

    // What answers is the image's, and may never stop.
    private static async Task<byte[]> ReadAllAsync(PipedExec command, long most, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await command.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            all.Write(buffer.AsSpan(0, count));
            if (all.Length > most)
            {
                throw new CliException(
                    CliError.Failed($"the sandbox answers with more than {most} bytes where less is possible; nothing more was copied"));
            }
        }

        return all.ToArray();
    }
}
