namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>That the check of the surface notices what it is there for.</summary>
public class DefinedSurfaceTests
{
    private static readonly DefinedSurface Defined = DefinedSurface.Read();

    [TestCase("String Grpc.Core.IMethod::get_FullName()", true)]
    [TestCase("Object Grpc.Core.IMethod::get_FullName()", false)]
    [TestCase("static String Grpc.Core.IMethod::get_FullName()", false)]
    [TestCase("valuetype Grpc.Core.MethodType Grpc.Core.IMethod::get_Type()", true)]
    [TestCase("class Grpc.Core.MethodType Grpc.Core.IMethod::get_Type()", false)]
    [TestCase("Void Grpc.Core.VerifyPeerContext::.ctor(String, String)", false)]
    public void HasMember_OnlyWithExactSignatureAndAccess(string signature, bool expected) =>
        Assert.That(Defined.HasMember(new ReferencedMember(signature, MayBeProtected: true)), Is.EqualTo(expected));

    [Test]
    public void HasMember_Protected_OnlyForDerivedTypes()
    {
        const string Signature = "Void Grpc.Core.ChannelBase::.ctor(String)";

        Assert.That(Defined.HasMember(new ReferencedMember(Signature, MayBeProtected: true)), Is.True);
        Assert.That(Defined.HasMember(new ReferencedMember(Signature, MayBeProtected: false)), Is.False);
    }

    [TestCase("Grpc.Core.Metadata/Entry", true)]
    [TestCase("Grpc.Core.AsyncCallState", false)]
    public void HasType_OnlyVisibleOnes(string name, bool expected) =>
        Assert.That(Defined.HasType(name), Is.EqualTo(expected));
}
