using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Text;
using OpenShell.Protocol.Exec;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Copies into a sandbox: (1) make the directory, (2) ask for the hashes of the files that are there under the same names,
/// and leave out those that are the same, (3) send the rest as a tar archive, hashing what is sent, (4) ask for the hashes
/// of what was sent and compare, (5) set permissions and times, as tar cannot, and compare what they are then.
/// </summary>
internal sealed class Uploader(UploadSource source, RemoteTree remote, TransferProgress progress)
{
    // 0600, 0700 and 0777.
    private const int OwnerMayReadAndWrite = 0x180;
    private const int OwnerMayAll = 0x1C0;
    private const int Permissions = 0x1FF;

    private readonly TransferResult _result = new();
    private readonly Dictionary<(ulong, ulong), string> _shared = [];

    /// <exception cref="CliException">Nothing could be copied.</exception>
    public async Task<TransferResult> RunAsync(CancellationToken cancellationToken)
    {
        // 1
        await remote.CreateAsync(cancellationToken);

        // 2
        List<(string Local, Entry Entry)> entries = [.. source.Entries.Where(Copies)];
        List<Entry> all = [.. entries.Select(item => item.Entry)];
        await LeaveOutUnchangedAsync(entries, cancellationToken);
        entries.RemoveAll(item => _result.Unchanged.ContainsKey(item.Entry.Path));
        progress.TotalBytes = entries.Sum(item => item.Entry.Size);

        // 3
        if (entries.Count > 0)
        {
            await SendAsync(entries, cancellationToken);
        }

        // 4
        await VerifyAsync(cancellationToken);

        // 5
        await FinishAsync(all, cancellationToken);
        return _result;
    }

    private bool Copies((string Local, Entry Entry) item)
    {
        if (item.Entry.Kind == EntryKind.Special)
        {
            _result.Failures.Add($"'{RawPath.Show(item.Entry.Path)}' is a device, a pipe or a socket and was not copied");
            return false;
        }

        return true;
    }

    private async Task LeaveOutUnchangedAsync(List<(string Local, Entry Entry)> entries, CancellationToken cancellationToken)
    {
        List<(string Local, Entry Entry)> files = [.. entries.Where(item => item.Entry.Kind == EntryKind.File)];
        if (await remote.HashAsync([.. files.Select(item => item.Entry.Path)], cancellationToken) is not { Count: > 0 } there)
        {
            return;
        }

        foreach ((var local, var entry) in files)
        {
            if (there.TryGetValue(entry.Path, out var hash) && await FileHash.OfAsync(source.Tree, local, cancellationToken) == hash)
            {
                _result.Unchanged[entry.Path] = hash;
            }
        }
    }

    private async Task SendAsync(List<(string Local, Entry Entry)> entries, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var tar = await remote.StartAsync(cancellationToken, "tar", "-x", "-o", "-p", "-f", "-");
        var writing = WriteArchiveAsync(tar, entries, ended.Token);
        await new PipedExecOutput(tar).CopyToAsync(Stream.Null, cancellationToken);
        if (tar.ExitCode != 0)
        {
            // It stopped reading: whatever became of the writing, this is why.
            await ended.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw RemoteTree.TarFailed(tar);
        }

        await writing;
    }

    private async Task WriteArchiveAsync(PipedExec tar, List<(string Local, Entry Entry)> entries, CancellationToken cancellationToken)
    {
        try
        {
            foreach ((var local, var entry) in entries)
            {
                if (entry.Kind == EntryKind.File)
                {
                    await WriteFileAsync(tar, local, entry, cancellationToken);
                    continue;
                }

                await tar.WriteAsync(TarHeaderWriter.Header(Sent(entry)), cancellationToken);
                _ = entry.Kind == EntryKind.Directory ? _result.Directories++ : _result.Links++;
            }

            await tar.WriteAsync(TarHeaderWriter.End, cancellationToken);
            await tar.EndInputAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            // tar ended first; a tar that takes an archive without reading its end has all the same done its work.
        }
    }

