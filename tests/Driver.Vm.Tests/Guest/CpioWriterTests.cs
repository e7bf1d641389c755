using System.Diagnostics;
using System.Text;
using OpenShell.Driver.Vm.Guest;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class CpioWriterTests
{
    private const UnixFileMode Mode755 = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Mode600 = (UnixFileMode)0b110_000_000;

    [Test]
    public async Task Write_DirectoryDeviceAndFile_IsWhatCpioReads()
    {
        var lines = (await RunCpioAsync(await BuildAsync(), "-itv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines[0], Does.Match(@"^drwxr-xr-x\s+2 root\s+root\s+0 .* dev$"));
        Assert.That(lines[1], Does.Match(@"^crw-------\s+1 root\s+root\s+5,\s+1 .* dev/console$"));
        Assert.That(lines[2], Does.Match(@"^-rwxr-xr-x\s+1 root\s+root\s+5 .* init$"));
        Assert.That(lines[3], Does.Match(@"^-rwxr-xr-x\s+1 root\s+root\s+0 .* empty$"));
    }

    [Test]
    public async Task Write_File_KeepsItsContent()
    {
        Assert.That(await RunCpioAsync(await BuildAsync(), "-i", "--to-stdout", "init"), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Write_SameContent_GivesTheSameBytes()
    {
        var first = await BuildAsync();

        Assert.That(await BuildAsync(), Is.EqualTo(first));
    }

    private static async Task<byte[]> BuildAsync()
    {
        using var output = new MemoryStream();
        var writer = new CpioWriter(output);
        await writer.AddDirectoryAsync("dev", Mode755, CancellationToken.None);
        await writer.AddCharacterDeviceAsync("dev/console", Mode600, 5, 1, CancellationToken.None);
        await writer.AddFileAsync("init", Mode755, new MemoryStream(Encoding.UTF8.GetBytes("hello")), CancellationToken.None);
        await writer.AddFileAsync("empty", Mode755, new MemoryStream(), CancellationToken.None);
        await writer.FinishAsync(CancellationToken.None);
        return output.ToArray();
    }

    private static async Task<string> RunCpioAsync(byte[] archive, params string[] arguments)
    {
        using var cpio = Process.Start(new ProcessStartInfo("cpio", ["--quiet", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await cpio.StandardInput.BaseStream.WriteAsync(archive);
        cpio.StandardInput.Close();
        var output = await cpio.StandardOutput.ReadToEndAsync();
        await cpio.WaitForExitAsync();
        Assert.That(cpio.ExitCode, Is.Zero);
        return output;
    }
}
