namespace OpenShell.Ssh.Client;

/// <summary>Takes what a command says.</summary>
public interface ISshCommandOutput
{
    /// <summary>Called by the command's own thread, one call at a time: one that waits is the back-pressure. It does not throw.</summary>
    void Write(bool isError, byte[] data);
}
