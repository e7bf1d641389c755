using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenShell.Cli.Output;

/// <summary>Prints a document as JSON or YAML; both come from the same tree, so they never differ in content.</summary>
internal static class DocumentWriter
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, JsonNode document, OutputFormat format)
    {
        if (format == OutputFormat.Yaml)
        {
            YamlRenderer.Write(output, document);
        }
        else
        {
            output.WriteLine(Json(document, Indented));
        }
    }

    /// <summary>JSON on one line.</summary>
    public static string Compact(JsonNode document) => Json(document, OneLine);

    private static string Json(JsonNode document, JsonWriterOptions options)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, options))
        {
            document.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
