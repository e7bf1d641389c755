using System.CommandLine;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>Makes options that an environment variable can stand in for.</summary>
internal static class EnvironmentOption
{
    /// <param name="name">The option, such as "--state-dir"; its variable is then OPENSHELL_VM_STATE_DIR.</param>
    /// <param name="description">For --help.</param>
    /// <param name="standard">The value when neither is given; null: there is none.</param>
    public static Option<string?> Create(string name, string description, string? standard = null)
    {
        var variable = "OPENSHELL_VM_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
        return new Option<string?>(name)
        {
            Description = $"{description} [{variable}]",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : standard,
            HelpName = "value",
        };
    }
}
