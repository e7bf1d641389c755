namespace OpenShell.Cli.Provisioning;

/// <summary>For <c>-o json</c> and <c>-o yaml</c>: programs wait for the result only.</summary>
internal sealed class SilentProgress : IProgressDisplay
{
    public Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work) => work(_ => { });
}
