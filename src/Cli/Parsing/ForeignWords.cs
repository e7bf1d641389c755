namespace OpenShell.Cli.Parsing;

/// <summary>Commands of docker and kubectl that have another name here, or nothing behind them.</summary>
internal static class ForeignWords
{
    private const string NoImages = "a gateway does not tell which images it has; name one with: openshell run IMAGE";

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["apply"] = "there are no manifests; see: openshell sandbox create --help",
        ["build"] = "images are built with the tools of your machines, not here; name one with: openshell run IMAGE",
        ["container"] = "containers are sandboxes here: openshell sandbox",
        ["create"] = "did you mean 'openshell sandbox create'?",
        ["delete"] = "did you mean 'openshell sandbox delete' or 'openshell rm'?",
        ["describe"] = "did you mean 'openshell sandbox get' or 'openshell inspect'?",
        ["events"] = "did you mean 'openshell logs --follow' or 'openshell sandbox get'?",
        ["get"] = "did you mean 'openshell sandbox get' or 'openshell sandbox list'?",
        ["image"] = NoImages,
        ["images"] = NoImages,
        ["kill"] = "did you mean 'openshell stop --force'?",
        ["list"] = "did you mean 'openshell sandbox list' or 'openshell ls'?",
        ["port-forward"] = "did you mean 'openshell forward start'?",
        ["pull"] = NoImages,
        ["ssh"] = "did you mean 'openshell sandbox connect' or 'openshell sandbox shell'?",
        ["top"] = "did you mean 'openshell exec NAME top'?",
        ["version"] = "did you mean 'openshell --version'?",
    };

    /// <summary>What to say to a word; null when it is none of them.</summary>
    public static string? Find(string word) => Words.GetValueOrDefault(word);
}
