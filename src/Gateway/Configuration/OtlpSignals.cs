namespace OpenShell.Gateway.Configuration;

/// <summary>What is to be sent over OTLP. Where to and how is the library's to read, from the same standard variables.</summary>
internal readonly record struct OtlpSignals(bool Metrics, bool Traces)
{
    /// <summary>Reads OTEL_EXPORTER_OTLP_ENDPOINT, its two variants for one signal, and what switches things off.</summary>
    public static OtlpSignals From(Func<string, string?> environment)
    {
        if (string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        return new OtlpSignals(Wanted("METRICS"), Wanted("TRACES"));

        bool Wanted(string signal) =>
            (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
            && environment($"OTEL_{signal}_EXPORTER") is null or "" or "otlp";

        bool IsSet(string name) => !string.IsNullOrEmpty(environment(name));
    }
}
