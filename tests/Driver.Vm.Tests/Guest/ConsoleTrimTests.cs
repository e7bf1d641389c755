using OpenShell.Driver.Vm.Guest;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class ConsoleTrimTests
{
    [Test]
    public async Task Trim_LongLog_KeepsItsEnd()
    {
        using var directory = new TestDirectory();
        var path = directory.File("console.log");
        await using var writer = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await writer.WriteAsync(new byte[5 << 20]);
        await writer.WriteAsync("the end\n"u8.ToArray());
        await writer.FlushAsync();

        Assert.That(ConsoleTrim.Trim(path), Is.True);

        Assert.That(new FileInfo(path).Length, Is.EqualTo(256 << 10));
        Assert.That(ConsoleTail.Read(path), Is.EqualTo("the end"));
    }

    [Test]
    public async Task Trim_ShortLog_IsLeftAlone()
    {
        using var directory = new TestDirectory();
        var path = directory.File("console.log");
        await File.WriteAllTextAsync(path, "short");

        Assert.That(ConsoleTrim.Trim(path), Is.False);
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("short"));
    }

    [Test]
    public void Trim_NoLog_IsNoError() => Assert.That(ConsoleTrim.Trim("/does/not/exist"), Is.False);
}
