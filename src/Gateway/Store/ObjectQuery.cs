using System.Collections.Immutable;

namespace OpenShell.Gateway.Store;

/// <summary>Which rows to list.</summary>
/// <param name="Type">Kind of the objects.</param>
/// <param name="Workspace">Only this workspace; null is every one.</param>
/// <param name="Labels">All of these must match.</param>
/// <param name="Limit">Most rows.</param>
/// <param name="Offset">Rows to pass over.</param>
internal sealed record ObjectQuery(
    string Type,
    string? Workspace,
    ImmutableDictionary<string, string> Labels,
    int Limit,
    int Offset);
