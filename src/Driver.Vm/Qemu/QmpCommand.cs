using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>A command on the wire.</summary>
/// <param name="Execute">Its name.</param>
/// <param name="Id">Comes back with the answer.</param>
internal sealed record QmpCommand(
    [property: JsonPropertyName("execute")] string Execute,
    [property: JsonPropertyName("id")] long Id);
