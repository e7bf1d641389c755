using OpenShell.Cli.Context;
using OpenShell.Protocol.Sandbox.V1;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenShell.Cli.Policies;

/// <summary>
/// A policy as people write it: YAML with <c>version</c>, <c>filesystem_policy</c>, <c>landlock</c>, <c>process</c> and
/// <c>network_policies</c>. What the values may be is checked by the gateway; here, that every key is known.
/// </summary>
internal static class PolicyFile
{
    private const uint KnownVersion = 1;
    private const int MaxBytes = 256 * 1024;

    /// <param name="warn">Receives what of the file has no effect.</param>
    /// <exception cref="CliException">It cannot be read, or is no policy; the message names the file and the line.</exception>
    public static SandboxPolicy Read(string path, Action<string> warn)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                throw new CliException(CliError.Usage($"{path} has more than {MaxBytes} bytes: that is no policy"));
            }

            return Parse(new StringReader(File.ReadAllText(path)), text => warn($"{path}: {text}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(CliError.Usage($"the policy {path} cannot be read: {e.Message}"), e);
        }
        catch (YamlException e)
        {
            throw new CliException(CliError.Usage($"{path}, line {e.Start.Line}: {e.Message}"), e);
        }
    }

    private static SandboxPolicy Parse(TextReader text, Action<string> warn)
    {
        var stream = new YamlStream();
        stream.Load(text);
        if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            throw new YamlException(Mark.Empty, Mark.Empty, "a policy is one YAML mapping");
        }

        var policy = new SandboxPolicy();
        foreach ((var key, var value) in new PolicyMapping("the policy", root).Entries)
        {
            switch (key)
            {
                case "version":
                    policy.Version = PolicyValue.Number(key, value);
                    break;
                case "filesystem_policy" or "filesystem":
                    policy.Filesystem = Filesystem(PolicyMapping.Of(key, value));
                    break;
                case "landlock":
                    policy.Landlock = Landlock(PolicyMapping.Of(key, value));
                    break;
                case "process":
                    policy.Process = Process(PolicyMapping.Of(key, value));
                    break;
                case "network_policies":
                    if (PolicyMapping.Of(key, value).Entries.Any())
                    {
                        warn("network_policies are not enforced yet: the sandbox reaches nothing at all");
                    }

                    break;
                default:
                    throw PolicyMapping.Unknown("the policy", key, value);
            }
        }

        return policy.Version == KnownVersion
            ? policy
            : throw new YamlException(root.Start, root.End, $"version is {KnownVersion}, not {policy.Version}");
    }

    private static FilesystemPolicy Filesystem(PolicyMapping mapping)
    {
        var filesystem = new FilesystemPolicy();
        foreach ((var key, var value) in mapping.Entries)
        {
            switch (key)
            {
                case "include_workdir":
                    filesystem.IncludeWorkdir = PolicyValue.Flag(key, value);
                    break;
                case "read_only":
                    filesystem.ReadOnly.Add(PolicyValue.Texts(key, value));
                    break;
                case "read_write":
                    filesystem.ReadWrite.Add(PolicyValue.Texts(key, value));
                    break;
                default:
                    throw PolicyMapping.Unknown(mapping.Name, key, value);
            }
        }

        return filesystem;
    }

    private static LandlockPolicy Landlock(PolicyMapping mapping)
    {
        var landlock = new LandlockPolicy();
        foreach ((var key, var value) in mapping.Entries)
        {
            landlock.Compatibility = key == "compatibility" ? PolicyValue.Text(key, value) : throw PolicyMapping.Unknown(mapping.Name, key, value);
        }

        return landlock;
    }

    private static ProcessPolicy Process(PolicyMapping mapping)
    {
        var process = new ProcessPolicy();
        foreach ((var key, var value) in mapping.Entries)
        {
            switch (key)
            {
                case "run_as_user":
                    process.RunAsUser = PolicyValue.Text(key, value);
                    break;
                case "run_as_group":
                    process.RunAsGroup = PolicyValue.Text(key, value);
                    break;
                default:
                    throw PolicyMapping.Unknown(mapping.Name, key, value);
            }
        }

        return process;
    }
}
