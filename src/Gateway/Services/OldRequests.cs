using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Google.Protobuf.Reflection;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using WireType = Google.Protobuf.WireFormat.WireType;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Tells the requests of OpenShell 0.0.x from those of 0.1, where the bytes show it: left alone, some do not parse, and some mean
/// something else. Signs: the name of a workspace where there is a selector now; an id where there is a name now and no selector;
/// a field of a type that it has no more, or that is gone.
/// </summary>
internal static class OldRequests
{
    private const int UuidLength = 36;

    // Fields that have this type in 0.0.x only. One whose number has no field now may be one of a newer 0.1, which has a selector.
    private static readonly FrozenDictionary<MessageDescriptor, ImmutableArray<(int Number, WireType Type)>> Fields =
        new Dictionary<MessageDescriptor, ImmutableArray<(int, WireType)>>
        {
            // workspace
            [CreateSandboxRequest.Descriptor] = [(5, WireType.LengthDelimited)],
            // offset, all_workspaces
            [ListSandboxesRequest.Descriptor] = [(2, WireType.Varint), (5, WireType.Varint)],
            [ListWorkspacesRequest.Descriptor] = [(2, WireType.Varint)],
            [ListWorkspaceMembersRequest.Descriptor] = [(3, WireType.Varint)],
            // timeout_seconds
            [ExecSandboxRequest.Descriptor] = [(5, WireType.Varint)],
            // log_since_ms, since_ms
            [WatchSandboxRequest.Descriptor] = [(8, WireType.Varint)],
            [GetSandboxLogsRequest.Descriptor] = [(3, WireType.Varint)],
        }.ToFrozenDictionary();

    // Field 1 is a name, and was an id.
    private static readonly FrozenSet<MessageDescriptor> WithIds = new[]
    {
        ExecSandboxRequest.Descriptor, CreateSshSessionRequest.Descriptor, WatchSandboxRequest.Descriptor, GetSandboxLogsRequest.Descriptor,
        GetSandboxConfigRequest.Descriptor,
    }.ToFrozenSet();

    // Numbers of the fields with the selector, of as many messages as there are methods.
    private static readonly ConcurrentDictionary<MessageDescriptor, int?> Selectors = new();

    /// <summary>Whether a request of this type can show its age.</summary>
    public static bool CanBeTold(MessageDescriptor request) =>
        request == ExecSandboxInput.Descriptor || Fields.ContainsKey(request) || WithIds.Contains(request) || SelectorOf(request) is not null;

    /// <summary>Whether only a client of 0.0.x can have sent it.</summary>
    public static bool IsOld(MessageDescriptor request, ReadOnlySequence<byte> message)
    {
        if (request == ExecSandboxInput.Descriptor)
        {
            var input = new WireFields(message);
            return input.MoveNext() && input is { Number: ExecSandboxInput.StartFieldNumber, Type: WireType.LengthDelimited }
                && IsOld(ExecSandboxRequest.Descriptor, input.Bytes);
        }

        var selector = SelectorOf(request);
        var old = Fields.GetValueOrDefault(request, []);
        var (hasId, hasGoneField, hasSelector) = (false, false, false);
        var fields = new WireFields(message);
        while (fields.MoveNext())
        {
            if (old.Contains((fields.Number, fields.Type)))
            {
                if (request.FindFieldByNumber(fields.Number) is not null || selector is null)
                {
                    return true;
                }

                hasGoneField = true;
            }

            if (fields.Number == selector && fields.Type == WireType.LengthDelimited)
            {
                hasSelector = true;
                if (IsText(fields.Bytes))
                {
                    return true;
                }
            }

            hasId |= fields.Number == 1 && WithIds.Contains(request) && IsUuid(fields.Bytes);
        }

        return (hasId || hasGoneField) && !hasSelector;
    }

    private static int? SelectorOf(MessageDescriptor request) => Selectors.GetOrAdd(request, static request => request.Fields.InDeclarationOrder()
        .FirstOrDefault(f => f.FieldType == FieldType.Message && f.MessageType == WorkspaceSelector.Descriptor)?.FieldNumber);

    // A selector begins with the tag of one of its two fields, which is no character that can be seen.
    private static bool IsText(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return false;
        }

        foreach (var part in bytes)
        {
            if (part.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsUuid(ReadOnlySequence<byte> bytes) =>
        bytes.Length == UuidLength && Guid.TryParseExact(Encoding.ASCII.GetString(bytes), "D", out _);
}
