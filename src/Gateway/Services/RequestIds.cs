using System.Text.RegularExpressions;

namespace OpenShell.Gateway.Services;

/// <summary>The form of a request_id.</summary>
internal static partial class RequestIds
{
    /// <summary>Whether it is a UUID of 36 characters that is not all zero.</summary>
    public static bool IsValid(string id) => Uuid().IsMatch(id) && id.AsSpan().ContainsAnyExcept('0', '-');

    [GeneratedRegex(@"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Uuid();
}
