namespace OpenShell.Driver.Vm.Guest;

/// <summary>Keeps console logs from filling the host's disk: a guest may write as much as it likes.</summary>
internal static class ConsoleTrim
{
    private const long MaxLength = 4 << 20;
    private const int KeptLength = 256 << 10;

    /// <summary>Cuts a log that has become too long down to its end. QEMU appends, so it goes on behind that.</summary>
    /// <returns>Whether it was too long.</returns>
    public static bool Trim(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length <= MaxLength)
        {
            return false;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var kept = new byte[KeptLength];
        file.Seek(-KeptLength, SeekOrigin.End);
        file.ReadExactly(kept);

        // What the guest writes between these two lines is lost.
        file.SetLength(0);
        file.Seek(0, SeekOrigin.Begin);
        file.Write(kept);
        return true;
    }
}
