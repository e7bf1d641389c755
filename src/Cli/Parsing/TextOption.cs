using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>An option with a value that is taken as it is.</summary>
internal sealed class TextOption : Option<string>
{
    public TextOption(string name, string description, string helpName, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        HelpName = helpName;
    }
}
