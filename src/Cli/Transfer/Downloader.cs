using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Text;
using OpenShell.Protocol.Exec;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Copies out of a sandbox: (1) where something is here already, ask what there is and for the hashes of files that are here
/// under the same names, and leave out those that are the same, (2) unpack what tar sends, hashing it, (3) ask for the
/// hashes of what came and compare, (4) ask for permissions and times, which not every tar tells rightly, and set them.
/// </summary>
/// <param name="remote">Directory of the sandbox that the names below are relative to.</param>
/// <param name="name">What is asked for there, raw; empty is all of the directory.</param>
/// <param name="localName">What it is called here; empty puts the content of a directory straight into the tree.</param>
internal sealed class Downloader(RemoteTree remote, string name, LocalTree tree, string localName, TransferProgress progress)
{
    private readonly TransferResult _result = new();
    private readonly List<string> _directories = [];

    private string RemotePath => "./" + name;

    /// <exception cref="CliException">Nothing could be copied.</exception>
    public async Task<TransferResult> RunAsync(CancellationToken cancellationToken)
    {
        // 1
        var wanted = await FindWantedAsync(cancellationToken);

        // 2
        var unpacker = new ArchiveUnpacker(tree, Rename, _result, progress);
        if (wanted is not { Count: 0 })
        {
            await ReceiveAsync(unpacker, wanted, cancellationToken);
        }

        foreach (var directory in _directories)
        {
            unpacker.MakeDirectory(directory);
        }

        // 3
        await VerifyAsync(cancellationToken);

        // 4
        await FinishAsync(unpacker, cancellationToken);
        return _result;
    }

    // Null asks for everything.
    private async Task<IReadOnlyList<string>?> FindWantedAsync(CancellationToken cancellationToken)
    {
        var somethingIsHere = localName.Length > 0 ? tree.Find(localName) is not null : tree.Walk("").Any();
        if (!somethingIsHere || await remote.FindAsync(RemotePath, cancellationToken, "!", "-type", "d") is not { } found)
        {
            return null;
        }

        List<string> names = [.. found.Select(path => RawPath.PartsBelow(path)).OfType<string[]>().Select(parts => string.Join('/', parts))];
        List<string> here = [.. names.Where(path => Rename(path) is { } local && tree.Find(local) is { Kind: EntryKind.File })];
        if (await remote.HashAsync(here, cancellationToken) is not { } hashes)
        {
            return null;
        }

        foreach (var path in here)
        {
            var local = Rename(path)!;
            if (hashes.TryGetValue(path, out var hash) && await FileHash.OfAsync(tree, local, cancellationToken) == hash)
            {
                _result.Unchanged[local] = hash;
            }
        }

        if (_result.Unchanged.Count == 0)
        {
            return null;
        }

        // tar would take all that is in a directory, so these are made here.
        var directories = await remote.FindAsync(RemotePath, cancellationToken, "-type", "d") ?? [];
        _directories.AddRange(directories.Select(path => RawPath.PartsBelow(path)).OfType<string[]>()
            .Select(parts => Rename(string.Join('/', parts))).OfType<string>()
            .Where(path => path.Length > 0));
        return [.. names.Where(path => !_result.Unchanged.ContainsKey(Rename(path) ?? path))];
    }

    private async Task ReceiveAsync(ArchiveUnpacker unpacker, IReadOnlyList<string>? wanted, CancellationToken cancellationToken)
    {
        // Through xargs a long list makes several archives, one behind the other.
        string[] command = wanted is null ? ["tar", "-c", "-f", "-", RemotePath] : ["xargs", "-0", "tar", "-c", "-f", "-"];
        await using var tar = await remote.StartAsync(cancellationToken, command);
        var writing = RemoteTree.WriteNamesAsync(tar, wanted ?? [], cancellationToken);
        try
        {
            await unpacker.RunAsync(new PipedExecOutput(tar), cancellationToken);
        }
        catch (InvalidDataException e)
        {
            // An archive that was cut off, most likely: then how tar ended says more.
            throw tar.ExitCode is not (null or 0) ? RemoteTree.TarFailed(tar) : new CliException(CliError.Failed(e.Message), e);
        }

        await writing;
        if (tar.ExitCode is 0)
        {
            // Of a socket tar only says that it left it out.
            _result.Failures.AddRange(tar.ErrorText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"in the sandbox, {line}"));
            return;
        }

        if (_result.Copied.Count + _result.Links + _result.Directories == 0)
        {
            throw RemoteTree.TarFailed(tar);
        }

        _result.Failures.Add($"tar said in the sandbox: {tar.ErrorText}");
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        List<(string Local, string Remote)> copied = [.. _result.Copied.Keys.Select(local => (local, Unrename(local)))];
        if (await remote.HashAsync([.. copied.Select(pair => pair.Remote)], cancellationToken) is not { } there)
        {
            _result.Notes.Add("the image has no xargs or no sha256sum: what came was not compared with what is in the sandbox");
            return;
        }

        _result.Verified = true;
        foreach ((var local, var path) in copied)
        {
            if (there.GetValueOrDefault(path) != _result.Copied[local])
            {
                _result.Failures.Add($"'{RawPath.Show(path)}' is not in the sandbox as it came: it changed meanwhile, or was damaged");
            }
        }
    }

    private async Task FinishAsync(ArchiveUnpacker unpacker, CancellationToken cancellationToken)
    {
        List<Entry> here = [.. _result.Unchanged.Keys.Concat(_directories).Select(tree.Find).OfType<Entry>()];
        List<Entry> asked = [.. unpacker.Unpacked.Concat(here).Select(entry => entry with { Path = Unrename(entry.Path) })];
        var there = await remote.AttributesAsync(asked, set: false, cancellationToken);
        if (there is null)
        {
            _result.Failures.Add(TransferResult.AttributesUnknown);
        }

        unpacker.Finish(
            entry => there?.GetValueOrDefault(Unrename(entry.Path)) is { } record
                ? entry with
                {
                    Mode = record.Mode & FileRecord.PermissionMask,
                    ModifiedSeconds = record.Seconds,
                    ModifiedNanoseconds = record.Nanoseconds,
                }
                : null,
            here);
    }

    // A sandbox sends what it likes; only what was asked for has a place here.
    private string? Rename(string path)
    {
        if (name.Length == 0)
        {
            return RawPath.Join(localName, path);
        }

        if (path == name)
        {
            return localName;
        }

        return path.StartsWith(name + "/", StringComparison.Ordinal) ? RawPath.Join(localName, path[(name.Length + 1)..]) : null;
    }

    private string Unrename(string local)
    {
        var below = local.Length == localName.Length ? "" : localName.Length == 0 ? local : local[(localName.Length + 1)..];
        return RawPath.Join(name, below);
    }
}
