using Google.Protobuf;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Load;

/// <summary>The real supervisor, PID 1 of a PID namespace on this host.</summary>
internal static class SupervisorUnderTest
{
    public static ChildProcess Start(LoadOptions options, WorkDirectory work, DriverSandbox sandbox, string? sshSocket = null)
    {
        var path = work.File("guest.config");
        // Not the profile files of whoever measures.
        File.WriteAllText(work.File(".profile"), "export OPENSHELL_BENCH=1\n");
        var config = new GuestConfig
        {
            SandboxId = sandbox.Id,
            SandboxName = sandbox.Name,
            SandboxToken = sandbox.Spec.SandboxToken,
            Endpoint = $"unix:{GatewayUnderTest.SupervisorSocket(work)}",
            InstanceId = "bench",
            LogLevel = "warn",
            Environment = { ["HOME"] = Path.GetDirectoryName(path)! },
        };
        File.WriteAllBytes(path, config.ToByteArray());
        return new ChildProcess(
            "unshare",
            ["--fork", "--pid", "--mount-proc", "--kill-child", Path.Combine(options.Bin, "openshell-supervisor"), "run", "--config", path,
                .. sshSocket is null ? Array.Empty<string>() : ["--ssh-socket-path", sshSocket]]);
    }
}
