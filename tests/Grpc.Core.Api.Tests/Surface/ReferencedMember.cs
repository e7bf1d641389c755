namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>A method or a field that is referred to.</summary>
/// <param name="Signature">As <see cref="SignatureText"/> writes it.</param>
/// <param name="MayBeProtected">Whether the referring assembly derives from the declaring type.</param>
internal sealed record ReferencedMember(string Signature, bool MayBeProtected);
