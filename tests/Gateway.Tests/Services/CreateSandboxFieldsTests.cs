using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>No field of a creation is taken in silence: each one is honoured, or refused by its name.</summary>
public class CreateSandboxFieldsTests
{
    // What is done about them is tested where it is done.
    private static readonly string[] Honoured =
    [
        "name", "labels", "annotations", "await_main_process_attachment", "workspace_scope", "request_id",
        "spec.log_level", "spec.environment", "spec.policy", "spec.command", "spec.tty", "spec.restart_policy",
        "spec.template.image", "spec.template.labels", "spec.template.annotations", "spec.template.environment",
        // The driver says whether it can.
        "spec.resource_requirements.gpu",
        // Replaced by the gateway's own.
        "spec.provider_attachment_epoch",
    ];

    private static readonly (MessageDescriptor Message, string Path)[] Messages =
    [
        (CreateSandboxRequest.Descriptor, ""),
        (SandboxSpec.Descriptor, "spec."),
        (SandboxTemplate.Descriptor, "spec.template."),
        (ResourceRequirements.Descriptor, "spec.resource_requirements."),
    ];

    private static IEnumerable<TestCaseData> Fields =>
        Messages.SelectMany(m => m.Message.Fields.InDeclarationOrder()
            .Where(f => f.FieldType != FieldType.Message || f.IsRepeated || !Messages.Any(other => other.Message == f.MessageType))
            .Select(f => new TestCaseData(f, m.Path + f.Name).SetArgDisplayNames(m.Path + f.Name)));

    [TestCaseSource(nameof(Fields))]
    public void Field_OfACreation_IsHonouredOrRefusedByItsName(FieldDescriptor field, string path)
    {
        var request = new CreateSandboxRequest
        {
            Spec = new SandboxSpec { Template = new SandboxTemplate(), ResourceRequirements = new ResourceRequirements() },
        };
        SetSomething(Owner(request, path), field);

        var refusal = Refusal(request);

        Assert.That(
            refusal is null || refusal.Contains(field.Name, StringComparison.Ordinal)
                || (path, refusal) is ("spec.providers", "provider 'a' not found") or ("workload_template", "sandbox template not found"),
            refusal);
        Assert.That(refusal is null, Is.EqualTo(Honoured.Contains(path)), refusal ?? $"{path} is taken in silence");
    }

    private static string? Refusal(CreateSandboxRequest request)
    {
        try
        {
            if (request.WorkloadTemplate.Length > 0)
            {
                request.Spec = null;
            }

            CreateSandboxValidator.CheckShape(request);
            CreateSandboxValidator.CheckContent(request);
            return null;
        }
        catch (RpcException e)
        {
            return e.Status.Detail;
        }
    }

    private static IMessage Owner(CreateSandboxRequest request, string path) => path.Split('.') switch
    {
        [_] => request,
        ["spec", "template", _] => request.Spec.Template,
        ["spec", "resource_requirements", _] => request.Spec.ResourceRequirements,
        _ => request.Spec,
    };

    private static void SetSomething(IMessage owner, FieldDescriptor field)
    {
        if (field.IsMap)
        {
            ((System.Collections.IDictionary)field.Accessor.GetValue(owner)).Add("a", "a");
        }
        else if (field.IsRepeated)
        {
            ((System.Collections.IList)field.Accessor.GetValue(owner)).Add(SomethingOf(field));
        }
        else
        {
            field.Accessor.SetValue(owner, SomethingOf(field));
        }
    }

    private static object SomethingOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "a",
        FieldType.Bool => true,
        FieldType.Enum => 1,
        FieldType.Message when field.MessageType == Struct.Descriptor => new Struct { Fields = { ["a"] = Value.ForString("a") } },
        FieldType.Message => field.MessageType.Parser.ParseFrom([]),
        _ => throw new NotSupportedException($"{field.FullName}: say here what a value of it is"),
    };
}
