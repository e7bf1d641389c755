using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Policies;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>The options of <c>create</c> that describe the sandbox.</summary>
internal sealed class SandboxSpecOptions
{
    private readonly TextOption _name = new("--name", "Name of the sandbox [default: two words]", "NAME");
    private readonly TextOption _image = new("--from", "Image [default: the gateway's]", "IMAGE", "--image");
    private readonly ChoiceOption _restart = new(
        "--restart-policy", "Whether the main process is started again when it has ended [default: never]", "POLICY", RestartPolicies.Words);

    private readonly EnvironmentOption _env = new("Environment variable of every process in it");
    private readonly PairsOption _label = new("--label", "Label to find it by (repeatable)");
    private readonly TextOption _cpu = new("--cpu", "Processors, as 2 or 500m", "COUNT");
    private readonly TextOption _memory = new("--memory", "Memory, as 512Mi or 2Gi", "SIZE");
    private readonly TextOption _disk = new("--disk", "Writable disk, as 4Gi", "SIZE");

    private readonly TextOption _policy = new("--policy", "YAML file that says what its processes may do", "FILE");

    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_image);
        command.Options.Add(_env);
        command.Options.Add(_label);
        command.Options.Add(_cpu);
        command.Options.Add(_memory);
        command.Options.Add(_disk);
        command.Options.Add(_policy);
        command.Options.Add(_restart);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_image) is { } image && (IsArchive(image) || Directory.Exists(image)))
            {
                result.AddError(
                    $"--from takes the name of an image that the gateway has; '{image}' is a file or directory, which cannot be sent to it");
            }
        });
    }

    /// <param name="warn">Receives what was asked for and has no effect.</param>
    /// <exception cref="CliException">The policy is none.</exception>
    public CreateSandboxRequest Request(ParseResult parsed, CliEnvironment environment, Action<string> warn)
    {
        var request = new CreateSandboxRequest
        {
            Name = parsed.GetValue(_name) ?? "",
            Spec = new SandboxSpec
            {
                Template = new SandboxTemplate { Image = parsed.GetValue(_image) ?? "" },
                RestartPolicy = RestartPolicies.Parse(_restart.Of(parsed)),
            },
        };
        if (Resources(parsed) is { } resources)
        {
            request.Spec.Template.Resources = resources;
        }

        if (parsed.GetValue(_policy) is { } policy)
        {
            request.Spec.Policy = PolicyFile.Read(policy, warn);
        }

        foreach ((var key, var value) in _env.Of(parsed, environment))
        {
            request.Spec.Environment[key] = value;
        }

        foreach ((var key, var value) in _label.Of(parsed))
        {
            request.Labels[key] = value;
        }

        return request;
    }

    // A microVM gets exactly what it asks for, so request and limit are the same.
    private Struct? Resources(ParseResult parsed)
    {
        var requests = new Struct();
        var limits = new Struct();
        Set("cpu", parsed.GetValue(_cpu), requests, limits);
        Set("memory", parsed.GetValue(_memory), requests, limits);
        Set("ephemeral-storage", parsed.GetValue(_disk), limits);
        var resources = new Struct();
        if (requests.Fields.Count > 0)
        {
            resources.Fields["requests"] = Value.ForStruct(requests);
        }

        if (limits.Fields.Count > 0)
        {
            resources.Fields["limits"] = Value.ForStruct(limits);
        }

        return resources.Fields.Count > 0 ? resources : null;
    }

    private static bool IsArchive(string image) =>
        image.EndsWith(".tar", StringComparison.Ordinal) || image.EndsWith(".tar.gz", StringComparison.Ordinal)
        || image.EndsWith(".tgz", StringComparison.Ordinal);

    private static void Set(string key, string? value, params Struct[] targets)
    {
        foreach (var target in value is null ? [] : targets)
        {
            target.Fields[key] = Value.ForString(value);
        }
    }
}
