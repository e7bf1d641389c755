namespace OpenShell.Cli.Output;

/// <summary>How data is printed on standard output.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,
    Json,
    Yaml,
}
