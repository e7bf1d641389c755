using System.Text.RegularExpressions;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>Names of workspaces. They become parts of file names, so nothing but [a-z0-9-] is let through.</summary>
internal static partial class WorkspaceName
{
    /// <summary>The workspace of who names none.</summary>
    public const string Default = "default";

    /// <exception cref="CliException">No workspace can have this name.</exception>
    public static string Check(string name) => Pattern().IsMatch(name)
        ? name
        : throw new CliException(CliError.Usage($"'{name}' is no name of a workspace, which has a-z, 0-9 and - only; see: openshell workspace list"));

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Pattern();
}
