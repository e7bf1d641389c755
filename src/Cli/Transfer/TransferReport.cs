using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>Tells what a copy did.</summary>
internal static class TransferReport
{
    /// <exception cref="CliException">Something could not be copied as it is.</exception>
    public static void Write(CliContext context, TransferResult result, OutputFormat format)
    {
        var palette = context.ErrorPalette;
        foreach (var note in result.Notes)
        {
            context.Console.Error.WriteLine($"{palette.Warn("!")} {SafeText.OneLine(note)}");
        }

        foreach (var failure in result.Failures)
        {
            context.Console.Error.WriteLine($"{palette.Bad("✗")} {SafeText.OneLine(failure)}");
        }

        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(context.Console.Out, Document(result), format);
        }
        else
        {
            var unchanged = result.Unchanged.Count > 0 ? $", {result.Unchanged.Count} unchanged" : "";
            var verified = result.Verified ? $", verified, sha256 {result.Sha256[..16]}" : "";
            var mark = result.Failures.Count == 0 ? palette.Good("✓") : palette.Bad("✗");
            context.Console.Error.WriteLine(
                $"{mark} {result.Copied.Count} files ({TransferDisplay.Size(result.Bytes)}), "
                + $"{result.Directories} directories, {result.Links} links{unchanged}{verified}");
        }

        if (result.Failures.Count > 0)
        {
            throw new CliException(CliError.Failed($"not everything was copied as it is: {result.Failures.Count} failures, named above"));
        }
    }

    private static JsonObject Document(TransferResult result) => new()
    {
        ["files"] = result.Copied.Count,
        ["unchanged"] = result.Unchanged.Count,
        ["directories"] = result.Directories,
        ["links"] = result.Links,
        ["bytes"] = result.Bytes,
        ["failures"] = result.Failures.Count,
        ["sha256"] = result.Sha256,
        ["verified"] = result.Verified,
    };
}
