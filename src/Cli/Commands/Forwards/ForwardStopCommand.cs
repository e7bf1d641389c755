using System.CommandLine;
using System.Globalization;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Native;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward stop PORT|NAME… | --all</c>. A port stops the whole run that listens on it.</summary>
internal sealed class ForwardStopCommand : CliCommand
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly Argument<string[]> _words = new("PORT|NAME") { Description = "Local ports, or names of sandboxes", Arity = ArgumentArity.ZeroOrMore };
    private readonly Flag _all = new("--all", "Stop every forward");

    public ForwardStopCommand(CliHost host)
        : base("stop", "Stop forwards", host)
    {
        _words.CompletionSources.Add(_ => new ForwardStore(host.Environment).List().SelectMany(Words).Distinct());
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
        var running = new ForwardStore(Host.Environment).List();
        var words = parsed.GetValue(_words) ?? [];
        var result = ExitCodes.Ok;
        foreach (var word in words.Where(word => !running.Any(record => Words(record).Contains(word))))
        {
            await Host.Console.Error.WriteLineAsync($"{Palette.ForError(Host).Warn("!")} No forward of {SafeText.OneLine(word)} runs");
            result = ExitCodes.NotFound;
        }

        foreach (var record in running.Where(record => parsed.GetValue(_all) || words.Intersect(Words(record)).Any()))
        {
            result = await StopAsync(record) ? result : ExitCodes.Failed;
        }

        return result;
    }

    private static IEnumerable<string> Words(ForwardRecord record) =>
        record.Ports.Select(ports => ports.LocalPort.ToString(CultureInfo.InvariantCulture)).Append(record.Sandbox);

    private async Task<bool> StopAsync(ForwardRecord record)
    {
        var palette = Palette.ForError(Host);
        using var process = ProcessHandle.Open(record.Pid, new ProcessStart(record.Boot, record.StartTicks));
        process?.Terminate();
        if (process?.WaitForEnd(EndTimeout) is false)
        {
            await Host.Console.Error.WriteLineAsync($"{palette.Bad("✗")} The forward of sandbox {record.Sandbox} (process {record.Pid}) does not end");
            return false;
        }

        await Host.Console.Error.WriteLineAsync($"{palette.Good("✓")} Stopped {string.Join(", ", record.Ports.Select(ports => ports.Local))} -> {record.Sandbox}");
        return true;
    }
}
