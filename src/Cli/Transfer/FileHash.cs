using System.Buffers;
using System.Security.Cryptography;

namespace OpenShell.Cli.Transfer;

/// <summary>SHA-256 of files.</summary>
internal static class FileHash
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Copies a stream and hashes what it copies.</summary>
    /// <param name="read">Gives the next bytes; 0 at the end.</param>
    /// <returns>The hash in hexadecimal, and how many bytes there were.</returns>
    public static async Task<(string Hash, long Bytes)> CopyAsync(
        Func<Memory<byte>, ValueTask<int>> read, Func<ReadOnlyMemory<byte>, ValueTask> write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        long bytes = 0;
        try
        {
            while (await read(buffer.AsMemory(0, ChunkBytes)) is var count and > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                await write(buffer.AsMemory(0, count));
                bytes += count;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The hash of a regular file in a tree; null when it cannot be read.</summary>
    public static async Task<string?> OfAsync(LocalTree tree, string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = tree.OpenFile(path);
            return (await CopyAsync(buffer => file.ReadAsync(buffer, cancellationToken), _ => ValueTask.CompletedTask)).Hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
