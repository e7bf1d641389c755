namespace OpenShell.Cli.Rpc;

/// <summary>A gateway did not answer on a new connection within <see cref="GatewayDialer.Patience"/>.</summary>
internal sealed class GatewaySilentException()
    : IOException($"it did not answer within {GatewayDialer.Patience.TotalSeconds:0} s");
