using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli;

/// <summary>Runs one command line; whatever happens ends here as an exit code and at most one line of error.</summary>
internal static class CliApplication
{
    // 128 + SIGPIPE, as if the signal had ended the process.
    private const int BrokenPipeExitCode = 141;

    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        var options = new GlobalOptions();
        var root = CommandTree.Build(context, options);
        var parsed = root.Parse(TrailingCommand.Separate(root, args), CommandTree.ParserConfiguration);
        context.Color = options.Color(parsed);
        try
        {
            return parsed.Errors.Count > 0
                ? UsageErrors.Print(context, parsed)
                : await parsed.InvokeAsync(CommandTree.Invocation(context));
        }
        catch (BrokenOutputException)
        {
            return BrokenPipeExitCode;
        }
        catch (OperationCanceledException) when (context.Signals.ExitCode is { } exitCode)
        {
            return exitCode;
        }
        catch (Exception e)
        {
            return Fail(context, ToError(e), OutputOption.WantsJson(parsed));
        }
    }

    private static CliError ToError(Exception e) => e switch
    {
        CliException expected => expected.Error,
        IOException or UnauthorizedAccessException => CliError.Failed(e.Message),
        _ => new CliError("internal", $"internal error: {e.GetType().Name}: {e.Message}", ExitCodes.Failed),
    };

    private static int Fail(CliContext context, CliError error, bool asJson)
    {
        try
        {
            ErrorPrinter.Print(context, error, asJson);
        }
        catch (IOException)
        {
            // Standard error is closed, too.
        }

        return error.ExitCode;
    }
}
