using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Tests.Fakes;

/// <summary>Who may come in at the SSH listener of a <see cref="FakeGateway"/>.</summary>
internal sealed class FakeSshAccess : SshAccess.SshAccessBase
{
    public List<SshAccessToken> Tokens { get; } = [];

    public List<SshKey> Keys { get; } = [];

    /// <summary>What was asked for, in order.</summary>
    public ConcurrentQueue<object> Requests { get; } = [];

    public override Task<CreateSshAccessResponse> CreateSshAccess(CreateSshAccessRequest request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        var token = new SshAccessToken
        {
            Id = $"ac{Tokens.Count + 1}",
            Sandbox = request.Sandbox,
            SandboxId = "id-" + request.Sandbox,
            Workspace = request.WorkspaceScope.Workspace,
            CreatedTime = new Timestamp { Seconds = 1_700_000_000 },
            ExpirationTime = new Timestamp { Seconds = 1_700_003_600 },
        };
        Tokens.Add(token);
        return Task.FromResult(new CreateSshAccessResponse
        {
            Access = token,
            Token = "se-cret",
            Host = "gw.example",
            Port = 2222,
            HostKeyFingerprint = "SHA256:abc",
        });
    }

    public override Task<ListSshAccessResponse> ListSshAccess(ListSshAccessRequest request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        CheckName(request.Sandbox);
        return Task.FromResult(new ListSshAccessResponse
        {
            Access = { Tokens.Where(token => token.Workspace == request.WorkspaceScope.Workspace && request.Sandbox is "" or "alpha") },
        });
    }

    public override Task<RevokeSshAccessResponse> RevokeSshAccess(RevokeSshAccessRequest request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        CheckName(request.Sandbox);
        return Task.FromResult(new RevokeSshAccessResponse
        {
            Revoked = (uint)Tokens.RemoveAll(token => token.Id == request.Id || token.Sandbox == request.Sandbox),
        });
    }

    public override Task<AddSshKeyResponse> AddSshKey(AddSshKeyRequest request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        var words = request.PublicKey.Trim().Split(' ');
        var key = new SshKey
        {
            Fingerprint = "SHA256:" + words[1],
            Type = words[0],
            Comment = words[2],
            CreatedTime = new Timestamp { Seconds = 1_700_000_000 },
        };
        Keys.Add(key);
        return Task.FromResult(new AddSshKeyResponse { Key = key });
    }

    public override Task<ListSshKeysResponse> ListSshKeys(ListSshKeysRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSshKeysResponse { Keys = { Keys } });

    public override Task<RemoveSshKeyResponse> RemoveSshKey(RemoveSshKeyRequest request, ServerCallContext context) =>
        Keys.RemoveAll(key => key.Fingerprint == request.Fingerprint) > 0
            ? Task.FromResult(new RemoveSshKeyResponse())
            : throw new RpcException(new Status(StatusCode.NotFound, $"ssh key '{request.Fingerprint}' not found"));

    private static void CheckName(string sandbox)
    {
        if (sandbox is not ("" or "alpha"))
        {
            throw new RpcException(new Status(StatusCode.NotFound, "sandbox not found"));
        }
    }
}
