using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.TestKit;

/// <summary>Text that does harm where it is shown as it is, and what finds it in what came out at the other end.</summary>
public static class HostileText
{
    /// <summary>Begins the line that it tries to forge.</summary>
    public const string ForgedLine = "FORGED";

    /// <summary>One of each kind: sequences of both forms, a title, line breaks, overrides, isolates, what is invisible.</summary>
    public const string Sample =
        "v1\e[2J\e]0;title\a\u009b31m\u0085\r\n" + ForgedLine + " line\u0000\u007f\u202Egpj\u2066x\u200F\u061C\u200B\u2028\uFEFF\U000E0041end";

    /// <summary>Puts it into every text of a message and of those within; a field that is added later is no exception.</summary>
    public static T Fill<T>(T message)
        where T : IMessage
    {
        Fill(message, []);
        return message;
    }

    /// <summary>The fields of a message whose text would do harm; line feeds and tabs alone do none.</summary>
    public static IReadOnlyList<string> FindIn(IMessage message)
    {
        var found = new List<string>();
        Find(message, message.Descriptor.Name, found);
        return found;
    }

    /// <summary>Whether a text for people would do harm; line feeds and tabs alone do none.</summary>
    public static bool IsHarmful(string text) => text.EnumerateRunes().Any(r => r.Value is not ('\n' or '\t') && HarmlessText.IsHarmful(r.Value));

    private static void Fill(IMessage message, HashSet<MessageDescriptor> above)
    {
        if (!above.Add(message.Descriptor))
        {
            return;
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap)
            {
                FillMap(field, (IDictionary)field.Accessor.GetValue(message));
            }
            else if (field.IsRepeated)
            {
                if (Value(field, above) is { } item)
                {
                    ((IList)field.Accessor.GetValue(message)).Add(item);
                }
            }
            else if (field.ContainingOneof is null or { IsSynthetic: true } && Value(field, above) is { } value)
            {
                field.Accessor.SetValue(message, value);
            }
        }

        above.Remove(message.Descriptor);
    }

    private static object? Value(FieldDescriptor field, HashSet<MessageDescriptor> above)
    {
        if (field.FieldType == FieldType.String)
        {
            return Sample;
        }

        if (field.FieldType != FieldType.Message || field.MessageType.File.Package == "google.protobuf")
        {
            return null;
        }

        var inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        Fill(inner, above);
        return inner;
    }

    private static void FillMap(FieldDescriptor field, IDictionary map)
    {
        var (key, value) = (field.MessageType.Fields[1], field.MessageType.Fields[2]);
        if (key.FieldType == FieldType.String && value.FieldType == FieldType.String)
        {
            map["key"] = Sample;
            map[Sample] = "value";
        }
    }

    private static void Find(object? value, string path, List<string> found)
    {
        switch (value)
        {
            case string text when IsHarmful(text):
                found.Add($"{path}: {HarmlessText.Line(text, 200)}");
                break;
            case IMessage message:
                foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => !f.HasPresence || f.Accessor.HasValue(message)))
                {
                    Find(field.Accessor.GetValue(message), $"{path}.{field.Name}", found);
                }

                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                {
                    Find(entry.Key, $"{path}[]", found);
                    Find(entry.Value, $"{path}[{HarmlessText.Line(entry.Key.ToString()!, 40)}]", found);
                }

                break;
            case IList list:
                for (var i = 0; i < list.Count; i++)
                {
                    Find(list[i], $"{path}[{i}]", found);
                }

                break;
        }
    }
}
