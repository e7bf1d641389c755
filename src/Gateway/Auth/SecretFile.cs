using System.Security.Cryptography;

namespace OpenShell.Gateway.Auth;

/// <summary>Files that hold a secret of the gateway: mode 0600, written whole or not at all.</summary>
internal static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a secret, or makes and stores one.</summary>
    /// <exception cref="IOException">The file cannot be used, or others may read it; the message says what to do.</exception>
    public static string ReadOrCreate(string path, Func<string> create)
    {
        if (Read(path) is { } stored)
        {
            return stored;
        }

        var secret = create();
        Replace(path, secret);
        return secret;
    }

    /// <summary>Reads a secret; null if there is no such file.</summary>
    /// <exception cref="IOException">The file cannot be used, or others may read it; the message says what to do.</exception>
    public static string? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
        {
            throw new IOException($"{path} can be read by other users; run: chmod 600 {path}");
        }

        // An empty admin token would let everybody in.
        return File.ReadAllText(path).Trim() is { Length: > 0 } stored
            ? stored
            : throw new IOException($"{path} is empty; remove it and restart the gateway");
    }

    /// <summary>Stores a secret in the place of another, in one step.</summary>
    public static void Replace(string path, string secret)
    {
        var temporary = $"{path}.{Environment.ProcessId}.new";
        // Of an interrupted start, perhaps with another mode.
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        using (var writer = new StreamWriter(stream))
        {
            writer.WriteLine(secret);
            writer.Flush();
            // Or a power cut could leave the name with nothing behind it.
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>A random token: 256 bits, in characters that need no quoting, never beginning with a dash.</summary>
    public static string NewToken() => "os_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