    private async Task WriteFileAsync(PipedExec tar, string local, Entry entry, CancellationToken cancellationToken)
    {
        if (entry.Shared is { } shared && _shared.TryGetValue(shared, out var first))
        {
            await tar.WriteAsync(TarHeaderWriter.Header(Sent(entry) with { Kind = EntryKind.HardLink, Link = "./" + first }), cancellationToken);
            _result.Copied[entry.Path] = _result.Copied[first];
            progress.AddFile();
            return;
        }

        FileStream file;
        try
        {
            file = source.Tree.OpenFile(local);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _result.Failures.Add($"'{RawPath.Show(entry.Path)}' cannot be read: {e.Message}");
            return;
        }

        await using (file)
        {
            // What is there now counts, and the archive gets exactly as many bytes as its header says.
            var size = file.Length;
            var left = size;
            await tar.WriteAsync(TarHeaderWriter.Header(Sent(entry) with { Size = size }), cancellationToken);
            (var hash, var bytes) = await FileHash.CopyAsync(
                async buffer =>
                {
                    var count = await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken);
                    left -= count;
                    progress.AddBytes(count);
                    return count;
                },
                async piece => await tar.WriteAsync(piece, cancellationToken));
            await FillAsync(tar, left + TarFormat.Padding(size), cancellationToken);
            if (left > 0)
            {
                _result.Failures.Add($"'{RawPath.Show(entry.Path)}' became shorter while it was read");
                return;
            }

            _result.Copied[entry.Path] = hash;
            if (entry.Shared is { } one)
            {
                _shared[one] = entry.Path;
            }

            _result.Bytes += bytes;
            progress.AddFile();
        }
    }

    // Until the end its owner may do with it what copying and comparing need, and nothing runs with another's rights.
    private static Entry Sent(Entry entry) => entry with
    {
        Path = "./" + entry.Path,
        Mode = (entry.Mode & Permissions) | (entry.Kind == EntryKind.Directory ? OwnerMayAll : OwnerMayReadAndWrite),
    };

    private async Task FinishAsync(List<Entry> all, CancellationToken cancellationToken)
    {
        // Directories last, and what is deeper first: nothing comes into them any more, and they may be closed then.
        List<Entry> entries = [.. all
            .Where(entry => entry.Kind != EntryKind.File || _result.Copied.ContainsKey(entry.Path) || _result.Unchanged.ContainsKey(entry.Path))
            .OrderBy(entry => entry.Kind == EntryKind.Directory)
            .ThenByDescending(entry => entry.Path.Length)];
        if (await remote.AttributesAsync(entries, set: true, cancellationToken) is not { } there)
        {
            _result.Failures.Add(TransferResult.AttributesUnknown);
            return;
        }

        foreach (var entry in entries)
        {
            if (!there.TryGetValue(entry.Path, out var record))
            {
                _result.Failures.Add($"'{RawPath.Show(entry.Path)}' is not in the sandbox");
            }
            else if (KeptAttributes.Difference(entry, record.Mode & FileRecord.PermissionMask, record.Seconds, record.Nanoseconds) is { } difference)
            {
                _result.Failures.Add(difference);
            }
        }
    }

    private static async Task FillAsync(PipedExec tar, long count, CancellationToken cancellationToken)
    {
        var zeros = new byte[Math.Min(count, 64 * 1024)];
        for (; count > 0; count -= zeros.Length)
        {
            await tar.WriteAsync(zeros.AsMemory(0, (int)Math.Min(count, zeros.Length)), cancellationToken);
        }
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (await remote.HashAsync([.. _result.Copied.Keys], cancellationToken) is not { } there)
        {
            _result.Notes.Add("the image has no xargs or no sha256sum: what arrived was not compared with what was sent");
            return;
        }

        _result.Verified = true;
        foreach ((var path, var hash) in _result.Copied)
        {
            if (there.GetValueOrDefault(path) != hash)
            {
                _result.Failures.Add($"'{RawPath.Show(path)}' is not in the sandbox as it was sent");
            }
        }
    }
}
