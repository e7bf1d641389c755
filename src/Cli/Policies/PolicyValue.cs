using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenShell.Cli.Policies;

/// <summary>Values of a policy file.</summary>
internal static class PolicyValue
{
    /// <exception cref="YamlException">It is no text.</exception>
    public static string Text(string name, YamlNode node) =>
        node is YamlScalarNode { Value: { } value } ? value : throw Wrong(name, node, "a text");

    /// <exception cref="YamlException">It is no number.</exception>
    public static uint Number(string name, YamlNode node) =>
        uint.TryParse(Text(name, node), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Wrong(name, node, "a whole number from 0");

    /// <exception cref="YamlException">It is neither true nor false.</exception>
    public static bool Flag(string name, YamlNode node) => Text(name, node) switch
    {
        "true" or "True" => true,
        "false" or "False" => false,
        _ => throw Wrong(name, node, "true or false"),
    };

    /// <exception cref="YamlException">It is no list of texts.</exception>
    public static IEnumerable<string> Texts(string name, YamlNode node) => node switch
    {
        YamlSequenceNode list => list.Children.Select(item => Text(name, item)),
        YamlScalarNode { Value: null or "" or "null" or "~" } => [],
        _ => throw Wrong(name, node, "a list"),
    };

    private static YamlException Wrong(string name, YamlNode node, string wanted) => new(node.Start, node.End, $"{name} is {wanted}");
}
