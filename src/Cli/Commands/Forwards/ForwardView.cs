using System.Text.Json.Nodes;
using OpenShell.Cli.Forwarding;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary>A forward that runs as a document.</summary>
internal static class ForwardView
{
    /// <param name="answers">Whether the target answered when it was started; null where that is not known.</param>
    public static JsonObject Document(ForwardPorts ports, string sandbox, int pid, bool? answers = null)
    {
        var document = new JsonObject
        {
            ["sandbox"] = sandbox,
            ["bind_address"] = ports.Bind,
            ["port"] = ports.LocalPort,
            ["pid"] = pid,
            ["alive"] = true,
            ["target_host"] = ports.Host,
            ["target_port"] = ports.Port,
        };
        if (answers is { } value)
        {
            document["answers"] = value;
        }

        return document;
    }
}
