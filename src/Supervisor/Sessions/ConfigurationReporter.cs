using Grpc.Core;
using OpenShell.Protocol;
using OpenShell.Protocol.Policies;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Policy;
using OpenShellClient = OpenShell.Protocol.V1.OpenShell.OpenShellClient;

namespace OpenShell.Supervisor.Sessions;

/// <summary>
/// Asks the gateway once per boot what the sandbox is to run under, and says whether it does: registers, compares, and accepts
/// or rejects. What is rejected starts no process any more, and <see cref="Rejected"/> ends those that run for the sandbox.
/// </summary>
internal sealed class ConfigurationReporter(
    SandboxIdentity sandbox, SandboxPolicy? policy, Confinement confinement, SandboxToken token, SupervisorLog log, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _rejected = new();
    private bool _isSettled;

    /// <summary>Cancelled when the sandbox runs under another policy than the gateway's.</summary>
    public CancellationToken Rejected => _rejected.Token;

    /// <summary>Beside a session: reports, again until the gateway has taken it. Sessions of one supervisor come one after another.</summary>
    public async Task RunAsync(ChannelBase channel, CancellationToken ended)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (!_isSettled)
        {
            try
            {
                await ReportAsync(new OpenShellClient(channel), ended);
                _isSettled = true;
                return;
            }
            catch (RpcException e) when (IsFinal(e.StatusCode))
            {
                log.Warn($"the gateway takes no report about the configuration: {e.StatusCode}");
                _isSettled = true;
                return;
            }
            catch (RpcException e)
            {
                log.Debug($"the report about the configuration: {e.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                log.Debug($"the report about the configuration: {e.Message}");
            }

            await Task.Delay(backoff.Next(), time, ended);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rejected.Dispose();

    // A gateway that answers so does not answer otherwise later; an older one has no such methods.
    private static bool IsFinal(StatusCode code) => code is StatusCode.Unimplemented or StatusCode.InvalidArgument or StatusCode.PermissionDenied;

    private async Task ReportAsync(OpenShellClient client, CancellationToken ended)
    {
        var config = await client.GetSandboxConfigAsync(new GetSandboxConfigRequest { Name = sandbox.Name }, Options(ended));
        var request = new ReportSandboxConfigurationRequest
        {
            SandboxId = sandbox.Session.SandboxId,
            ExpectedInstanceId = config.ConfigurationInstanceId,
            Admission = new SandboxConfigurationAdmission
            {
                InstanceId = sandbox.Session.InstanceId,
                State = ConfigurationAdmissionState.Pending,
                PolicyVersion = config.Version,
                PolicyHash = config.PolicyHash,
                ConfigRevision = config.ConfigRevision,
                ProviderEnvRevision = config.ProviderEnvRevision,
            },
        };
        await client.ReportSandboxConfigurationAsync(request, Options(ended));
        if (StaticPolicy.Digest(config.Policy) != StaticPolicy.Digest(policy))
        {
            confinement.Refuse("the policy that came with the sandbox's machine is not the one that the gateway has for it");
        }

        var problem = confinement.Refusal;
        request.Admission.State = problem is null ? ConfigurationAdmissionState.Accepted : ConfigurationAdmissionState.Rejected;
        request.Admission.Error = problem ?? "";
        if (problem is not null)
        {
            log.Error($"configuration rejected: {problem}");
            await _rejected.CancelAsync();
        }

        await client.ReportSandboxConfigurationAsync(request, Options(ended));
        await client.ReportPolicyStatusAsync(
            new ReportPolicyStatusRequest
            {
                SandboxId = sandbox.Session.SandboxId,
                Version = config.Version,
                Status = problem is null ? PolicyStatus.Loaded : PolicyStatus.Failed,
                LoadError = problem ?? "",
            },
            Options(ended));
    }

    private CallOptions Options(CancellationToken ended) => new(token.Metadata, time.GetUtcNow().UtcDateTime + CallTimeout, ended);
}
