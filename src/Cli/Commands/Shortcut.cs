using System.CommandLine;

namespace OpenShell.Cli.Commands;

/// <summary>A command under a second, shorter path: the same arguments, options, checks and action.</summary>
internal static class Shortcut
{
    /// <param name="name">Of the subcommand of <paramref name="group"/>.</param>
    /// <param name="word">What it is called here, too.</param>
    public static Command To(Command group, string name, string word, params string[] aliases)
    {
        var target = group.Subcommands.Single(command => command.Name == name);
        var shortcut = new Command(word, $"{target.Description} (as {group.Name} {name})") { Action = target.Action };
        foreach (var alias in aliases)
        {
            shortcut.Aliases.Add(alias);
        }

        foreach (var argument in target.Arguments)
        {
            shortcut.Arguments.Add(argument);
        }

        foreach (var option in target.Options)
        {
            shortcut.Options.Add(option);
        }

        shortcut.Validators.AddRange(target.Validators);
        return shortcut;
    }
}
