using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary><c>openshell logs NAME</c>: what the gateway keeps of a sandbox's log, and with --tail what comes.</summary>
internal sealed class LogsCommand : ConnectedCommand
{
    private const uint DefaultLines = 200;
    private const string AllSources = "all";

    private readonly SandboxNameArgument _name;
    private readonly CountOption _lines = new("--lines", "Most lines to begin with; 0 is the gateway's default [default: 200]", "LINES");
    private readonly Flag _tail =
        new("--tail", "Go on with the lines that come, until the sandbox is deleted; a stream that breaks is opened again", "-f", "--follow");
    private readonly DurationOption _since = new("--since", "Only lines of the last DURATION: 30s, 5m, 2h, 1d");
    private readonly ChoicesOption _source = new(
        "--source",
        "Who wrote the lines; main is the output of the main process (repeatable)",
        "SOURCE",
        AllSources,
        LogSources.Gateway,
        LogSources.Sandbox,
        LogSources.Main);
    private readonly ChoiceOption _level = new("--level", "Least important level to show", "LEVEL", "error", "warn", "info", "debug", "trace");
    private readonly OutputOption _output = new();

    public LogsCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("logs", "Show the log of a sandbox", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        _lines.Aliases.Add("-n");
        Arguments.Add(_name);
        Options.Add(_lines);
        Options.Add(_tail);
        Options.Add(_since);
        Options.Add(_source);
        Options.Add(_level);
        Options.Add(_output);
        Validators.Add(result =>
        {
            if (result.GetValue(_tail) && result.GetValue(_output) == "yaml")
            {
                result.AddError("--follow prints table or json, one line each; yaml has no lines");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        if (parsed.GetValue(_tail))
        {
            await FollowAsync(parsed, connection, sandbox.Metadata, cancellationToken);
        }
        else
        {
            await PrintAsync(parsed, connection, sandbox.Metadata.Name, cancellationToken);
        }

        return ExitCodes.Ok;
    }

    private async Task PrintAsync(ParseResult parsed, GatewayConnection connection, string sandbox, CancellationToken cancellationToken)
    {
        var request = new GetSandboxLogsRequest
        {
            Sandbox = sandbox,
            WorkspaceScope = connection.Scope,
            Lines = _lines.Of(parsed, DefaultLines),
            SinceTime = Since(parsed),
            MinLevel = Level(parsed),
            Sources = { Sources(parsed) },
        };
        var response = await connection.Client.GetSandboxLogsAsync(request, connection.Unary(cancellationToken));
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            DocumentWriter.Write(Context.Console.Out, new JsonArray([.. response.Logs.Select(LogView.Document)]), format);
            return;
        }

        foreach (var line in response.Logs)
        {
            await Context.Console.Out.WriteLineAsync(LogView.Line(line, Context.Time.LocalTimeZone));
        }
    }

    private async Task FollowAsync(ParseResult parsed, GatewayConnection connection, ObjectMeta sandbox, CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest
        {
            Sandbox = sandbox.Name,
            WorkspaceScope = connection.Scope,
            FollowLogs = true,
            LogTailLines = _lines.Of(parsed, DefaultLines),
            SinceTime = Since(parsed),
            LogMinLevel = Level(parsed),
            LogSources = { Sources(parsed) },
        };
        var json = _output.Of(parsed) == OutputFormat.Json;
        await new LogFollower(Context, connection, request, sandbox.Id, Format).RunAsync(cancellationToken);

        string Format(SandboxLogLine line) =>
            json ? DocumentWriter.Compact(LogView.Document(line)) : LogView.Line(line, Context.Time.LocalTimeZone);
    }

    private Timestamp? Since(ParseResult parsed) =>
        _since.Of(parsed) is { } since ? Timestamp.FromDateTimeOffset(Context.Time.GetUtcNow() - since) : null;

    private string Level(ParseResult parsed) => _level.Of(parsed)?.ToUpperInvariant() ?? "";

    private string[] Sources(ParseResult parsed) => _source.Of(parsed) is var sources && sources.Contains(AllSources) ? [] : sources;
}
