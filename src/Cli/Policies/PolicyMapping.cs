using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenShell.Cli.Policies;

/// <summary>A mapping of a policy file. The YAML library has refused keys that are there twice.</summary>
internal sealed class PolicyMapping(string name, YamlMappingNode node)
{
    public string Name => name;

    /// <exception cref="YamlException">A key is no plain word.</exception>
    public IEnumerable<(string Key, YamlNode Value)> Entries =>
        node.Children.Select(entry => (PolicyValue.Text($"a key of {name}", entry.Key), entry.Value));

    /// <summary>A key without anything behind it is an empty mapping.</summary>
    /// <exception cref="YamlException">It is something else.</exception>
    public static PolicyMapping Of(string name, YamlNode node) => node switch
    {
        YamlMappingNode mapping => new PolicyMapping(name, mapping),
        YamlScalarNode { Value: null or "" or "null" or "~" } => new PolicyMapping(name, []),
        _ => throw new YamlException(node.Start, node.End, $"{name} is a mapping of keys to values"),
    };

    public static YamlException Unknown(string name, string key, YamlNode value) =>
        new(value.Start, value.End, $"{name} has no key '{key}'");
}
