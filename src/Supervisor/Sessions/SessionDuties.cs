using Grpc.Core;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Sessions;

/// <summary>What a supervisor does over the connection of a session, beside it.</summary>
internal sealed class SessionDuties(ConfigurationReporter configuration, TokenRefresher tokens)
{
    /// <param name="features">What both sides of the session know.</param>
    public Task RunAsync(ChannelBase channel, IReadOnlyCollection<string> features, CancellationToken ended) => Task.WhenAll(
        configuration.RunAsync(channel, ended),
        features.Contains(RelayFeatures.TokenRenewal) ? Task.CompletedTask : tokens.RunAsync(channel, ended));
}
