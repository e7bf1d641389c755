using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Serialisation of what is sent.</summary>
[JsonSerializable(typeof(QmpCommand))]
internal sealed partial class QmpJson : JsonSerializerContext;
