using System.Text;
using Google.Protobuf;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Checks a CreateSandboxRequest before anything is made. Limits are those of OpenShell's gateway.</summary>
internal static class CreateSandboxValidator
{
    private const int MaxMapEntries = 128;
    private const int MaxKeyBytes = 256;
    private const int MaxValueBytes = 8192;
    private const int MaxEnvironmentBytes = 256 * 1024;
    private const int MaxMainArguments = 256;
    private const int MaxTemplateString = 1024;
    private const int MaxDepth = 80;

    public static void Check(CreateSandboxRequest request)
    {
        if (request.Name.Length > 0 && SandboxNames.Check(request.Name) is { } wrong)
        {
            throw GrpcErrors.InvalidArgument(wrong);
        }

        CheckMap("labels", request.Labels);
        CheckMap("annotations", request.Annotations);
        CheckSpec(request.Spec ?? throw GrpcErrors.InvalidArgument("spec is required"));
    }

    private static void CheckSpec(SandboxSpec spec)
    {
        CheckDepth(spec);
        CheckMap("environment", spec.Environment);
        RequestLimits.CheckEnvironment(spec.Environment, MaxValueBytes);
        RequestLimits.CheckArguments(spec.Command, MaxMainArguments);
        if (spec.Command is [{ Length: 0 }, ..])
        {
            throw GrpcErrors.InvalidArgument("the first element of command is empty");
        }

        if (spec.Environment.Sum(e => Encoding.UTF8.GetByteCount(e.Key) + Encoding.UTF8.GetByteCount(e.Value)) > MaxEnvironmentBytes)
        {
            throw GrpcErrors.InvalidArgument($"environment exceeds {MaxEnvironmentBytes} bytes in all");
        }

        if (spec.Policy is { } policy)
        {
            PolicyValidator.Check(policy);
        }

        if (spec.Template is { } template)
        {
            if (template.Image.Length > MaxTemplateString)
            {
                throw GrpcErrors.InvalidArgument($"template.image exceeds {MaxTemplateString} characters");
            }

            CheckMap("template.labels", template.Labels);
            CheckMap("template.annotations", template.Annotations);
            CheckMap("template.environment", template.Environment);
            RequestLimits.CheckEnvironment(template.Environment, MaxValueBytes);
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
            throw GrpcErrors.InvalidArgument($"the spec is nested deeper than {MaxDepth} levels");
        }
    }

    private static void CheckMap(string what, IReadOnlyCollection<KeyValuePair<string, string>> map)
    {
        if (map.Count > MaxMapEntries)
        {
            throw GrpcErrors.InvalidArgument($"{what} has {map.Count} entries; at most {MaxMapEntries} are allowed");
        }

        foreach (var (key, value) in map)
        {
            if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > MaxKeyBytes)
            {
                throw GrpcErrors.InvalidArgument($"a key of {what} is empty or exceeds {MaxKeyBytes} bytes");
            }

            if (Encoding.UTF8.GetByteCount(value) > MaxValueBytes)
            {
                throw GrpcErrors.InvalidArgument($"the value of '{key}' in {what} exceeds {MaxValueBytes} bytes");
            }
        }
    }
}
