using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;

namespace OpenShell.Gateway.Services;

/// <summary>Checks that several requests share. Limits and messages are those of OpenShell's gateway.</summary>
internal static partial class RequestLimits
{
    private const string ReservedPrefix = "OPENSHELL_";
    // A helper of OpenShell's Python SDK; the one reserved name that callers may set.
    private const string PythonHelper = "OPENSHELL_PYFUNC_B64";

    /// <summary>Checks names and values of environment variables. Values never appear in messages.</summary>
    public static void CheckEnvironment(MapField<string, string> environment, int maxValueBytes)
    {
        CheckEnvironmentNames(environment);
        CheckEnvironmentValues(environment, maxValueBytes);
        CheckReservedNames(environment);
    }

    /// <summary>Checks that every name is one.</summary>
    public static void CheckEnvironmentNames(MapField<string, string> environment)
    {
        foreach (var key in environment.Keys)
        {
            if (!EnvironmentName().IsMatch(key))
            {
                throw GrpcErrors.InvalidArgument($"environment keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '{key}'");
            }
        }
    }

    /// <summary>Checks values, which never appear in messages.</summary>
    public static void CheckEnvironmentValues(MapField<string, string> environment, int maxValueBytes)
    {
        foreach (var (key, value) in environment)
        {
            if (Encoding.UTF8.GetByteCount(value) > maxValueBytes)
            {
                throw GrpcErrors.InvalidArgument($"environment value for '{key}' exceeds {maxValueBytes} bytes");
            }

            if (value.AsSpan().ContainsAny('\0', '\r', '\n'))
            {
                throw GrpcErrors.InvalidArgument($"environment value for '{key}' contains null bytes or line breaks");
            }
        }
    }

    /// <summary>Checks that nobody sets what is ours.</summary>
    public static void CheckReservedNames(MapField<string, string> environment)
    {
        foreach (var key in environment.Keys)
        {
            if (key.StartsWith(ReservedPrefix, StringComparison.Ordinal) && key != PythonHelper)
            {
                throw GrpcErrors.InvalidArgument($"environment keys starting with {ReservedPrefix} are reserved; got '{key}'");
            }
        }
    }

    /// <summary>Checks an argument list.</summary>
    public static void CheckArguments(RepeatedField<string> arguments, int maxCount)
    {
        const int MaxArgumentBytes = 32 * 1024;
        if (arguments.Count > maxCount)
        {
            throw GrpcErrors.InvalidArgument($"command array exceeds {maxCount} argument limit ({arguments.Count} given)");
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            if (Encoding.UTF8.GetByteCount(arguments[i]) is var bytes and > MaxArgumentBytes)
            {
                throw GrpcErrors.InvalidArgument($"command argument {i} exceeds {MaxArgumentBytes} bytes (it has {bytes})");
            }

            if (arguments[i].Contains('\0', StringComparison.Ordinal))
            {
                throw GrpcErrors.InvalidArgument($"command argument {i} contains null bytes");
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex EnvironmentName();
}
