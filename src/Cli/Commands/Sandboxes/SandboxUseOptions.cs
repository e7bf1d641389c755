using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>The options of <c>create</c> that say what happens once the sandbox is there, and which of them exclude each other.</summary>
internal sealed class SandboxUseOptions
{
    private readonly CommandWords _command =
        new("Main process of the sandbox [default: a login shell]; its exit code becomes this command's. Ctrl-P Ctrl-Q detaches");

    private readonly Flag _noWait = new("--no-wait", "Do not wait until it is ready");
    private readonly Flag _detach = new("--detach", "Leave the main process to itself; see: openshell sandbox attach", "-d", "--no-attach");
    private readonly Flag _remove = new("--no-keep", "Delete it when the main process has ended", "--rm");
    private readonly Option<string[]> _upload = new("--upload")
    {
        Description = "Copy this into it, into DEST or the home directory, before anything else (repeatable)",
        HelpName = "LOCAL[:DEST]",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Flag _noIgnore = new("--no-git-ignore", "Upload also what git ignores, and .git", "--no-ignore");
    private readonly ChoiceOption _editor = new("--editor", "Open an editor on it", "EDITOR", SandboxEditor.Names);
    private readonly TextOption _forward = new("--forward", "Forward this local port to the same port of it, in the background", "[BIND:]PORT");
    private readonly TtyOptions _tty = new();
    private readonly OutputOption _output = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_command);
        command.Options.Add(_upload);
        command.Options.Add(_noIgnore);
        command.Options.Add(_forward);
        command.Options.Add(_editor);
        command.Options.Add(_noWait);
        command.Options.Add(_detach);
        command.Options.Add(_remove);
        _tty.AddTo(command);
        command.Options.Add(_output);
        command.Validators.Add(Check);
    }

    public string[] Command(ParseResult parsed) => _command.Of(parsed, needsDashes: true);

    public bool NoWait(ParseResult parsed) => parsed.GetValue(_noWait);

    public bool Remove(ParseResult parsed) => parsed.GetValue(_remove);

    public bool Ignore(ParseResult parsed) => !parsed.GetValue(_noIgnore);

    public string? Editor(ParseResult parsed) => _editor.Of(parsed);

    public string? Forward(ParseResult parsed) => parsed.GetValue(_forward);

    public OutputFormat Format(ParseResult parsed) => _output.Of(parsed);

    /// <exception cref="CliException">One names nothing that is there.</exception>
    public IReadOnlyList<SandboxUpload> Uploads(ParseResult parsed) => [.. (parsed.GetValue(_upload) ?? []).Select(SandboxUpload.Parse)];

    /// <summary>
    /// Whether this command stays with the main process: with a command always, with a login shell only where someone can
    /// type; scripts that create a sandbox do not want to be in a shell.
    /// </summary>
    /// <exception cref="CliException">It does not, and what was asked for needs it.</exception>
    public bool Attaches(ParseResult parsed, CliConsole console)
    {
        var leaves = parsed.GetValue(_detach) || parsed.GetValue(_noWait) || Editor(parsed) is not null || Format(parsed) != OutputFormat.Table;
        var attaches = !leaves && (HasCommand(parsed.CommandResult) || (!_tty.IsRefused(parsed) && console.InputIsTerminal && console.OutIsTerminal));
        return attaches || !Remove(parsed) ? attaches : throw new CliException(CliError.Usage(
            "--no-keep needs a main process to wait for: a login shell on a terminal, or a command (--no-keep -- CMD…)"));
    }

    /// <summary>Whether the main process gets a terminal.</summary>
    public bool Tty(ParseResult parsed, bool attaches, CliConsole console) =>
        attaches ? _tty.Of(parsed, console) : _tty.IsAsked(parsed.CommandResult);

    private bool HasCommand(CommandResult result) => result.GetValue(_command) is { Length: > 0 };

    private void Check(CommandResult result)
    {
        var detaches = result.GetValue(_detach);
        var remove = result.GetValue(_remove);
        var hasEditor = result.GetValue(_editor) is not null;
        var forward = result.GetValue(_forward);
        var hasUpload = result.GetValue(_upload) is { Length: > 0 };
        var attachesToCommand = HasCommand(result) && !detaches && !hasEditor;
        var hasDocument = result.GetValue(_output) is not (null or "table");
        Refuse(
            attachesToCommand && result.GetValue(_noWait),
            "--no-wait cannot be combined with a command, unless it is left to itself with --detach");
        Refuse(
            attachesToCommand && hasDocument,
            "--output cannot be combined with a command, whose output it would be mixed with, unless with --detach");
        Refuse(hasUpload && HasCommand(result), "--upload cannot be combined with a command, which would begin before the files are there");
        Refuse(!hasUpload && result.GetValue(_noIgnore), "--no-git-ignore is for --upload");
        Refuse(remove && detaches, "--no-keep and --detach exclude each other: nobody would wait for the end of the main process");
        Refuse(remove && hasEditor, "--no-keep and --editor exclude each other: the editor needs the sandbox for longer");
        Refuse(remove && forward is not null, "--no-keep and --forward exclude each other: the forward needs the sandbox for longer");
        Refuse(detaches && hasEditor, "--detach and --editor exclude each other");
        Refuse(hasDocument && (hasEditor || remove || forward is not null), "--output cannot be combined with --editor, --no-keep or --forward");
        Refuse(
            result.GetValue(_noWait) && (hasUpload || hasEditor || forward is not null),
            "--no-wait cannot be combined with --upload, --editor or --forward, which need a sandbox that is ready");
        if (forward is not null && !ForwardSpec.TryParse(forward, out _, out var error))
        {
            result.AddError(error);
        }

        void Refuse(bool when, string why)
        {
            if (when)
            {
                result.AddError(why);
            }
        }
    }
}
