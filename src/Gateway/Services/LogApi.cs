using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>GetSandboxLogs for people, PushSandboxLogs for supervisors.</summary>
internal sealed class LogApi(SandboxDirectory sandboxes, SandboxEventHub events, TimeProvider time)
{
    private const int DefaultLines = 2000;

    public async Task<GetSandboxLogsResponse> GetAsync(GetSandboxLogsRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, cancellationToken);
        var filter = LogMapping.ToFilter(request.SinceTime, request.Sources, request.MinLevel, "min_level");
        var tail = events.Tail(sandbox.Id, filter, LogMapping.ToCount(request.Lines, DefaultLines));
        return new GetSandboxLogsResponse
        {
            BufferTotal = (uint)tail.Total,
            Logs = { tail.Lines.Select(l => l.ToMessage(sandbox.Id)) },
        };
    }

    /// <summary>
    /// Takes a supervisor's lines until it ends the stream; the answer says that all of them were kept. A supervisor
    /// that is too quick is held back, never cut off.
    /// </summary>
    public async Task<PushSandboxLogsResponse> PushAsync(
        IAsyncStreamReader<PushSandboxLogsRequest> input, ServerCallContext context)
    {
        var sandboxId = context.GetPrincipal().RequireSandboxId();
        while (await MoveNextAsync(input, context.CancellationToken))
        {
            var batch = input.Current;
            Check(batch, sandboxId);
            var intake = events.Intake(sandboxId) ?? throw NotFound(sandboxId);
            foreach (var line in batch.Logs)
            {
                if (!events.PublishLog(sandboxId, line.ToLine()))
                {
                    throw NotFound(sandboxId);
                }
            }

            var pause = intake.Take(batch.Logs.Count, batch.CalculateSize(), time);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, context.CancellationToken);
            }
        }

        return new PushSandboxLogsResponse();
    }

    // A supervisor that dies in the middle is nothing to report: nobody hears the answer, and its lines are kept.
    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<PushSandboxLogsRequest> input, CancellationToken cancellationToken)
    {
        try
        {
            return await input.MoveNext(cancellationToken);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Check(PushSandboxLogsRequest batch, string sandboxId)
    {
        if (batch.SandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        if (batch.SandboxId != sandboxId)
        {
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, "cross-sandbox access denied: principal does not own this sandbox"));
        }
    }

    private static RpcException NotFound(string sandboxId) =>
        new Failure(FailureKind.NotFound, $"sandbox with id '{sandboxId}' not found").ToException();
}
