namespace OpenShell.Cli.Context;

/// <summary>Whoever read our output is gone (<c>openshell … | head</c>): the command ends quietly.</summary>
internal sealed class BrokenOutputException : IOException
{
    public BrokenOutputException()
        : base("nobody reads the output any more")
    {
    }
}
