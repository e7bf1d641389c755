using System.Text;
using Google.Protobuf;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests.Fakes;

internal static class ExecEvents
{
    public static ExecSandboxEvent Stdout(string text) =>
        new() { Stdout = new ExecSandboxStdout { Data = ByteString.CopyFrom(text, Encoding.UTF8) } };

    public static ExecSandboxEvent Stdout(ByteString data) => new() { Stdout = new ExecSandboxStdout { Data = data } };

    public static ExecSandboxEvent Stderr(string text) =>
        new() { Stderr = new ExecSandboxStderr { Data = ByteString.CopyFrom(text, Encoding.UTF8) } };

    public static ExecSandboxEvent Exit(int code) => new() { Exit = new ExecSandboxExit { ExitCode = code } };

    public static ExecSandboxEvent Started(int pid) => new() { Started = new ExecSandboxStarted { Pid = pid } };

    public static ExecSandboxEvent Attached(bool inputOwner = true, bool terminal = false) =>
        new() { Attached = new ExecSandboxAttached { Pid = 7, InputOwner = inputOwner, Terminal = terminal } };
}
