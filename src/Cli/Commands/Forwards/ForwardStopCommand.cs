using System.CommandLine;
using System.Globalization;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Text;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary>
/// <c>openshell forward stop PORT|NAME… | --all</c>. A port stops the whole run that listens on it; a port and a name stop it
/// only if it is of that sandbox.
/// </summary>
internal sealed class ForwardStopCommand : CliCommand
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly Argument<string[]> _words =
        new("PORT|NAME")
        {
            Description = "Local ports, names of sandboxes, or both: then those ports of those sandboxes",
            Arity = ArgumentArity.ZeroOrMore,
        };
    private readonly Flag _all = new("--all", "Stop every forward");

    public ForwardStopCommand(CliContext context)
        : base("stop", "Stop forwards", context)
    {
        _words.CompletionSources.Add(_ => new ForwardStore(context.Environment).List().SelectMany(Words).Distinct());
        Arguments.Add(_words);
        Options.Add(_all);
        Validators.Add(result =>
        {
            var named = result.GetValue(_words) is { Length: > 0 };
            if (named == result.GetValue(_all))
            {
                result.AddError(named ? "give ports or names, or --all, not both" : "give local ports or names of sandboxes, or --all");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var running = new ForwardStore(Context.Environment).List();
        var words = parsed.GetValue(_words) ?? [];
        var result = ExitCodes.Ok;
        bool IsMeant(ForwardRecord record) => parsed.GetValue(_all) || words.Length > 0 && Means(words, record);
        foreach (var word in words.Where(word => !running.Any(record => IsMeant(record) && Words(record).Contains(word))))
        {
            await WarnAsync($"No forward of {SafeText.OneLine(word)} runs");
            result = ExitCodes.NotFound;
        }

        foreach (var record in running.Where(IsMeant))
        {
            result = await StopAsync(record) ? result : ExitCodes.Failed;
        }

        return result;
    }

    private static bool Means(string[] words, ForwardRecord record)
    {
        var byKind = words.ToLookup(word => word.All(char.IsAsciiDigit));
        return (!byKind[true].Any() || byKind[true].Intersect(Words(record)).Any())
            && (!byKind[false].Any() || byKind[false].Contains(record.Sandbox));
    }

    private static IEnumerable<string> Words(ForwardRecord record) =>
        record.Ports.Select(ports => ports.LocalPort.ToString(CultureInfo.InvariantCulture)).Append(record.Sandbox);

    private async Task<bool> StopAsync(ForwardRecord record)
    {
        using var process = new ProcessStart(record.Boot, record.StartTicks).TryOpen(record.Pid);
        process?.TrySignal(Signals.Terminate);
        if (process?.WaitForEnd(EndTimeout) is false)
        {
            await Context.Console.Error.WriteLineAsync(
                $"{Context.ErrorPalette.Bad("✗")} The forward of sandbox {record.Sandbox} (process {record.Pid}) does not end");
            return false;
        }

        await DoneAsync($"Stopped {string.Join(", ", record.Ports.Select(ports => ports.Local))} -> {record.Sandbox}");
        return true;
    }
}
