using Google.Protobuf;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm.Hostile;

/// <summary>Base of the tests in which a guest is hostile: with the program of <c>hostile.c</c>, as its root.</summary>
public abstract class HostileTest : VmTest
{
    private TestDirectory _built = null!;

    /// <summary>The program, static.</summary>
    protected string HostilePath => _built.File("hostile");

    [OneTimeSetUp]
    public async Task CompileAsync()
    {
        _built = new TestDirectory();
        var source = Path.Combine(TestPaths.Root, "tests", "Vm.Tests", "Hostile", "hostile.c");
        await HostProgram.RunAsync("gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", HostilePath, source);
    }

    [OneTimeTearDown]
    public void RemoveCompiled() => _built.Dispose();

    /// <summary>Boots a machine and brings the program into it.</summary>
    protected async Task<Sandbox> BootHostileAsync()
    {
        var sandbox = await BootAsync();
        using var call = Gateway.Client.ExecSandboxInteractive();
        var start = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "/bin/sh", "-c", "cat >/root/hostile && chmod 0755 /root/hostile" } };
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = start });
        var program = await File.ReadAllBytesAsync(HostilePath);
        foreach (var piece in program.Chunk(64 * 1024))
        {
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFrom(piece) });
        }

        await call.RequestStream.CompleteAsync();
        var outcome = await ExecOutcome.ReadAsync(call.ResponseStream, default);
        Assert.That(outcome.Exit!.ExitCode, Is.Zero, outcome.ErrorText);
        return sandbox;
    }

    /// <summary>The helper beside a machine's QEMU.</summary>
    protected static int HelperPid(Sandbox sandbox) => HostProcesses.Find($"machine-helper {QemuPid(sandbox)} ").Single();

    /// <summary>How many descriptors a process has open.</summary>
    protected static int DescriptorsOf(int pid) => System.IO.Directory.GetFiles($"/proc/{pid}/fd").Length;

    /// <summary>The most memory that a process has had resident, in MiB.</summary>
    protected static long PeakMebibytes(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            System.Globalization.CultureInfo.InvariantCulture) / 1024;
}
