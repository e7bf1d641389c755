using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Which requests have times: one that is new has to be checked like the others, and is then added here.</summary>
public class RequestTimesTests
{
    private static readonly string[] Checked =
    [
        "openshell.v1.ExecSandboxRequest.execution_timeout",
        "openshell.v1.WatchSandboxRequest.since_time",
        "openshell.v1.GetSandboxLogsRequest.since_time",
        "openshell.extensions.v1.CreateSshAccessRequest.lifetime",
        // Of a guest: one that is none is taken as none.
        "openshell.v1.SandboxLogLine.event_time",
    ];

    [Test]
    public void Times_OfRequestsThatAreServed_AreAllChecked()
    {
        ServiceDescriptor[] services = [.. OpenshellReflection.Descriptor.Services, .. SshAccessReflection.Descriptor.Services];
        var served = services.SelectMany(s => s.Methods).Where(m => UnbuiltMethods.Find($"/{m.Service.FullName}/{m.Name}") is null);

        Assert.That(TimesOf(served.Select(m => m.InputType)), Is.EquivalentTo(Checked));
    }

    private static HashSet<string> TimesOf(IEnumerable<MessageDescriptor> requests)
    {
        var times = new HashSet<string>();
        var messages = new Queue<MessageDescriptor>(requests);
        var seen = messages.ToHashSet();
        while (messages.TryDequeue(out var message))
        {
            foreach (var field in message.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
            {
                if (field.MessageType == Timestamp.Descriptor || field.MessageType == Duration.Descriptor)
                {
                    times.Add(field.FullName);
                }
                else if (seen.Add(field.MessageType))
                {
                    messages.Enqueue(field.MessageType);
                }
            }
        }

        return times;
    }
}
