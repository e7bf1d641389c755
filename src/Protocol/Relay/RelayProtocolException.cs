namespace OpenShell.Protocol.Relay;

/// <summary>The peer sent something that is not a relay.</summary>
public sealed class RelayProtocolException(string message) : IOException(message);
