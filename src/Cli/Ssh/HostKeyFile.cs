using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Ssh;

/// <summary>
/// The known_hosts file of one sandbox, <c>ssh/known_hosts/GATEWAY/NAME</c> in the state directory: ssh puts the host key
/// there at the first connection and takes no other afterwards. Its first line is the id of the sandbox, because
/// another sandbox of the same name has another key.
/// </summary>
internal sealed class HostKeyFile(CliEnvironment environment, GatewayTarget target, string name)
{
    public string Path { get; } = System.IO.Path.Combine(environment.StateDirectory, "ssh", "known_hosts", GatewayKey.OfFile(target), name);

    /// <summary>Forgets the key of another sandbox of the same name. To be called before ssh reads the file.</summary>
    public void BelongsTo(string sandboxId)
    {
        var note = $"# sandbox {sandboxId}\n";
        if (PrivateFile.TryRead(Path)?.StartsWith(note, StringComparison.Ordinal) is not true)
        {
            PrivateFile.Replace(Path, note);
        }
    }
}
