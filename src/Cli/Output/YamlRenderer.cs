using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OpenShell.Cli.Output;

/// <summary>Writes a JSON tree as YAML through the event emitter, which needs no reflection.</summary>
internal static partial class YamlRenderer
{
    public static void Write(TextWriter output, JsonNode document)
    {
        var emitter = new Emitter(output, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                EmitMap(emitter, map);
                break;
            case JsonArray list:
                emitter.Emit(
                    new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitString(emitter, value.GetValue<string>());
                break;
            default:
                EmitPlain(emitter, node is null ? "null" : node.ToJsonString());
                break;
        }
    }

    private static void EmitMap(Emitter emitter, JsonObject map)
    {
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
        foreach ((var key, var value) in map)
        {
            EmitString(emitter, key);
            Emit(emitter, value);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void EmitString(Emitter emitter, string text)
    {
        if (IsPlainString(text))
        {
            EmitPlain(emitter, text);
        }
        else
        {
            emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true));
        }
    }

    private static void EmitPlain(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));

    // Only what no YAML 1.1 or 1.2 reader takes for a number, a date, a boolean or null goes without quotes.
    private static bool IsPlainString(string text) =>
        SafeText().IsMatch(text)
        && !Keywords().IsMatch(text)
        && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"\A[A-Za-z_/][A-Za-z0-9_./@+-]*\z")]
    private static partial Regex SafeText();

    [GeneratedRegex(@"\A(?:null|true|false|yes|no|on|off|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Keywords();
}
