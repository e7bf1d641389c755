using System.CommandLine;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Parsing;

/// <summary><c>-o table|json|yaml</c>.</summary>
internal sealed class OutputOption : Option<string>
{
    public OutputOption()
        : base("--output", "-o")
    {
        Description = "How to print: table, json or yaml [default: table]";
        HelpName = "FORMAT";
        CompletionSources.Add("table", "json", "yaml");
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && Parse(value) is null)
            {
                result.AddError($"unknown output format '{value}'; use table, json or yaml");
            }
        });
    }

    public OutputFormat Of(ParseResult parsed) => Parse(parsed.GetValue(this) ?? "table") ?? OutputFormat.Table;

    /// <summary>Whether this command line asks for JSON, also when it is otherwise wrong.</summary>
    public static bool WantsJson(ParseResult parsed)
    {
        var option = parsed.CommandResult.Command.Options.OfType<OutputOption>().FirstOrDefault();
        var result = option is null ? null : parsed.GetResult(option);
        return result?.Tokens is [{ Value: "json" }];
    }

    private static OutputFormat? Parse(string value) => value switch
    {
        "table" => OutputFormat.Table,
        "json" => OutputFormat.Json,
        "yaml" => OutputFormat.Yaml,
        _ => null,
    };
}
