using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Files;

/// <summary>The program behind the subsystem "sftp": what the supervisor has brought along, else the image's own.</summary>
internal static class SftpProgram
{
    public const string Subsystem = "sftp";

    /// <summary>Where ours is, with the loader and the C library that it was linked with.</summary>
    public const string Directory = "/run/openshell-sftp";

    private const string Loader = $"{Directory}/ld.so";
    private const string Ours = $"{Directory}/sftp-server";

    private static readonly string[] InImages =
        ["/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"];

    /// <summary>Null: there is none.</summary>
    public static ExecStart? Find()
    {
        if (File.Exists(Ours))
        {
            return new ExecStart { Argv = { Loader, "--library-path", Directory, Ours } };
        }

        return Array.Find(InImages, File.Exists) is { } path ? new ExecStart { Argv = { path } } : null;
    }
}
