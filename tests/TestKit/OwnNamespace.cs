namespace OpenShell.TestKit;

/// <summary>
/// A program as PID 1 of a PID namespace. Root's profile files are empty there: what whoever runs the tests has in them is no
/// sandbox's, and a shell that is killed while it reads them may leave locks behind.
/// </summary>
public static class OwnNamespace
{
    private const string Script = """
        for file in /root/.bash_profile /root/.bash_login /root/.profile /root/.bashrc; do
          if [ -f "$file" ]; then mount --bind /dev/null "$file"; fi
        done
        exec "$@"
        """;

    /// <summary>Arguments of unshare, which has the program as its only child.</summary>
    public static string[] Arguments(params string[] program) =>
        ["--fork", "--pid", "--mount-proc", "--kill-child", "--", "/bin/sh", "-c", Script, "sh", .. program];
}
