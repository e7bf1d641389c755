using OpenShell.Driver.Vm.Guest;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>What a user is told when a machine has ended by itself.</summary>
internal static class ExitMessage
{
    /// <param name="reason">Why, as far as known.</param>
    /// <param name="consolePath">The console, whose last lines usually say more.</param>
    public static string Build(string reason, string consolePath)
    {
        var lines = ConsoleTail.Read(consolePath);
        return lines.Length == 0
            ? $"VM process exited ({reason}); its console is empty"
            : $"VM process exited ({reason}); its last console lines:\n{lines}";
    }
}
