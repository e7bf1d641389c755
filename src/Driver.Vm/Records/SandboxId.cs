using System.Buffers;

namespace OpenShell.Driver.Vm.Records;

/// <summary>Which ids may become names of directories.</summary>
internal static class SandboxId
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static bool IsValid(string id) =>
        id.Length is > 0 and <= MaxLength
        && !id.AsSpan().ContainsAnyExcept(Allowed)
        && id is not ("." or "..");
}
