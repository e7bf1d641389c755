using Google.Protobuf;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Checks a CreateSandboxRequest before anything is made: its outer shape, then (where its workspace is known to be there) what is
/// in it. Limits, messages and their order are those of OpenShell's gateway. What this gateway does not do is refused by
/// the name of its field.
/// </summary>
internal static class CreateSandboxValidator
{
    private const int MaxServiceExposures = 32;
    private const int MaxDepth = 80;

    /// <summary>What is checked before the workspace is looked for.</summary>
    public static void CheckShape(CreateSandboxRequest request)
    {
        MetadataValidator.CheckLabels(request.Labels);
        MetadataValidator.CheckAnnotations(request.Annotations);
        CheckServiceExposures(request);
        if (request.WorkloadTemplate.Length > 0)
        {
            CheckTemplateName(request);
        }
        else if (request.Spec is null)
        {
            throw GrpcErrors.InvalidArgument("spec is required");
        }
    }

    /// <summary>What is checked once the workspace was found.</summary>
    public static void CheckContent(CreateSandboxRequest request)
    {
        if (request.WorkloadTemplate.Length > 0)
        {
            // There are none yet.
            throw new Failure(FailureKind.NotFound, "sandbox template not found").ToException();
        }

        if (request.Name.Length > 0 && SandboxNames.Check(request.Name) is { } wrong)
        {
            throw GrpcErrors.InvalidField("name", wrong);
        }

        CheckDepth(request.Spec);
        SandboxSpecValidator.Check(request.Spec);
    }

    private static void CheckServiceExposures(CreateSandboxRequest request)
    {
        const string Field = "service_exposures";
        if (request.ServiceExposures.Count > MaxServiceExposures)
        {
            throw GrpcErrors.InvalidField(Field, $"service_exposures must contain at most {MaxServiceExposures} entries");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        if (request.ServiceExposures.FirstOrDefault(e => !names.Add(e.Service)) is { } twice)
        {
            throw GrpcErrors.InvalidField(Field, $"duplicate service exposure name: '{twice.Service}'");
        }

        if (request.ServiceExposures.Count > 0)
        {
            throw SandboxSpecValidator.NotSupported(Field, "it exposes no services yet; use a forward instead");
        }
    }

    private static void CheckTemplateName(CreateSandboxRequest request)
    {
        if (SandboxNames.CheckLabel(request.WorkloadTemplate) is { } wrong)
        {
            throw GrpcErrors.InvalidField("workload_template", $"workload_template {wrong}");
        }

        var field = request.Spec switch
        {
            null => null,
            { LogLevel.Length: > 0 } => "log_level",
            { Environment.Count: > 0 } => "environment",
            { Template: not null } => "template",
            { ResourceRequirements: not null } => "resource_requirements",
            _ => null,
        };
        if (field is not null)
        {
            throw GrpcErrors.InvalidField($"spec.{field}", $"spec.{field} cannot be set when workload_template_name is set");
        }
    }

    // Parsers stop at 100 levels. An answer has some around the spec, and what the driver is told has others: a spec that
    // is only just readable would make every list unreadable that it is in.
    private static void CheckDepth(SandboxSpec spec)
    {
        using var bytes = new MemoryStream(spec.ToByteArray());
        using var limited = CodedInputStream.CreateWithLimits(bytes, int.MaxValue, MaxDepth);
        try
        {
            _ = SandboxSpec.Parser.ParseFrom(limited);
        }
        catch (InvalidProtocolBufferException)
        {
            throw GrpcErrors.InvalidField("spec", $"the spec is nested deeper than {MaxDepth} levels");
        }
    }
}
