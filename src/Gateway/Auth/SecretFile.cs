using System.Security.Cryptography;
using System.Text;
using OpenShell.Linux.Files;

namespace OpenShell.Gateway.Auth;

/// <summary>Files that hold a secret of the gateway: mode 0600, written whole or not at all.</summary>
internal static class SecretFile
{
    /// <summary>What to do about a secret that is damaged. It is never replaced by a new one unasked: others hold what it made.</summary>
    public const string Remedy = "put it back from a copy, or move it away and restart the gateway, which makes a new one";

    /// <summary>How a token of <see cref="NewToken"/> begins.</summary>
    public const string TokenPrefix = "os_";

    /// <summary>Characters of such a token.</summary>
    public const int TokenLength = 3 + 64;

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
        try
        {
            if (Directory.Exists(path))
            {
                throw new IOException($"{path} is a directory; {Remedy}");
            }

            if (!File.Exists(path))
            {
                return null;
            }

            if ((File.GetUnixFileMode(path) & ~DurableFile.OwnerOnly) != 0)
            {
                throw new IOException($"{path} can be read by other users; run: chmod 600 {path}");
            }

            // An empty admin token would let everybody in.
            return File.ReadAllText(path).Trim() is { Length: > 0 } stored
                ? stored
                : throw new IOException($"{path} is empty; {Remedy}");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be read by this user; run the gateway as its owner, or: chmod 600 {path}", e);
        }
    }

    /// <summary>Stores a secret in the place of another, in one step.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string path, string secret)
    {
        try
        {
            DurableFile.Replace(path, Encoding.UTF8.GetBytes(secret + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written ({e.Message.TrimEnd('.')}); put right what is there, or give another --state-dir", e);
        }
    }

    /// <summary>A random token: 256 bits, in characters that need no quoting, never beginning with a dash.</summary>
    public static string NewToken() => TokenPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
