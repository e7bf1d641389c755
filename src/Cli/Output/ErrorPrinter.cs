using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Output;

/// <summary>The one place where an error is printed.</summary>
internal static class ErrorPrinter
{
    public static void Print(CliContext context, CliError error, bool asJson)
    {
        if (asJson)
        {
            var document = new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = error.Code,
                    ["message"] = error.Message,
                    ["exit_code"] = error.ExitCode,
                },
            };
            context.Console.Error.WriteLine(DocumentWriter.Compact(document));
        }
        else
        {
            context.Console.Error.WriteLine($"{context.ErrorPalette.Bad("error:")} {SafeText.OneLine(error.Message)}");
        }
    }
}
