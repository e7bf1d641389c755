namespace OpenShell.Cli.Transfer;

/// <summary>Git could not be asked what to leave out, or its answer is not about what was asked: nothing may be copied.</summary>
internal sealed class GitRefusedException(string reason) : Exception(reason);
