using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>
/// A list that goes on: on a terminal the table is drawn anew in its place; elsewhere each sandbox that has changed is printed,
/// as a row or as a document on one line. The phase of one that is gone is Deleted.
/// </summary>
internal sealed class SandboxListWatch(CliContext context, SandboxRows rows, OutputFormat format)
{
    private const string Gone = "Deleted";
    private const string ClearFromTop = "\e[H\e[2J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Sandbox> _known = new(StringComparer.Ordinal);
    private bool _began;

    /// <summary>Prints until cancelled.</summary>
    /// <param name="list">Asks the gateway.</param>
    public async Task RunAsync(Func<Task<IReadOnlyList<Sandbox>>> list, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, context.Time);
        do
        {
            Show(await list());
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private void Show(IReadOnlyList<Sandbox> sandboxes)
    {
        if (format == OutputFormat.Table && context.Console.OutIsTerminal)
        {
            Draw(sandboxes);
        }
        else
        {
            Print([.. Changes(sandboxes)]);
        }
    }

    private void Draw(IReadOnlyList<Sandbox> sandboxes)
    {
        using var text = new StringWriter();
        var table = rows.Table(sandboxes);
        if (table.IsEmpty)
        {
            text.WriteLine("No sandboxes found.");
        }
        else
        {
            table.Write(text, context.OutPalette);
        }

        context.Console.WriteFrame(ClearFromTop, text.ToString());
    }

    private IEnumerable<(Sandbox Sandbox, string Phase)> Changes(IReadOnlyList<Sandbox> sandboxes)
    {
        foreach (var sandbox in sandboxes)
        {
            if (!_known.TryGetValue(sandbox.Metadata.Id, out var known) || !known.Equals(sandbox))
            {
                _known[sandbox.Metadata.Id] = sandbox;
                yield return (sandbox, PhaseText.Of(sandbox));
            }
        }

        HashSet<string> present = [.. sandboxes.Select(sandbox => sandbox.Metadata.Id)];
        foreach (var gone in _known.Values.Where(sandbox => !present.Contains(sandbox.Metadata.Id)).ToList())
        {
            _known.Remove(gone.Metadata.Id);
            yield return (gone, Gone);
        }
    }

    private void Print(IReadOnlyList<(Sandbox Sandbox, string Phase)> changes)
    {
        if (format == OutputFormat.Json)
        {
            foreach ((var sandbox, var phase) in changes)
            {
                var document = SandboxView.Summary(sandbox);
                document["phase"] = phase;
                context.Console.Out.WriteLine(DocumentWriter.Compact(document));
            }
        }
        else if (changes.Count > 0)
        {
            var table = rows.NewTable();
            foreach ((var sandbox, var phase) in changes)
            {
                table.Add(rows.Of(sandbox, phase));
            }

            table.Write(context.Console.Out, context.OutPalette, withHeader: !_began);
            _began = true;
        }
    }
}
