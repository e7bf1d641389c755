using System.Runtime.CompilerServices;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

[TestFixture]
internal sealed class SessionMappingTests
{
    private static IEnumerable<Type> Targets => typeof(RelayTarget).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(RelayTarget)));

    // A supervisor would take one without a target for its SSH server.
    [TestCaseSource(nameof(Targets))]
    public void ToMessage_RelayOpen_HasItsTarget(Type target)
    {
        var opened = (RelayTarget)RuntimeHelpers.GetUninitializedObject(target);

        var message = SessionMapping.ToMessage(new OpenRelayCommand("channel", WithTexts(opened), "service"), DateTimeOffset.UnixEpoch);

        Assert.That(message.RelayOpen.TargetCase, Is.Not.EqualTo(RelayOpen.TargetOneofCase.None));
    }

    [Test]
    public void ToMessage_UnknownTarget_IsNotSentAsSsh() =>
        Assert.That(
            () => SessionMapping.ToMessage(new OpenRelayCommand("channel", new NewTarget(), "service"), DateTimeOffset.UnixEpoch),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static RelayTarget WithTexts(RelayTarget target) => target switch
    {
        TcpTarget => new TcpTarget("localhost", 1),
        ListenTarget => new ListenTarget("localhost", 1, "listener"),
        AcceptedTarget => new AcceptedTarget("listener", 1),
        _ => target,
    };

    private sealed record NewTarget : RelayTarget
    {
        public override string Kind => "new";
    }
}
