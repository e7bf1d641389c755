using Grpc.Core;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;
using OpenShellClient = OpenShell.Protocol.V1.OpenShell.OpenShellClient;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>Tells the gateway how the main process ended, and when its output was taken; again, until the gateway has it.</summary>
internal sealed class ExitReporter(
    GatewayDialer dialer, SessionIdentity identity, SandboxToken token, SupervisorLog log, TimeProvider time)
{
    // The creator of the sandbox waits for the exit code, so again soon; but a gateway that is down is not flooded.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>The process has ended.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public Task ReportAsync(int exitCode, CancellationToken stopping)
    {
        var request = new ReportMainProcessExitRequest
        {
            SandboxId = identity.SandboxId,
            InstanceId = identity.InstanceId,
            ExitCode = exitCode,
        };
        return TellAsync("the end of the main process", (client, call) => client.ReportMainProcessExitAsync(request, call).ResponseAsync, stopping);
    }

    /// <summary>What it wrote has reached whoever waited for it, so that what the gateway does after its end may begin.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public Task FinalizeAsync(CancellationToken stopping)
    {
        var request = new FinalizeMainProcessExitRequest { SandboxId = identity.SandboxId, InstanceId = identity.InstanceId };
        return TellAsync("that its output was taken", (client, call) => client.FinalizeMainProcessExitAsync(request, call).ResponseAsync, stopping);
    }

    // A gateway that answers so does not answer otherwise later.
    private static bool IsFinal(StatusCode code) => code
        is StatusCode.Unimplemented or StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.NotFound;

    private async Task TellAsync(string what, Func<OpenShellClient, CallOptions, Task> call, CancellationToken stopping)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (true)
        {
            using var channel = dialer.CreateChannel();
            try
            {
                var deadline = time.GetUtcNow().UtcDateTime + CallTimeout;
                await call(new OpenShellClient(channel), new CallOptions(token.Metadata, deadline, stopping));
                return;
            }
            catch (RpcException e) when (IsFinal(e.StatusCode))
            {
                log.Warn($"the gateway does not take {what}: {e.StatusCode}");
                return;
            }
            catch (RpcException e)
            {
                log.Debug($"{what}: {e.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                log.Debug($"{what}: {e.Message}");
            }

            await Task.Delay(backoff.Next(), time, stopping);
        }
    }
}
