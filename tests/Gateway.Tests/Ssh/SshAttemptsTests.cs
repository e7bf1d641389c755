using System.Net;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Ssh;

public sealed class SshAttemptsTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Fail_TenTimes_BlocksThatAddressUntilTheWindowIsOver()
    {
        var attempts = new SshAttempts(_time);
        for (var i = 0; i < SshAttempts.MaxFailures; i++)
        {
            Assert.That(attempts.IsBlocked(Address), Is.False, $"after {i}");
            attempts.Fail(Address);
        }

        Assert.That(attempts.IsBlocked(Address), Is.True);
        Assert.That(attempts.IsBlocked(IPAddress.Parse("192.0.2.2")), Is.False);
        _time.Advance(SshAttempts.Window);
        Assert.That(attempts.IsBlocked(Address), Is.False);
        attempts.Fail(Address);
        Assert.That(attempts.IsBlocked(Address), Is.False, "it is counted from the beginning");
    }

    [TestCase("2001:db8::1", "2001:db8::ffff:1", true)]
    [TestCase("2001:db8::1", "2001:db8:0:1::1", false)]
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", true)]
    public void Fail_AddressesOfOneCustomer_CountTogether(string failing, string other, bool blocked)
    {
        var attempts = new SshAttempts(_time);
        for (var i = 0; i < SshAttempts.MaxFailures; i++)
        {
            attempts.Fail(IPAddress.Parse(failing));
        }

        Assert.That(attempts.IsBlocked(IPAddress.Parse(other)), Is.EqualTo(blocked));
    }

    [Test]
    public void Fail_FromEverywhere_ForgetsTheOldest()
    {
        var attempts = new SshAttempts(_time);
        for (var i = 0; i < SshAttempts.MaxFailures; i++)
        {
            attempts.Fail(Address);
        }

        for (var i = 0; i < 5000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            attempts.Fail(new IPAddress(0x0a000000 + i));
        }

        Assert.That(attempts.IsBlocked(Address), Is.False);
    }
}
