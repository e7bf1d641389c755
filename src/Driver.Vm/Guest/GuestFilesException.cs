namespace OpenShell.Driver.Vm.Guest;

/// <summary>A file that every guest needs is missing or is not what it should be. The message is for the operator.</summary>
internal sealed class GuestFilesException(string message) : IOException(message);
