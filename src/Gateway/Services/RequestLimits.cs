using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>Checks that several requests share. Limits and messages are those of OpenShell's gateway.</summary>
internal static partial class RequestLimits
{
    private const string ReservedPrefix = "OPENSHELL_";
    // What of a wrong name is said again.
    private const int MaxQuoted = 256;

    /// <summary>Checks that every name of an environment variable is one.</summary>
    /// <param name="field">Path of the map in the request.</param>
    public static void CheckEnvironmentNames(MapField<string, string> environment, string field = "environment")
    {
        foreach (var key in environment.Keys)
        {
            if (!EnvironmentName().IsMatch(key))
            {
                throw GrpcErrors.InvalidField(field, $"{field} keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '{HarmlessText.Lines(key, MaxQuoted)}'");
            }
        }
    }

    /// <summary>Checks values, which never appear in messages.</summary>
    /// <param name="field">Path of the map in the request.</param>
    public static void CheckEnvironmentValues(MapField<string, string> environment, int maxValueBytes, string field = "environment")
    {
        foreach (var (key, value) in environment)
        {
            if (Encoding.UTF8.GetByteCount(value) > maxValueBytes)
            {
                throw GrpcErrors.InvalidField(field, $"{field} value for '{key}' exceeds {maxValueBytes} bytes");
            }

            if (value.AsSpan().ContainsAny('\0', '\r', '\n'))
            {
                throw GrpcErrors.InvalidField(field, $"{field} value for '{key}' contains null bytes or line breaks");
            }
        }
    }

    /// <summary>Checks that nobody sets what is ours.</summary>
    /// <param name="field">Path of the map in the request.</param>
    /// <param name="except">A name of ours that may be set.</param>
    public static void CheckReservedNames(MapField<string, string> environment, string field = "environment", string except = "")
    {
        foreach (var key in environment.Keys)
        {
            if (key.StartsWith(ReservedPrefix, StringComparison.Ordinal) && key != except)
            {
                throw GrpcErrors.InvalidField(
                    field, $"{field} keys starting with {ReservedPrefix} are reserved; got '{HarmlessText.Lines(key, MaxQuoted)}'");
            }
        }
    }

    /// <summary>Checks an argument list.</summary>
    /// <param name="field">Path of the list in the request.</param>
    public static void CheckArguments(RepeatedField<string> arguments, int maxCount, string field = "command")
    {
        const int MaxArgumentBytes = 32 * 1024;
        if (arguments.Count > maxCount)
        {
            throw GrpcErrors.InvalidField(field, $"{field} array exceeds {maxCount} argument limit ({arguments.Count} given)");
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            if (Encoding.UTF8.GetByteCount(arguments[i]) is var bytes and > MaxArgumentBytes)
            {
                throw GrpcErrors.InvalidField(field, $"{field} argument {i} exceeds {MaxArgumentBytes} bytes (it has {bytes})");
            }

            if (arguments[i].Contains('\0', StringComparison.Ordinal))
            {
                throw GrpcErrors.InvalidField(field, $"{field} argument {i} contains null bytes");
            }
        }
    }

    /// <summary>Checks the length of a text.</summary>
    /// <param name="what">How the message calls it.</param>
    /// <param name="field">Its path in the request.</param>
    public static void CheckLength(string what, string field, string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > maxBytes)
        {
            throw GrpcErrors.InvalidField(field, $"{what} exceeds maximum length ({bytes} > {maxBytes})");
        }
    }

    /// <summary>Checks how many entries a list or a map has.</summary>
    /// <param name="what">How the message calls it.</param>
    /// <param name="field">Its path in the request.</param>
    public static void CheckCount(string what, string field, int count, int max)
    {
        if (count > max)
        {
            throw GrpcErrors.InvalidField(field, $"{what} exceeds maximum ({count} > {max})");
        }
    }

    /// <summary>Checks the size of a part of a request.</summary>
    /// <param name="what">How the message calls it.</param>
    /// <param name="field">Its path in the request.</param>
    public static void CheckSize(string what, string field, IMessage? message, int maxBytes)
    {
        if (message?.CalculateSize() is { } bytes && bytes > maxBytes)
        {
            throw GrpcErrors.InvalidField(field, $"{what} serialized size exceeds maximum ({bytes} > {maxBytes})");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex EnvironmentName();
}
