using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>A command on the wire.</summary>
/// <param name="Id">Comes back with the answer.</param>
internal sealed record QmpCommand(
    [property: JsonPropertyName("execute")] string Execute,
    [property: JsonPropertyName("id")] long Id);

/// <summary>Serialisation of what is sent.</summary>
[JsonSerializable(typeof(QmpCommand))]
internal sealed partial class QmpJson : JsonSerializerContext;

/// <summary>An event of QEMU that the driver acts on.</summary>
internal abstract record QmpNotice;

/// <summary>The machine does not run any more, though its process does; its status says why.</summary>
internal sealed record MachinePaused : QmpNotice;

/// <summary>The host refused a read or a write of a disk, and the guest was told.</summary>
/// <param name="Reason">The host's words.</param>
internal sealed record DiskErrorReported(string Reason) : QmpNotice;

/// <summary>QEMU refused a command, or said something that is not QMP.</summary>
internal sealed class QmpException(string message) : IOException(message);
