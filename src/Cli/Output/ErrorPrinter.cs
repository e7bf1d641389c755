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
                ["code"] = error.Code,
                ["message"] = error.Message,
                ["exit_code"] = error.ExitCode,
            };
            if (error.Hints.Count > 0)
            {
                document["hints"] = new JsonArray([.. error.Hints.Select(hint => (JsonNode)hint)]);
            }

            context.Console.Error.WriteLine(DocumentWriter.Compact(new JsonObject { ["error"] = document }));
        }
        else
        {
            context.Console.Error.WriteLine($"{context.ErrorPalette.Bad("error:")} {SafeText.OneLine(error.Message)}");
            foreach (var hint in error.Hints)
            {
                context.Console.Error.WriteLine($"  {SafeText.OneLine(hint)}");
            }
        }
    }
}
