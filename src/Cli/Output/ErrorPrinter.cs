using System.Text.Json.Nodes;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Output;

/// <summary>The one place where an error is printed.</summary>
internal static class ErrorPrinter
{
    public static void Print(CliHost host, CliError error, bool asJson)
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
            host.Console.Error.WriteLine(DocumentWriter.Compact(document));
        }
        else
        {
            host.Console.Error.WriteLine($"{Palette.ForError(host).Bad("error:")} {SafeText.OneLine(error.Message)}");
        }
    }
}
