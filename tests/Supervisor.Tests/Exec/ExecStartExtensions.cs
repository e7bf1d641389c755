using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.Exec;

internal static class ExecStartExtensions
{
    public static ExecStart In(this ExecStart start, string directory)
    {
        start.Workdir = directory;
        return start;
    }

    public static ExecStart As(this ExecStart start, string user)
    {
        start.User = user;
        return start;
    }
}
