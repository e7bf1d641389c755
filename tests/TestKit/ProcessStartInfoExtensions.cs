using System.Diagnostics;

namespace OpenShell.TestKit;

/// <summary>How tests start programs that run on .NET.</summary>
public static class ProcessStartInfoExtensions
{
    /// <summary>
    /// The runtime opens pipes for debuggers and diagnostic tools in the temporary directory, and removes them at an orderly
    /// end only: a program that a test may kill, or that starts one, does without.
    /// </summary>
    public static ProcessStartInfo WithoutDiagnosticPipes(this ProcessStartInfo info)
    {
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        return info;
    }
}
