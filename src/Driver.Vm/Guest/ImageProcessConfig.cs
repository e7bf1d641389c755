using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>How the processes of an image run.</summary>
/// <param name="User">NAME, ID, NAME:GROUP or ID:ID; null or empty is root.</param>
internal sealed record ImageProcessConfig([property: JsonPropertyName("User")] string? User = null);
