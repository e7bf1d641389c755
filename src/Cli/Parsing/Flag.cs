using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>An option without a value.</summary>
internal sealed class Flag : Option<bool>
{
    public Flag(string name, string description, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        Arity = ArgumentArity.Zero;
    }
}
