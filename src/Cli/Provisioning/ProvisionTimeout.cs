using System.Globalization;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Provisioning;

/// <summary>Longest time without progress while a sandbox comes up, goes down or comes back.</summary>
internal static class ProvisionTimeout
{
    // A first boot may convert a large image under software emulation.
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(300);

    /// <exception cref="CliException">OPENSHELL_PROVISION_TIMEOUT is no number of seconds.</exception>
    public static TimeSpan Of(CliEnvironment environment)
    {
        if (environment.ProvisionTimeout is not { } text)
        {
            return Default;
        }

        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new CliException(CliError.Usage($"OPENSHELL_PROVISION_TIMEOUT is '{text}'; it has to be whole seconds from 1 to 86400"));
    }
}
