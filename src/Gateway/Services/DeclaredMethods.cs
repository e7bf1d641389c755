using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using OpenShell.Gateway.Auth;
using OpenShell.Protocol.Options.V1;
using ReflectionV1 = Grpc.Reflection.V1.ServerReflection;
using ReflectionV1Alpha = Grpc.Reflection.V1Alpha.ServerReflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace OpenShell.Gateway.Services;

/// <summary>Who may call each method, as the option <c>authorization</c> beside it in its .proto file says.</summary>
internal static class DeclaredMethods
{
    /// <summary>The services of our own protos.</summary>
    public static IReadOnlyList<ServiceDescriptor> Services { get; } =
        [Protocol.V1.OpenShell.Descriptor, Protocol.Extensions.V1.SshAccess.Descriptor];

    /// <exception cref="InvalidOperationException">A method does not say who may call it.</exception>
    public static MethodTable Table() => new(
    [
        .. Services.SelectMany(s => s.Methods).Select(m => KeyValuePair.Create(PathOf(m), AccessOf(m))),
        .. UnbuiltMethods.KnownByNameOnly,
        .. Of(Health.Descriptor, MethodAccess.Anyone),
        // What there is, for grpcurl and its like.
        .. Of(ReflectionV1.Descriptor, MethodAccess.User),
        .. Of(ReflectionV1Alpha.Descriptor, MethodAccess.User),
    ]);

    /// <summary>As HTTP/2 has it.</summary>
    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    private static IEnumerable<KeyValuePair<string, MethodAccess>> Of(ServiceDescriptor service, MethodAccess access) =>
        service.Methods.Select(m => KeyValuePair.Create(PathOf(m), access));

    private static MethodAccess AccessOf(MethodDescriptor method) => method.GetOptions()?.GetExtension(OptionsExtensions.Authorization)?.AuthMode switch
    {
        "unauthenticated" => MethodAccess.Anyone,
        "bearer" => MethodAccess.User,
        "sandbox" => MethodAccess.Sandbox,
        "dual" => MethodAccess.UserOrSandbox,
        "peer" => MethodAccess.Peer,
        var other => throw new InvalidOperationException($"{method.FullName} does not say who may call it (auth_mode '{other}')"),
    };
}
