using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Output;

/// <summary>Colours of one output stream: none unless it is a terminal and NO_COLOR is absent.</summary>
internal sealed class Palette(bool enabled)
{
    private const string Reset = "\e[0m";

    public bool Enabled => enabled;

    public static Palette ForOut(CliHost host) => new(host.Console.OutIsTerminal && !host.Environment.NoColor);

    public static Palette ForError(CliHost host) => new(host.Console.ErrorIsTerminal && !host.Environment.NoColor);

    public string Bold(string text) => Wrap("\e[1m", text);

    public string Good(string text) => Wrap("\e[32m", text);

    public string Bad(string text) => Wrap("\e[31m", text);

    public string Warn(string text) => Wrap("\e[33m", text);

    public string Dim(string text) => Wrap("\e[2m", text);

    private string Wrap(string start, string text) => enabled ? start + text + Reset : text;
}
