namespace OpenShell.GrpcAbstractions.Generated;

public sealed class GreeterService : Greeter.GreeterBase
{
    public override Task<Greeting> Greet(Greeting request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Converse(
        IAsyncStreamReader<Greeting> requestStream,
        IServerStreamWriter<Greeting> responseStream,
        ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(responseStream);
        await foreach (var greeting in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(greeting);
        }
    }
}
