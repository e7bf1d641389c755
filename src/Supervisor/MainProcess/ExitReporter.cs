using Grpc.Core;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>Tells the gateway how the main process ended, until the gateway has it.</summary>
internal sealed class ExitReporter(
    GatewayDialer dialer, SessionIdentity identity, SandboxToken token, SupervisorLog log, TimeProvider time)
{
    // The creator of the sandbox waits for the exit code, so again soon; but a gateway that is down is not flooded.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public async Task ReportAsync(int exitCode, CancellationToken stopping)
    {
        var request = new ReportMainProcessExitRequest
        {
            SandboxId = identity.SandboxId,
            InstanceId = identity.InstanceId,
            ExitCode = exitCode,
        };
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (true)
        {
            using var channel = dialer.CreateChannel();
            var client = new Protocol.V1.OpenShell.OpenShellClient(channel);
            try
            {
                var deadline = time.GetUtcNow().UtcDateTime + CallTimeout;
                await client.ReportMainProcessExitAsync(request, token.Metadata, deadline, stopping);
                return;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.InvalidArgument)
            {
                log.Warn($"the gateway does not take the end of the main process: {e.StatusCode}");
                return;
            }
            catch (RpcException e)
            {
                log.Debug($"report of the main process: {e.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                log.Debug($"report of the main process: {e.Message}");
            }

            await Task.Delay(backoff.Next(), time, stopping);
        }
    }
}
