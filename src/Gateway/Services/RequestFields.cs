using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OpenShell.Protocol.DataModel.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The fields that requests of changes have in common, by their names on the wire.</summary>
internal static class RequestFields<TRequest>
    where TRequest : class
{
    private static readonly FieldDescriptor? RequestIdField = Find("request_id");
    private static readonly FieldDescriptor? ScopeField = Find("workspace_scope");

    /// <summary>Whether requests of this type change something, and say by an id that they are to do so once.</summary>
    public static bool HasRequestId => RequestIdField is not null;

    /// <summary>Whether they are for one workspace.</summary>
    public static bool HasWorkspace => ScopeField is not null;

    /// <summary>The id; empty: none was given.</summary>
    public static string RequestId(TRequest request) => (string)RequestIdField!.Accessor.GetValue((IMessage)request);

    public static WorkspaceSelector? Workspace(TRequest request) => (WorkspaceSelector?)ScopeField!.Accessor.GetValue((IMessage)request);

    /// <summary>What is in a request besides its id, the same bytes for the same content: maps are in order.</summary>
    public static byte[] Canonical(TRequest request)
    {
        var copy = ((IMessage)request).Descriptor.Parser.ParseFrom(((IMessage)request).ToByteArray());
        RequestIdField!.Accessor.Clear(copy);
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true) { Deterministic = true })
        {
            copy.WriteTo(output);
        }

        return bytes.ToArray();
    }

    private static FieldDescriptor? Find(string name) =>
        (typeof(TRequest).GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as MessageDescriptor)
            ?.FindFieldByName(name);
}
