using Google.Protobuf;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>
/// A guest whose supervisor is replaced by one that puts hostile text into every field of every message there is. What
/// came out, in the gateway's log, the sandbox's log, states, events, statuses and on a terminal, does no harm.
/// </summary>
public sealed class HostileGuestTests : FunctionalTest
{
    [Test]
    public async Task Guest_HostileTextInEveryField_ReachesNobodyAsItIs()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var id = sandbox.Metadata.Id;
        // It stays, and does not come back while we speak in its place.
        Driver.Service.Machine(id).Signal("STOP");
        var seen = new List<IMessage>();
        using var watch = Gateway.Client.WatchSandbox(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, FollowLogs = true, FollowStatus = true, FollowEvents = true });
        var watching = CollectAsync(watch.ResponseStream, seen);
        using var channel = SupervisorChannel();
        var supervisor = new Api.OpenShellClient(channel);

        await SayNoHelloAsync(supervisor, sandbox);
        using (var session = supervisor.ConnectSupervisor(TokenOf(sandbox)))
        {
            var hello = HostileText.Fill(new SupervisorHello());
            hello.SandboxId = id;
            await session.RequestStream.WriteAsync(new SupervisorMessage { Hello = hello });
            Assert.That(await session.ResponseStream.MoveNext(CancellationToken.None), Is.True);
            await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Ready);
            foreach (var field in SupervisorMessage.Descriptor.Oneofs[0].Fields.Where(f => f.Name != "hello"))
            {
                seen.Add(await AnswerAnExecAsync(sandbox, session, field.Name));
            }

            await session.RequestStream.CompleteAsync();
        }

        await PushAsync(supervisor, sandbox);
        var exit = HostileText.Fill(new ReportMainProcessExitRequest { ExitCode = 3 });
        exit.SandboxId = id;
        await supervisor.ReportMainProcessExitAsync(exit, TokenOf(sandbox));
        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);

        seen.Add(await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name }));
        seen.Add(await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default }));
        seen.Add(await Gateway.Client.GetSandboxLogsAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name }));
        foreach (var arguments in new[] { "sandbox list", $"sandbox get {sandbox.Metadata.Name}", $"logs {sandbox.Metadata.Name}", "status" })
        {
            foreach (var format in new[] { "table", "json", "yaml" })
            {
                var run = await CliProcess.RunAsync(Gateway, Directory, [], [.. arguments.Split(' '), "-o", format]);
                Assert.That(run.ExitCode, Is.Zero, $"{arguments} -o {format}: {run.Error}");
                Assert.That(HostileText.IsHarmful(run.Text + run.Error), Is.False, $"{arguments} -o {format}:\n{run.Text}{run.Error}");
            }
        }

        Driver.Service.Machine(id).Signal("CONT");
        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        await Eventually.EndsAsync(watching, "the watch ends with the sandbox");
        Assert.Multiple(() =>
        {
            Assert.That(seen.SelectMany(HostileText.FindIn), Is.Empty);
            Assert.That(HostileText.IsHarmful(Gateway.Log), Is.False);
            Assert.That(Gateway.Log.Split('\n'), Has.None.StartsWith(HostileText.ForgedLine));
            Assert.That(Gateway.Log, Does.Contain(@"v1\x1b[2J"), "it is shown, in a form that does nothing");
        });
    }

    private static async Task CollectAsync(IAsyncStreamReader<SandboxStreamEvent> stream, List<IMessage> seen)
    {
        while (await stream.MoveNext(CancellationToken.None))
        {
            seen.Add(stream.Current);
        }
    }

    // A name that is not its own.
    private async Task SayNoHelloAsync(Api.OpenShellClient supervisor, Sandbox sandbox)
    {
        using var session = supervisor.ConnectSupervisor(TokenOf(sandbox));
        await session.RequestStream.WriteAsync(new SupervisorMessage { Hello = HostileText.Fill(new SupervisorHello()) });
        Assert.That(await session.ResponseStream.MoveNext(CancellationToken.None), Is.True);
        Assert.That(HostileText.FindIn(session.ResponseStream.Current), Is.Empty);
        var e = await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.That(HostileText.IsHarmful(e!.Status.Detail), Is.False);
    }

    // Somebody wants a process, and gets this in its place.
    private async Task<IMessage> AnswerAnExecAsync(Sandbox sandbox, AsyncDuplexStreamingCall<SupervisorMessage, GatewayMessage> session, string payload)
    {
        var exec = Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } });
        RelayOpen? open = null;
        while (open is null)
        {
            Assert.That(await session.ResponseStream.MoveNext(CancellationToken.None), Is.True);
            open = session.ResponseStream.Current.RelayOpen;
        }

        var field = SupervisorMessage.Descriptor.FindFieldByName(payload);
        var answer = HostileText.Fill(field.MessageType.Parser.ParseFrom(ByteString.Empty));
        // As it is first, with a channel that nobody knows, and then for this one.
        await session.RequestStream.WriteAsync(Wrap(answer));
        field.MessageType.FindFieldByName("channel_id")?.Accessor.SetValue(answer, open.ChannelId);
        await session.RequestStream.WriteAsync(Wrap(answer));
        if (field.MessageType.FindFieldByName("channel_id") is null)
        {
            await session.RequestStream.WriteAsync(new SupervisorMessage { RelayClose = new RelayClose { ChannelId = open.ChannelId, Reason = HostileText.Sample } });
        }

        var e = await Assert.ThrowsAsync<RpcException>(() => Eventually.EndsAsync(exec, $"the exec that is answered with {payload} ends"));
        return new SessionRejected { Reason = e!.Status.Detail };

        SupervisorMessage Wrap(IMessage inner)
        {
            var message = new SupervisorMessage();
            field.Accessor.SetValue(message, inner);
            return message;
        }
    }

    private async Task PushAsync(Api.OpenShellClient supervisor, Sandbox sandbox)
    {
        using var push = supervisor.PushSandboxLogs(TokenOf(sandbox));
        var request = HostileText.Fill(new PushSandboxLogsRequest());
        request.SandboxId = sandbox.Metadata.Id;
        foreach (var source in new[] { "sandbox", "main" })
        {
            var line = request.Logs[0].Clone();
            line.Source = source;
            request.Logs.Add(line);
        }

        await push.RequestStream.WriteAsync(request);
        await push.RequestStream.CompleteAsync();
        await Eventually.EndsAsync(push.ResponseAsync, "the push is acknowledged");
    }
}
