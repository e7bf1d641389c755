namespace OpenShell.Cli.Native;

/// <summary>The errno values that somebody here acts on (the same on every Linux architecture that .NET runs on).</summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int Exists = 17;
    public const int NotADirectory = 20;
    public const int BrokenPipe = 32;
    public const int TooManyLinks = 40;
}
