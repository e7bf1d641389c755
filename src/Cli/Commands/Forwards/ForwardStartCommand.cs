using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward start [NAME] SPEC…</c>.</summary>
internal sealed class ForwardStartCommand : CliCommand
{
    // Said by this program to itself.
    private const string BackgroundRun = "--background-run";

    private readonly GatewayConnector _connector;
    private readonly Argument<string[]> _words;
    private readonly TextOption _nameOption = new("--name", "Name of the sandbox", "NAME", "-n");
    private readonly Flag _detach = new("--detach", "Go on in the background once it is ready; see: openshell forward list", "-d", "--background");
    private readonly Flag _background = new(BackgroundRun, "This is the run that goes on in the background") { Hidden = true };
    private readonly OutputOption _output = new();

    public ForwardStartCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("start", "Listen on local ports and forward connections to ports of a sandbox, until interrupted", context)
    {
        _connector = connector;
        _words = new Argument<string[]>("SPEC")
        {
            Description = "[BIND:]PORT:[HOST:]PORT, or PORT alone for the same port on both sides; local port 0 takes a free one. "
                + "A word that is no port is the NAME of the sandbox [default: the last one used]",
            Arity = ArgumentArity.OneOrMore,
        };
        _words.CompletionSources.Add(context => names.List(context.ParseResult));
        _nameOption.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_words);
        Options.Add(_nameOption);
        Options.Add(_detach);
        Options.Add(_background);
        Options.Add(_output);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        (var name, var specs) = Split(parsed);
        var background = parsed.GetValue(_background);
        if (background)
        {
            _ = CurrentProcess.NewSession();
        }
        else
        {
            WarnOfOthers(specs);
        }

        return _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, name, cancellationToken);
            if (parsed.GetValue(_detach) && !background)
            {
                return await new DetachedForward(Context).StartAsync(BackgroundArguments(parsed, connection.Target, sandbox), cancellationToken);
            }

            var run = new ForwardRun(Context, connection, sandbox, background);
            await run.RunAsync(specs, GatewayKey.Of(connection.Target), ports => SayReadyAsync(parsed, sandbox, ports), cancellationToken);
            return ExitCodes.Ok;
        });
    }

    private (string? Name, List<ForwardSpec> Specs) Split(ParseResult parsed)
    {
        var name = parsed.GetValue(_nameOption);
        List<ForwardSpec> specs = [];
        foreach (var word in parsed.GetValue(_words) ?? [])
        {
            if (!ForwardSpec.LooksLikeOne(word))
            {
                name = name is null
                    ? word
                    : throw new CliException(CliError.Usage($"two sandboxes, '{name}' and '{word}': forward to one at a time"));
            }
            else
            {
                specs.Add(ForwardSpec.TryParse(word, out var spec, out var error) ? spec : throw new CliException(CliError.Usage(error)));
            }
        }

        return specs.Count > 0 ? (name, specs) : throw new CliException(CliError.Usage("give a port to forward: openshell forward start NAME 8080"));
    }

    private void WarnOfOthers(List<ForwardSpec> specs)
    {
        foreach (var spec in specs.Where(spec => !System.Net.IPAddress.IsLoopback(spec.Bind)))
        {
            var warning = Context.ErrorPalette.Warn("warning:");
            Context.Console.Error.WriteLine(
                $"{warning} {spec.Bind}:{spec.LocalPort} is not only on this machine: whoever reaches it gets into the sandbox");
        }
    }

    private List<string> BackgroundArguments(ParseResult parsed, GatewayTarget target, Sandbox sandbox) =>
    [
        "forward", "start", .. _connector.OptionsFor(parsed, target), BackgroundRun, "--output", _output.Of(parsed).ToString().ToLowerInvariant(),
        "--name", sandbox.Metadata.Name, .. (parsed.GetValue(_words) ?? []).Where(ForwardSpec.LooksLikeOne),
    ];

    private async Task SayReadyAsync(ParseResult parsed, Sandbox sandbox, IReadOnlyList<(ForwardPorts Ports, string? Silent)> probed)
    {
        var format = _output.Of(parsed);
        foreach ((var ports, var silent) in probed.Where(_ => format == OutputFormat.Table))
        {
            var process = parsed.GetValue(_background)
                ? $" (process {Environment.ProcessId}; end it with: openshell forward stop {ports.LocalPort})"
                : "";
            await Context.Console.Out.WriteLineAsync($"Forwarding {ports.Local} -> {sandbox.Metadata.Name} {ports.Remote}{process}");
            if (silent is not null)
            {
                await Context.Console.Error.WriteLineAsync(
                    $"Nothing listens on {ports.Remote} of the sandbox yet; connections work as soon as something does");
            }
        }

        if (format != OutputFormat.Table)
        {
            var documents = probed.Select(p =>
                ForwardView.Document(p.Ports, sandbox.Metadata.Name, Environment.ProcessId, answers: p.Silent is null));
            DocumentWriter.Write(Context.Console.Out, new JsonArray([.. documents]), format);
        }

        if (parsed.GetValue(_background))
        {
            await Context.Console.OutStream.WriteAsync(new[] { DetachedForward.ReadyMark });
            CurrentProcess.DetachStandardStreams(new ForwardStore(Context.Environment).LogPath(Environment.ProcessId));
        }
    }
}
