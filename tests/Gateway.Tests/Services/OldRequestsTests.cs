using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>Requests as OpenShell 0.0.x encodes them: each ends in an error, and those that show their age in one that says so.</summary>
internal sealed class OldRequestsTests : ApiTest
{
    private const string Words = "this client speaks OpenShell 0.0.x, and this gateway speaks 0.1: upgrade the client to 0.1 or newer";
    private const string Id = "0b5f4c1e-8a1d-4a53-9d3f-6f2b7c8d9e10";

    private static readonly string[] Workspaces =
        ["default", "dev", "prod", "staging", "team-a", "main", "0day", "web-team", "abcdefghi", "x1", "a", "Team_B"];

    // Method, and where its selector is now and the name of a workspace was then.
    private static readonly (string Method, int Selector)[] Selectors =
    [
        ("GetSandbox", 2), ("DeleteSandbox", 2), ("StopSandbox", 2), ("StartSandbox", 2), ("ListSandboxes", 4), ("GetSandboxLogs", 6),
        ("AddWorkspaceMember", 1), ("RemoveWorkspaceMember", 1), ("ListWorkspaceMembers", 1),
    ];

    private static readonly TestCaseData[] WithAWorkspace =
        [.. from s in Selectors from w in Workspaces select new TestCaseData(s.Method, Text(s.Selector, w)).SetArgDisplayNames(s.Method, w)];

    // The whole request of 0.0.x, with what shows its age.
    private static readonly TestCaseData[] WithAnotherSign =
    [
        Old("CreateSandbox", "workspace", Message(1, []), Text(2, "box"), Text(5, "default")),
        Old("ListSandboxes", "offset", Number(1, 10), Number(2, 20)),
        Old("ListSandboxes", "all_workspaces", Number(1, 10), Number(5, 1)),
        Old("ListWorkspaces", "offset", Number(1, 10), Number(2, 20)),
        Old("ListWorkspaceMembers", "offset", Number(2, 10), Number(3, 20)),
        Old("ExecSandbox", "id", Text(1, Id), Text(2, "true")),
        Old("ExecSandbox", "time limit", Text(1, "box"), Text(2, "true"), Number(5, 30)),
        Old("ExecSandboxInteractive", "id", Message(1, [.. Text(1, Id), .. Text(2, "true")])),
        Old("ExecSandboxInteractive", "time limit", Message(1, [.. Text(1, "box"), .. Text(2, "true"), .. Number(5, 30)])),
        Old("CreateSshSession", "id", Text(1, Id)),
        Old("WatchSandbox", "id", Text(1, Id), Number(2, 1)),
        Old("WatchSandbox", "since", Text(1, "box"), Number(2, 1), Number(8, 1_700_000_000_000)),
        Old("GetSandboxLogs", "id", Text(1, Id), Number(2, 100)),
        Old("GetSandboxLogs", "since", Text(1, "box"), Number(3, 1_700_000_000_000)),
        Old("GetSandboxConfig", "id", Text(1, Id)),
        Old("GetSandboxConfig", "workspace", Text(1, "box"), Text(3, "default")),
        Old("ForwardTcp", "id", Message(1, [.. Text(1, Id), .. Message(5, [])])),
    ];

    // What is not built, or cannot be told apart and lacks what is required now.
    private static readonly TestCaseData[] WithoutASign =
    [
        Old("GetSandbox", "no workspace", Text(1, "box")),
        Old("DeleteSandbox", "no workspace", Text(1, "box")),
        Old("StopSandbox", "no workspace", Text(1, "box")),
        Old("StartSandbox", "no workspace", Text(1, "box")),
        Old("ListSandboxes", "limit", Number(1, 10)),
        Old("ListSandboxes", "nothing"),
        Old("CreateSandbox", "no workspace", Message(1, []), Text(2, "box")),
        Old("ExposeService", "workspace", Text(1, "box"), Text(5, "default")),
        Old("GetService", "workspace", Text(1, "box"), Text(3, "default")),
        Old("DeleteService", "workspace", Text(1, "box"), Text(3, "default")),
        Old("ListServices", "workspace", Number(3, 20), Text(4, "default")),
        Old("ListProviders", "offset", Number(2, 20)),
        Old("GetSandboxPolicyStatus", "workspace", Text(1, "box"), Text(4, "default")),
        Old("ListSandboxPolicies", "workspace", Text(1, "box"), Number(3, 20), Text(5, "default")),
        Old("UpdateConfig", "workspace", Text(1, "box"), Text(10, "default")),
    ];

