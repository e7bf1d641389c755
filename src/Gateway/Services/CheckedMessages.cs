using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The methods of a service, as the library finds them, but with messages that cannot be parsed answered as what they
/// are: INVALID_ARGUMENT, and so are those of clients of OpenShell 0.0.x. The library's own way ends in UNKNOWN, or for a stream in
/// what looks like a defect of the service. In place of the library's provider.
/// </summary>
internal sealed class CheckedMessages<TService> : IServiceMethodProvider<TService>
    where TService : class
{
    private const string Invalid = "the message cannot be parsed: it is damaged, or nested too deep";

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        var generated = Generated(typeof(TService)) ?? throw new InvalidOperationException($"{typeof(TService)} is no gRPC service.");
        var bind = generated.BindType.GetMethod(generated.BindMethodName, [typeof(ServiceBinderBase), ServiceBase(typeof(TService))])!;
        bind.Invoke(null, [new Binder(context), null]);
    }

    private static BindServiceMethodAttribute? Generated(Type type) =>
        ServiceBase(type).GetCustomAttribute<BindServiceMethodAttribute>();

    // The generated class, from which the service derives.
    private static Type ServiceBase(Type type)
    {
        while (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is null && type.BaseType is { } parent)
        {
            type = parent;
        }

        return type;
    }

    private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        var plain = method.RequestMarshaller;
        var request = (MessageDescriptor)typeof(TRequest).GetProperty("Descriptor", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        var canBeOld = OldRequests.CanBeTold(request);
        var guarded = new Marshaller<TRequest>(plain.ContextualSerializer, message =>
        {
            if (canBeOld && OldRequests.IsOld(request, message.PayloadAsReadOnlySequence()))
            {
                throw OldClient.Refusal.ToException();
            }

            try
            {
                return plain.ContextualDeserializer(message);
            }
            catch (InvalidProtocolBufferException)
            {
                throw GrpcErrors.InvalidArgument(Invalid);
            }
        });
        return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, guarded, method.ResponseMarshaller);
    }

    private static T Invoker<T>(IMethod method)
        where T : Delegate
    {
        var types = typeof(T).GetMethod("Invoke")!.GetParameters().Skip(1).Select(p => p.ParameterType).ToArray();
        return typeof(TService).GetMethod(method.Name, types)!.CreateDelegate<T>();
    }

    private sealed class Binder(ServiceMethodProviderContext<TService> context) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Grpc.Core.UnaryServerMethod<TRequest, TResponse>? handler) =>
            context.AddUnaryMethod(
                Checked(method), [], Invoker<Grpc.AspNetCore.Server.Model.UnaryServerMethod<TService, TRequest, TResponse>>(method));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Grpc.Core.ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddClientStreamingMethod(
                Checked(method), [], Invoker<Grpc.AspNetCore.Server.Model.ClientStreamingServerMethod<TService, TRequest, TResponse>>(method));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Grpc.Core.ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(
                Checked(method), [], Invoker<Grpc.AspNetCore.Server.Model.ServerStreamingServerMethod<TService, TRequest, TResponse>>(method));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Grpc.Core.DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddDuplexStreamingMethod(
                Checked(method), [], Invoker<Grpc.AspNetCore.Server.Model.DuplexStreamingServerMethod<TService, TRequest, TResponse>>(method));
    }
}
