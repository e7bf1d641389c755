using System.Globalization;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>What <c>get</c> prints for people: "Label: value" lines, then conditions and events. <c>Phase: X</c> is parsed by others.</summary>
internal sealed class SandboxDetails(TextWriter output, Palette palette)
{
    private readonly DetailRows _rows = new(output, palette);

    public void Write(Sandbox sandbox, IReadOnlyList<PlatformEvent> events)
    {
        _rows.Add("Name", sandbox.Metadata.Name);
        _rows.Add("Id", sandbox.Metadata.Id);
        _rows.Add("Workspace", sandbox.Metadata.Workspace);
        _rows.Styled("Phase", PhaseText.Styled(PhaseText.Of(sandbox), palette));
        _rows.Add("Reason", PhaseText.Explanation(sandbox));
        WriteProcess(sandbox);
        _rows.Add("Created", TimeText.Text(sandbox.Metadata.CreatedTime));
        _rows.Add("Image", sandbox.Spec?.Template?.Image);
        _rows.Add("Environment", string.Join(", ", SandboxView.EnvironmentNames(sandbox)));
        _rows.Add("Labels", Labels.Text(sandbox.Metadata.Labels));
        _rows.Add("Host key", sandbox.HostKeyFingerprint);
        WriteConditions(sandbox);
        WriteEvents(events);
    }

    private void WriteProcess(Sandbox sandbox)
    {
        var policy = sandbox.Spec?.RestartPolicy ?? SandboxRestartPolicy.Unspecified;
        var count = sandbox.Status?.RestartCount ?? 0;
        _rows.Add("Command", sandbox.Spec is { Command.Count: > 0 } ? SandboxView.Command(sandbox) : "login shell");
        if (sandbox.Status is { HasExitCode: true } status)
        {
            _rows.Add("Exit code", status.ExitCode.ToString(CultureInfo.InvariantCulture));
        }

        _rows.Add("Started", TimeText.Text(sandbox.Status?.MainProcessStartedTime));
        _rows.Add("Restart policy", RestartPolicies.Text(policy));
        if (count > 0 || policy is SandboxRestartPolicy.OnFailure or SandboxRestartPolicy.Always)
        {
            _rows.Add("Restarts", count.ToString(CultureInfo.InvariantCulture));
        }

        _rows.Add("Next restart", TimeText.Text(sandbox.Status?.NextRestartTime));
    }

    private void WriteConditions(Sandbox sandbox)
    {
        var table = new TextTable("TYPE", "STATUS", "SINCE", "REASON", "MESSAGE");
        foreach (var condition in sandbox.Status?.Conditions ?? [])
        {
            table.Add(condition.Type, condition.Status, TimeText.Text(condition.TransitionTime) ?? "-", Word(condition.Reason), condition.Message);
        }

        WriteBlock("Conditions", table);
    }

    private void WriteEvents(IReadOnlyList<PlatformEvent> events)
    {
        var table = new TextTable("TIME", "TYPE", "REASON", "MESSAGE");
        foreach (var happened in events)
        {
            table.Add(TimeText.Text(happened.EventTime) ?? "-", Word(happened.Type), Word(happened.Reason), happened.Message);
        }

        WriteBlock("Events", table);
    }

    private void WriteBlock(string title, TextTable table)
    {
        if (!table.IsEmpty)
        {
            output.WriteLine($"{palette.Bold(title + ":")}");
            table.Write(output, palette, "  ");
        }
    }

    private static string Word(string text) => text.Length > 0 ? text : "-";
}