    [TestCaseSource(nameof(WithAWorkspace))]
    [TestCaseSource(nameof(WithAnotherSign))]
    public async Task Request_WithASignOf00x_IsToldSo(string method, byte[] message)
    {
        var error = await CallAsync($"/openshell.v1.OpenShell/{method}", message);

        Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, Words)));
        // ForwardTcp is not served by the gRPC library, and has no details.
        if (method != "ForwardTcp")
        {
            var info = error!.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
            Assert.That((info.Reason, info.Domain), Is.EqualTo(("CLIENT_TOO_OLD", "openshell.nvidia.com")));
        }
    }

    [TestCaseSource(nameof(WithoutASign))]
    public async Task Request_Of00xWithoutASign_IsNeverAnsweredWithOk(string method, byte[] message)
    {
        var error = await CallAsync($"/openshell.v1.OpenShell/{method}", message);

        Assert.That(error?.StatusCode, Is.EqualTo(StatusCode.InvalidArgument).Or.EqualTo(StatusCode.Unimplemented));
        Assert.That(error!.Status.Detail, Is.EqualTo("workspace_scope is required").Or.Contains("is not built yet in this gateway"));
    }

    // A person who gives an id where a name belongs has a new client all the same.
    [Test]
    public async Task Request_Of01WithAnIdForAName_IsNotFound()
    {
        var error = await CallAsync(
            "/openshell.v1.OpenShell/ExecSandbox", new ExecSandboxRequest { Sandbox = Id, Command = { "true" }, WorkspaceScope = Scope.Default });

        Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.NotFound, "sandbox not found")));
    }

    [Test]
    public void IsOld_RequestsOf01_AreNot()
    {
        IMessage[] requests =
        [
            new GetSandboxRequest { Name = "box", WorkspaceScope = Scope.Default },
            new GetSandboxRequest { Name = "box", WorkspaceScope = Scope.All },
            new GetSandboxRequest { Name = "box", WorkspaceScope = new WorkspaceSelector() },
            new ListSandboxesRequest { PageSize = 5, PageToken = "abc", LabelSelector = "a=b", WorkspaceScope = Scope.Of(new string('a', 97)) },
            new CreateSandboxRequest { Spec = new SandboxSpec(), AwaitMainProcessAttachment = true, WorkspaceScope = Scope.Default },
            new ExecSandboxRequest { Sandbox = "box", Stdin = ByteString.CopyFromUtf8("default"), WorkspaceScope = Scope.Default },
            new ExecSandboxInput { Stdin = ByteString.CopyFrom(Text(1, Id)) },
            new WatchSandboxRequest { Sandbox = "box", EventTail = 5, StopOnTerminal = true, WorkspaceScope = Scope.Default },
        ];

        foreach (var request in requests)
        {
            Assert.That(OldRequests.IsOld(request.Descriptor, new ReadOnlySequence<byte>(request.ToByteArray())), Is.False, request.ToString());
        }
    }

    // A newer 0.1 may have a field there, before its selector or behind it.
    [Test]
    public void IsOld_UnknownFieldBesideAValidSelector_IsNot()
    {
        var list = new ListSandboxesRequest { WorkspaceScope = Scope.Default }.ToByteArray();
        var exec = new ExecSandboxRequest { Sandbox = "box", Command = { "true" }, WorkspaceScope = Scope.Default }.ToByteArray();

        Assert.That(IsOld(ListSandboxesRequest.Descriptor, [.. list, .. Number(5, 1)]), Is.False);
        Assert.That(IsOld(ListSandboxesRequest.Descriptor, [.. Number(5, 1), .. list]), Is.False);
        Assert.That(IsOld(ListSandboxesRequest.Descriptor, [.. Number(5, 1), .. Text(4, "default")]), Is.True);
        Assert.That(IsOld(ListSandboxesRequest.Descriptor, [.. Number(2, 1), .. list]), Is.True, "an offset where the page token is");
        Assert.That(IsOld(ExecSandboxRequest.Descriptor, [.. exec, .. Number(5, 30)]), Is.False);

        static bool IsOld(MessageDescriptor request, byte[] message) => OldRequests.IsOld(request, new ReadOnlySequence<byte>(message));
    }

    [Test]
    public void IsOld_AnyDamage_OnlyAnswers()
    {
        var whole = new ListSandboxesRequest { PageSize = 5, PageToken = "abc", WorkspaceScope = Scope.Default }.ToByteArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.That(OldRequests.IsOld(ListSandboxesRequest.Descriptor, new ReadOnlySequence<byte>(whole, 0, length)), Is.False);
        }

        var noise = new Random(1);
        var bytes = new byte[64];
        for (var i = 0; i < 10_000; i++)
        {
            noise.NextBytes(bytes);
            OldRequests.IsOld(ListSandboxesRequest.Descriptor, new ReadOnlySequence<byte>(bytes));
        }
    }

    private static TestCaseData Old(string method, string sign, params byte[][] fields) =>
        new TestCaseData(method, fields.SelectMany(f => f).ToArray()).SetArgDisplayNames(method, sign);

    private static byte[] Text(int number, string text) => Message(number, System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int number, byte[] content) => Write(output =>
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
    });

    private static byte[] Number(int number, long value) => Write(output =>
    {
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    });

    private static byte[] Write(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            write(output);
        }

        return bytes.ToArray();
    }
}
