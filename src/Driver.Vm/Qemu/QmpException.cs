namespace OpenShell.Driver.Vm.Qemu;

/// <summary>QEMU refused a command, or said something that is not QMP.</summary>
internal sealed class QmpException(string message) : IOException(message);
