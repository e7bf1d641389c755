using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Services;

/// <summary>Where a list goes on, as clients carry it: opaque to them, and good for the same list only.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="Method">Name of the method.</param>
/// <param name="Parameters">SHA-256 over the request without its page.</param>
/// <param name="Sort">What the list is sorted by, of which the cursor is a value.</param>
/// <param name="Cursor">Values of the row before.</param>
internal sealed record PageToken(int Version, string Method, byte[] Parameters, string Sort, JsonElement Cursor)
{
    // A cursor has three names and an id; what is longer is none of ours.
    private const int MaxLength = 4096;
    private const int CurrentVersion = 1;

    private const string PageSizeField = "page_size";
    private const string PageTokenField = "page_token";

    public static PageToken For(string method, IMessage request, string sort, JsonElement cursor) =>
        new(CurrentVersion, method, Hash(request), sort, cursor);

    /// <summary>Null: it is not one.</summary>
    public static PageToken? Parse(string text)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text) || text.Contains('=', StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), PageTokenJson.Default.PageToken) is
            { Version: CurrentVersion, Cursor.ValueKind: JsonValueKind.Object } token
                ? token
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    public string ToText() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, PageTokenJson.Default.PageToken));

    /// <summary>Whether it was made for this list; the size of a page may differ.</summary>
    public bool IsFor(string method, IMessage request) => Method == method && Parameters.AsSpan().SequenceEqual(Hash(request));

    private static byte[] Hash(IMessage request)
    {
        var rest = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        foreach (var name in (string[])[PageSizeField, PageTokenField])
        {
            request.Descriptor.FindFieldByName(name).Accessor.Clear(rest);
        }

        return SHA256.HashData(rest.ToByteArray());
    }
}

/// <summary>Serializer of <see cref="PageToken"/>.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PageToken))]
[JsonSerializable(typeof(ObjectCursor))]
internal sealed partial class PageTokenJson : JsonSerializerContext;
