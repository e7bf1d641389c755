using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Gateway.Auth;

/// <summary>
/// The token of whoever runs the gateway, in a file of the state directory. The file is looked at again whenever a token is
/// shown, so one that was rotated is refused at once; what came in with it ends. A file that cannot be used any
/// more lets nobody in. Thread-safe.
/// </summary>
internal sealed class AdminToken
{
    public const string FileName = "admin.token";

    // Of a token that somebody else has put there: 128 bits in hexadecimal.
    private const int LeastLength = 32;

    private readonly Lock _lock = new();
    private readonly ILogger _logger;
    private volatile Generation _current;

    /// <summary>Reads the token from the state directory or makes one.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public AdminToken(string stateDirectory, ILogger<AdminToken> logger)
    {
        _logger = logger;
        File = Path.Combine(stateDirectory, FileName);
        var token = Checked(SecretFile.ReadOrCreate(File, SecretFile.NewToken));
        _current = new Generation(StampOf(File), Hash(token));
    }

    /// <summary>Where it is.</summary>
    public string File { get; }

    /// <summary>Compares in constant time.</summary>
    /// <param name="over">Cancelled when the token is replaced.</param>
    public bool Matches(string token, out CancellationToken over)
    {
        var current = Refresh();
        over = current.Over.Token;
        return current.Hash is { } hash && CryptographicOperations.FixedTimeEquals(Hash(token), hash);
    }

    /// <summary>Takes note of a file that was replaced.</summary>
    public Generation Refresh()
    {
        var current = _current;
        if (StampOf(File) == current.Stamp)
        {
            return current;
        }

        lock (_lock)
        {
            current = _current;
            // Before the content: one that is replaced meanwhile is read again.
            var stamp = StampOf(File);
            if (stamp == current.Stamp)
            {
                return current;
            }

            _current = new Generation(stamp, TryRead());
        }

        current.Over.Cancel();
        return _current;
    }

    private byte[]? TryRead()
    {
        try
        {
            var hash = SecretFile.Read(File) is { } token ? Hash(Checked(token)) : throw new FileNotFoundException($"{File} is missing");
            AuthLog.AdminTokenReplaced(_logger);
            return hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AuthLog.AdminTokenUnusable(_logger, e.Message);
            return null;
        }
    }

    private static (long Time, long Length) StampOf(string path) =>
        new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc.Ticks, file.Length) : default;

    // One that was cut off would be accepted and could be guessed; one that is not printable could not be sent.
    private string Checked(string token) =>
        token.Length >= LeastLength && token.All(c => c is > ' ' and < '\x7f')
        && (!token.StartsWith(SecretFile.TokenPrefix, StringComparison.Ordinal) || token.Length == SecretFile.TokenLength)
            ? token
            : throw new IOException($"{File} holds no token, or a damaged one; {SecretFile.Remedy}");

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The token between two changes of the file.</summary>
    /// <param name="Hash">Of the token; null: nobody comes in.</param>
    internal sealed record Generation((long Time, long Length) Stamp, byte[]? Hash)
    {
        // Never disposed: it has no timer, and a caller may be about to register.
        public CancellationTokenSource Over { get; } = new();
    }
}
