namespace OpenShell.Ssh.Channels;

/// <summary>Signals as SSH names them (RFC 4254, section 6.10) and as Linux numbers them.</summary>
internal static class SignalNames
{
    private static readonly Dictionary<int, string> Names = new()
    {
        [1] = "HUP",
        [2] = "INT",
        [3] = "QUIT",
        [4] = "ILL",
        [6] = "ABRT",
        [8] = "FPE",
        [9] = "KILL",
        [10] = "USR1",
        [11] = "SEGV",
        [12] = "USR2",
        [13] = "PIPE",
        [14] = "ALRM",
        [15] = "TERM",
    };

    private static readonly Dictionary<string, int> Numbers = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Null: a signal that SSH does not know.</summary>
    public static int? NumberOf(string name) => Numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>Names of one's own carry a domain.</summary>
    public static string NameOf(int number) => Names.GetValueOrDefault(number) ?? $"SIG{number}@openshell.local";
}
