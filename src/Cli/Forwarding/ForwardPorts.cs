namespace OpenShell.Cli.Forwarding;

/// <summary>One listener of a forward.</summary>
/// <param name="Bind">Address that it listens on.</param>
/// <param name="LocalPort">Its port, never 0.</param>
/// <param name="Host">Where it leads in the sandbox.</param>
/// <param name="Port">The port there.</param>
internal sealed record ForwardPorts(string Bind, int LocalPort, string Host, int Port)
{
    /// <summary><c>127.0.0.1:8080</c></summary>
    public string Local => Bind.Contains(':', StringComparison.Ordinal) ? $"[{Bind}]:{LocalPort}" : $"{Bind}:{LocalPort}";

    /// <summary><c>localhost:80</c></summary>
    public string Remote => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
