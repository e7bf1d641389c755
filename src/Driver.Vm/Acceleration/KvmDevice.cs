namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>The host's /dev/kvm.</summary>
internal static class KvmDevice
{
    public const string Path = "/dev/kvm";

    /// <summary>Why it cannot be opened; null if it can.</summary>
    public static string? FindProblem()
    {
        try
        {
            using var device = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return null;
        }
        catch (FileNotFoundException)
        {
            return $"{Path} does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return $"{Path} may not be opened by this user (add it to the group that owns it)";
        }
        catch (IOException e)
        {
            return $"{Path} cannot be opened: {e.Message}";
        }
    }
}
