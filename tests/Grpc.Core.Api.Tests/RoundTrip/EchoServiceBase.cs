namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>The base of the service as generated code would write it.</summary>
[BindServiceMethod(typeof(EchoServiceBase), nameof(BindService))]
public abstract class EchoServiceBase
{
    public static void BindService(ServiceBinderBase binder, EchoServiceBase? service)
    {
        ArgumentNullException.ThrowIfNull(binder);
        binder.AddMethod(TestMethods.Echo, service is null ? null : service.Echo);
        binder.AddMethod(TestMethods.Fail, service is null ? null : service.Fail);
        binder.AddMethod(TestMethods.Hang, service is null ? null : service.Hang);
        binder.AddMethod(TestMethods.Repeat, service is null ? null : service.Repeat);
        binder.AddMethod(TestMethods.Join, service is null ? null : service.Join);
        binder.AddMethod(TestMethods.Chat, service is null ? null : service.Chat);
    }

    public static ServerServiceDefinition BindService(EchoServiceBase service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return ServerServiceDefinition.CreateBuilder()
            .AddMethod(TestMethods.Echo, service.Echo)
            .AddMethod(TestMethods.Fail, service.Fail)
            .AddMethod(TestMethods.Hang, service.Hang)
            .AddMethod(TestMethods.Repeat, service.Repeat)
            .AddMethod(TestMethods.Join, service.Join)
            .AddMethod(TestMethods.Chat, service.Chat)
            .Build();
    }

    public abstract Task<byte[]> Echo(byte[] request, ServerCallContext context);

    public abstract Task<byte[]> Fail(byte[] request, ServerCallContext context);

    public abstract Task<byte[]> Hang(byte[] request, ServerCallContext context);

    public abstract Task Repeat(byte[] request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context);

    public abstract Task<byte[]> Join(IAsyncStreamReader<byte[]> requestStream, ServerCallContext context);

    public abstract Task Chat(
        IAsyncStreamReader<byte[]> requestStream,
        IServerStreamWriter<byte[]> responseStream,
        ServerCallContext context);
}
