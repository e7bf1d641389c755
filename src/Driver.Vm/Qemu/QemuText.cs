namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Writes values so that QEMU reads them back unchanged.</summary>
internal static class QemuText
{
    /// <summary>A value inside a comma-separated option: QEMU reads two commas as one.</summary>
    /// <exception cref="ArgumentException">It holds a control character, which no QEMU option can carry safely.</exception>
    public static string Value(string text)
    {
        if (text.Any(char.IsControl))
        {
            throw new ArgumentException("A value for QEMU may not hold control characters.", nameof(text));
        }

        return text.Replace(",", ",,", StringComparison.Ordinal);
    }

    /// <summary>
    /// A command inside an option: QEMU's network library splits it by the rules of a shell, so every word is quoted.
    /// </summary>
    public static string Command(IEnumerable<string> words) =>
        Value(string.Join(' ', words.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'")));
}
