using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Cli.Output;

/// <summary>How data is printed on standard output.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,
    Json,
    Yaml,
}

/// <summary>
/// Prints a document as JSON or YAML; both come from the same tree, so they never differ in content. Texts parse
/// to what they were, and what would act on a terminal is written as the format's own escape.
/// </summary>
internal static class DocumentWriter
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, JsonNode document, OutputFormat format)
    {
        if (format == OutputFormat.Yaml)
        {
            using var text = new StringWriter { NewLine = "\n" };
            YamlRenderer.Write(text, document);
            output.Write(Escape(text.ToString(), static c => c > char.MaxValue ? $"\\U{c:X8}" : $"\\u{c:X4}"));
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
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            document.WriteTo(writer);
        }

        return Escape(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length), static c => JsonEscape(c));
    }

    private static string JsonEscape(int codePoint) => codePoint <= char.MaxValue
        ? $"\\u{codePoint:X4}"
        : string.Concat(char.ConvertFromUtf32(codePoint).Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}")));

    // Outside of quotes both formats are ASCII, and neither library leaves a control character between them.
    private static string Escape(string document, Func<int, string> escape)
    {
        if (!document.AsSpan().ContainsAnyExceptInRange('\0', '~'))
        {
            return document;
        }

        var made = new StringBuilder(document.Length + 16);
        for (var i = 0; i < document.Length;)
        {
            var codePoint = HarmlessText.CodePointAt(document, i);
            var units = codePoint > char.MaxValue ? 2 : 1;
            if (codePoint > '~' && HarmlessText.IsHarmful(codePoint))
            {
                made.Append(escape(codePoint));
            }
            else
            {
                made.Append(document, i, units);
            }

            i += units;
        }

        return made.ToString();
    }
}
