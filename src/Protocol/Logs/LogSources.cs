namespace OpenShell.Protocol.Logs;

/// <summary>Who wrote a line of a sandbox's log.</summary>
public static class LogSources
{
    /// <summary>The gateway, about the sandbox.</summary>
    public const string Gateway = "gateway";

    /// <summary>The supervisor in the sandbox.</summary>
    public const string Sandbox = "sandbox";

    /// <summary>The main process of the sandbox: what it wrote.</summary>
    public const string Main = "main";

    /// <summary>A source as a filter sees it: none is the gateway.</summary>
    public static string Normalize(string source) => source.Length == 0 ? Gateway : source;
}
