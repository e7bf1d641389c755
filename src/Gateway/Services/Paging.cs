using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The page that a list request asks for, by its fields <c>page_size</c> and <c>page_token</c>. A list of objects takes
/// <see cref="OfObjects"/>; one with another order takes <see cref="Of{TCursor}"/> with a cursor of its own.
/// </summary>
internal static class Paging
{
    public const int DefaultSize = 100;
    public const int MaxSize = 1000;

    private const string ObjectSort = "objects";

    /// <summary>A page of objects by age.</summary>
    /// <param name="method">Name of the method.</param>
    public static PageRequest<ObjectCursor> OfObjects(string method, IMessage request, int pageSize, string pageToken) =>
        Of(method, request, pageSize, pageToken, ObjectSort, PageTokenJson.Default.ObjectCursor);

    /// <summary>A page of another order.</summary>
    /// <param name="sort">Names the order; a token of another one is refused.</param>
    public static PageRequest<TCursor> Of<TCursor>(
        string method, IMessage request, int pageSize, string pageToken, string sort, JsonTypeInfo<TCursor> json)
        where TCursor : class
    {
        if (pageSize < 0)
        {
            throw GrpcErrors.InvalidArgument("page_size must not be negative");
        }

        return new PageRequest<TCursor>(
            pageSize == 0 ? DefaultSize : Math.Min(pageSize, MaxSize),
            pageToken.Length == 0 ? null : ReadCursor(method, request, pageToken, sort, json),
            next => PageToken.For(method, request, sort, JsonSerializer.SerializeToElement(next, json)).ToText());
    }

    private static TCursor ReadCursor<TCursor>(string method, IMessage request, string text, string sort, JsonTypeInfo<TCursor> json)
        where TCursor : class
    {
        if (PageToken.Parse(text) is not { } token)
        {
            throw GrpcErrors.InvalidArgument("page_token is malformed");
        }

        if (!token.IsFor(method, request))
        {
            throw GrpcErrors.InvalidArgument("page_token does not match this list request");
        }

        if (token.Sort != sort)
        {
            throw GrpcErrors.InvalidArgument("page_token has the wrong cursor type");
        }

        try
        {
            return token.Cursor.Deserialize(json) ?? throw GrpcErrors.InvalidArgument("page_token is malformed");
        }
        catch (JsonException)
        {
            throw GrpcErrors.InvalidArgument("page_token is malformed");
        }
    }
}

/// <summary>A page that is asked for.</summary>
/// <param name="Limit">Entries at most.</param>
/// <param name="After">Where it begins; null: with the first.</param>
internal sealed record PageRequest<TCursor>(int Limit, TCursor? After, Func<TCursor, string> ToToken)
    where TCursor : class
{
    /// <summary>The <c>next_page_token</c> of the answer.</summary>
    public string NextToken(TCursor? next) => next is null ? "" : ToToken(next);
}
