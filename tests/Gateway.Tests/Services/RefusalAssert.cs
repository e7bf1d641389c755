using Grpc.Core;

namespace OpenShell.Gateway.Services;

/// <summary>Checks refusals of requests.</summary>
internal static class RefusalAssert
{
    public static void InvalidArgument(Action check, string message)
    {
        var error = Assert.Throws<RpcException>(() => check());
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, message)));
    }
}
