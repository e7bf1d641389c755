using System.Text.Json.Nodes;
using OpenShell.Cli.Forwarding;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary>A forward as a document.</summary>
internal static class ForwardView
{
    /// <param name="answers">Whether the target answered when it was started; null where that is not known.</param>
    public static JsonObject Document(ForwardPorts ports, string sandbox, int pid, bool? answers = null)
    {
        var document = new JsonObject
        {
            ["sandbox"] = sandbox,
            ["bind"] = ports.Bind,
            ["local_port"] = ports.LocalPort,
            ["host"] = ports.Host,
            ["port"] = ports.Port,
            ["pid"] = pid,
        };
        if (answers is { } value)
        {
            document["answers"] = value;
        }

        return document;
    }
}
