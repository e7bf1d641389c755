using System.CommandLine;
using System.Text.Json.Nodes;
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

/// <summary>A command that listens on local ports and forwards connections into a sandbox, here or in the background.</summary>
internal abstract class ForwardRunCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly Flag _detach = new("--detach", "Go on in the background once it is ready; see: openshell forward list", "-d", "--background");
    private readonly Flag _background = new(DetachedForward.BackgroundRun, "This is the run that goes on in the background") { Hidden = true };
    private readonly OutputOption _output = new();

    protected ForwardRunCommand(string name, string description, CliContext context, GatewayConnector connector)
        : base(name, description, context)
    {
        _connector = connector;
        Options.Add(_detach);
        Options.Add(_background);
        Options.Add(_output);
    }

    /// <summary>What to forward: the name of the sandbox, or null for the last one used; and texts of <see cref="ForwardSpec"/>.</summary>
    /// <exception cref="CliException">Nothing is, or two sandboxes are named.</exception>
    protected abstract (string? Name, IReadOnlyList<string> Specs) Read(ParseResult parsed);

    protected sealed override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        (var name, var words) = Read(parsed);
        var specs = words
            .Select(word => ForwardSpec.TryParse(word, out var spec, out var error) ? spec : throw new CliException(CliError.Usage(error)))
            .ToList();
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
                var arguments = BackgroundArguments(parsed, connection.Target, sandbox, words);
                return await new DetachedForward(Context).StartAsync(arguments, cancellationToken);
            }

            var run = new ForwardRun(Context, connection, sandbox, background);
            await run.RunAsync(specs, GatewayKey.Of(connection.Target), ports => SayReadyAsync(parsed, sandbox, ports), cancellationToken);
            return ExitCodes.Ok;
        });
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

    private List<string> BackgroundArguments(ParseResult parsed, GatewayTarget target, Sandbox sandbox, IEnumerable<string> specs) =>
    [
        "forward", "start", .. _connector.OptionsFor(parsed, target), DetachedForward.BackgroundRun,
        "--output", _output.Of(parsed).ToString().ToLowerInvariant(),
        "--name", sandbox.Metadata.Name, .. specs,
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
