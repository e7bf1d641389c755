namespace OpenShell.Cli.Provisioning;

/// <summary>Shows what happens while somebody waits.</summary>
internal interface IProgressDisplay
{
    /// <summary>Runs <paramref name="work"/>, which names each step as it begins, and shows the steps until it ends.</summary>
    Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work);
}
