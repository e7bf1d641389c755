using System.Text;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;
using Enum = System.Enum;

namespace OpenShell.Gateway.Services;

/// <summary>Checks the spec of a sandbox that is to be made: sizes, then providers, then its policy.</summary>
internal static class SandboxSpecValidator
{
    private const int MaxProviders = 32;
    private const int MaxLogLevel = 32;
    private const int MaxMapEntries = 128;
    private const int MaxKeyBytes = 256;
    private const int MaxValueBytes = 8192;
    private const int MaxEnvironmentBytes = 256 * 1024;
    private const int MaxMainArguments = 256;
    private const int MaxCommandBytes = 256 * 1024;
    private const int MaxTemplateString = 1024;
    private const int MaxStructBytes = 65_536;

    // What of Kubernetes' shape is honoured: Compute/DriverMapping.
    private static readonly Dictionary<string, string[]> KnownResources = new(StringComparer.Ordinal)
    {
        ["requests"] = ["cpu", "memory"],
        ["limits"] = ["cpu", "memory", "ephemeral-storage"],
    };

    /// <exception cref="RpcException">What is wrong with it.</exception>
    public static void Check(SandboxSpec spec)
    {
        RequestLimits.CheckCount("providers list", "spec.providers", spec.Providers.Count, MaxProviders);
        RequestLimits.CheckLength("log_level", "spec.log_level", spec.LogLevel, MaxLogLevel);
        CheckEnvironment("spec.environment", spec.Environment);
        if (spec.Template is { } template)
        {
            CheckTemplate(template);
        }

        if (spec.ResourceRequirements?.Gpu is { HasCount: true, Count: 0 })
        {
            throw GrpcErrors.InvalidField("spec.resource_requirements.gpu.count", "gpu count must be greater than 0");
        }

        CheckCommand(spec.Command);
        if (!Enum.IsDefined(spec.RestartPolicy))
        {
            throw GrpcErrors.InvalidField("spec.restart_policy", $"spec.restart_policy {(int)spec.RestartPolicy} is not known to this gateway");
        }

        // There are none yet.
        if (spec.Providers.FirstOrDefault() is { } provider)
        {
            throw new Failure(FailureKind.FailedPrecondition, $"provider '{provider}' not found").ToException();
        }

        if (spec.Policy is { } policy)
        {
            PolicyValidator.Check(policy);
        }
    }

    /// <summary>The refusal of a field that asks for something that this gateway does not do.</summary>
    public static RpcException NotSupported(string field, string why) =>
        GrpcErrors.InvalidField(field, $"{field} is not supported by this gateway: {why}");

    private static void CheckCommand(RepeatedField<string> command)
    {
        const string Field = "spec.command";
        RequestLimits.CheckArguments(command, MaxMainArguments, Field);
        if (command is [{ Length: 0 }, ..])
        {
            throw GrpcErrors.InvalidField(Field, "spec.command[0] must not be empty");
        }

        if (command.Sum(Encoding.UTF8.GetByteCount) is var bytes and > MaxCommandBytes)
        {
            throw GrpcErrors.InvalidField(Field, $"spec.command exceeds maximum total size ({bytes} > {MaxCommandBytes})");
        }
    }

    private static void CheckTemplate(SandboxTemplate template)
    {
        const string Path = "spec.template.";
        RequestLimits.CheckLength("template.image", Path + "image", template.Image, MaxTemplateString);
        RequestLimits.CheckLength("template.runtime_class_name", Path + "runtime_class_name", template.RuntimeClassName, MaxTemplateString);
        RequestLimits.CheckLength("template.agent_socket", Path + "agent_socket", template.AgentSocket, MaxTemplateString);
        CheckMap("template.labels", template.Labels);
        CheckMap("template.annotations", template.Annotations);
        CheckEnvironment("spec.template.environment", template.Environment);
        RequestLimits.CheckSize("template.resources", Path + "resources", template.Resources, MaxStructBytes);
        RequestLimits.CheckSize("template.driver_config", Path + "driver_config", template.DriverConfig, MaxStructBytes);
        if (template.RuntimeClassName.Length > 0)
        {
            throw NotSupported(Path + "runtime_class_name", "its sandboxes are microVMs, which have no runtime classes");
        }

        if (template.AgentSocket.Length > 0)
        {
            throw NotSupported(Path + "agent_socket", "it has no agent sockets");
        }

        if (template is { HasUserNamespaces: true, UserNamespaces: true })
        {
            throw NotSupported(Path + "user_namespaces", "a microVM has a kernel of its own, which separates its users already");
        }

        CheckResources(template.Resources);
        CheckDriverConfig(template.DriverConfig);
    }

    private static void CheckDriverConfig(Struct? config)
    {
        const string Field = "spec.template.driver_config";
        const string RootfsTar = "rootfs_tar_path";
        foreach (var (driver, value) in config?.Fields ?? [])
        {
            if (value.StructValue?.Fields.ContainsKey(RootfsTar) == true)
            {
                throw GrpcErrors.InvalidField(
                    $"{Field}.{driver}.{RootfsTar}", $"driver_config.{driver}.{RootfsTar} is set by the gateway and may not be given");
            }
        }

        if (config?.Fields.Count > 0)
        {
            throw NotSupported(Field, "callers may not configure the driver");
        }
    }

    private static void CheckResources(Struct? resources)
    {
        foreach (var (group, value) in resources?.Fields ?? [])
        {
            if (!KnownResources.TryGetValue(group, out var known) || value.KindCase != Value.KindOneofCase.StructValue)
            {
                throw NotSupported($"spec.template.resources.{group}", "resources has the maps requests and limits");
            }

            foreach (var (name, quantity) in value.StructValue.Fields)
            {
                var field = $"spec.template.resources.{group}.{name}";
                if (!known.Contains(name))
                {
                    throw NotSupported(field, $"{group} has {string.Join(", ", known)}");
                }

                if (quantity.KindCase is not (Value.KindOneofCase.StringValue or Value.KindOneofCase.NumberValue))
                {
                    throw GrpcErrors.InvalidField(field, $"{field} must be a string such as \"2Gi\", or a number");
                }
            }
        }
    }

    private static void CheckEnvironment(string field, MapField<string, string> environment)
    {
        CheckEntries(field, field, environment);
        RequestLimits.CheckEnvironmentNames(environment, field);
        RequestLimits.CheckReservedNames(environment, field);
        RequestLimits.CheckEnvironmentValues(environment, MaxValueBytes, field);
        if (environment.Sum(e => Encoding.UTF8.GetByteCount(e.Key) + Encoding.UTF8.GetByteCount(e.Value)) is var bytes and > MaxEnvironmentBytes)
        {
            throw GrpcErrors.InvalidField(field, $"{field} exceeds maximum total size ({bytes} > {MaxEnvironmentBytes})");
        }
    }

    private static void CheckMap(string what, MapField<string, string> map)
    {
        var field = $"spec.{what}";
        CheckEntries(what, field, map);
        foreach (var (key, value) in map)
        {
            RequestLimits.CheckLength($"{what} value of '{key}'", field, value, MaxValueBytes);
        }
    }

    private static void CheckEntries(string what, string field, MapField<string, string> map)
    {
        RequestLimits.CheckCount($"{what} entries", field, map.Count, MaxMapEntries);
        foreach (var key in map.Keys)
        {
            if (key.Length == 0)
            {
                throw GrpcErrors.InvalidField(field, $"{what} key must not be empty");
            }

            RequestLimits.CheckLength($"{what} key", field, key, MaxKeyBytes);
        }
    }
}
