namespace Grpc.Core;

/// <summary>Decides, beyond the usual checks, whether the server is the right one; false ends the connection.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
