using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>A bearer token and the file it came from. Printing it prints the file, never the token.</summary>
internal sealed class AccessToken
{
    private const int LongestToken = 16 * 1024;
    private const UnixFileMode OthersMayUse =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private AccessToken(string file, string value)
    {
        File = file;
        Value = value;
    }

    public string File { get; }

    public string Value { get; }

    /// <summary>Reads a token file that only its owner may use.</summary>
    /// <exception cref="CliException">It is missing, open to others, or holds no token.</exception>
    public static AccessToken Read(string path)
    {
        try
        {
            // fstat, not stat: the name may lead to another file by now.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var mode = System.IO.File.GetUnixFileMode(stream.SafeFileHandle);
            if ((mode & OthersMayUse) != 0)
            {
                throw Refuse($"token file {path} is open to other users (mode {Convert.ToString((int)mode, 8)}); run: chmod 600 {path}");
            }

            using var reader = new StreamReader(stream);
            var buffer = new char[LongestToken + 1];
            var length = reader.ReadBlock(buffer);
            var value = new string(buffer, 0, length).Trim();
            return value.Length is > 0 and <= LongestToken && value.All(c => c is > ' ' and < '\x7f')
                ? new AccessToken(path, value)
                : throw Refuse($"token file {path} holds no token; it has to be one line of printable characters");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(CliError.NotAllowed($"token file {path} does not exist"), e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CliException(CliError.NotAllowed($"token file {path} cannot be read by this user"), e);
        }
    }

    public override string ToString() => File;

    private static CliException Refuse(string message) => new(CliError.NotAllowed(message));
}
