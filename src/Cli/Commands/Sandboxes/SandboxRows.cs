using System.Globalization;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>Sandboxes as rows of a table.</summary>
/// <param name="withWorkspace">They may be of several workspaces.</param>
internal sealed class SandboxRows(CliContext context, bool withWorkspace)
{
    private const int LongestCommand = 40;

    /// <summary>A table without rows.</summary>
    public TextTable NewTable()
    {
        string[] place = withWorkspace ? ["NAME", "WORKSPACE"] : ["NAME"];
        return new TextTable([.. place, "PHASE", "AGE", "RESTARTS", "IMAGE", "COMMAND", "REASON"])
            .Style(place.Length, phase => PhaseText.Styled(phase, context.OutPalette));
    }

    public TextTable Table(IEnumerable<Sandbox> sandboxes)
    {
        var table = NewTable();
        foreach (var sandbox in sandboxes)
        {
            table.Add(Of(sandbox, PhaseText.Of(sandbox)));
        }

        return table;
    }

    /// <param name="phase">In the place of its own.</param>
    public string[] Of(Sandbox sandbox, string phase)
    {
        string[] place = withWorkspace ? [sandbox.Metadata.Name, sandbox.Metadata.Workspace] : [sandbox.Metadata.Name];
        return
        [
            .. place,
            phase,
            AgeText.Of(sandbox.Metadata.CreatedTime, context.Time.GetUtcNow()),
            (sandbox.Status?.RestartCount ?? 0).ToString(CultureInfo.InvariantCulture),
            SandboxView.Image(sandbox),
            Cut(SandboxView.Command(sandbox)),
            Reason(sandbox),
        ];
    }

    private static string Cut(string command) => command.Length <= LongestCommand ? command : command[..(LongestCommand - 1)] + "…";

    private static string Reason(Sandbox sandbox)
    {
        var reason = PhaseText.Reason(sandbox);
        return sandbox.Status is { HasExitCode: true, Phase: SandboxPhase.Error, ExitCode: var code }
            ? $"{(reason.Length > 0 ? reason : "MainProcessFailed")} ({code})"
            : reason;
    }
}
