using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Protocol.Compute.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The table of docs/state-files.md for the driver: each damage, and the real driver started on it.</summary>
public sealed class DriverDamageTests
{
    private const int DiskBytes = 1 << 20;

    private TestDirectory _directory = null!;
    private Process? _process;
    private GrpcChannel? _channel;
    private ComputeDriver.ComputeDriverClient _client = null!;
    private string _log = "";

    private string Sandbox => _directory.File("vm/sandboxes/a");

    private string Overlay => Path.Combine(Sandbox, "overlay.ext4");

    private string Record => Path.Combine(Sandbox, "record.json");

    private string Socket => _directory.File("run/d.sock");

    private string[] Arguments =>
        ["--socket", Socket, "--state-dir", _directory.File("vm"), "--supervisor-endpoint", $"unix:{_directory.File("s.sock")}", "--accel", "tcg", "--lifeline", "stdin"];

    [SetUp]
    public void MakeAStoppedSandbox()
    {
        _directory = new TestDirectory();
        Directory.CreateDirectory(Sandbox);
        Directory.CreateDirectory(_directory.File("run"));
        WriteRecord("a", 1);
        File.WriteAllText(Path.Combine(Sandbox, "console.log"), "last words\n");
        using var disk = File.Create(Overlay);
        disk.SetLength(DiskBytes);
        disk.Seek(1024 + 56, SeekOrigin.Begin);
        disk.Write([0x53, 0xef]);
    }

    [TearDown]
    public async Task EndAsync()
    {
        _channel?.Dispose();
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await Eventually.EndsAsync(_process.WaitForExitAsync(), "the driver ends with its lifeline");
            _process.Dispose();
            _process = null;
        }

        _directory.Dispose();
    }

    [Test]
    public async Task Start_NothingDamaged_TheSandboxIsStopped()
    {
        await StartAsync();

        Assert.That((await ListAsync()).Status.Conditions, Has.Some.Matches<DriverCondition>(c => c!.Type == "Suspended" && c.Status == "True"));
    }

    [TestCase(Damage.Missing, "is missing")]
    [TestCase(Damage.Empty, "is no record, or a damaged one")]
    [TestCase(Damage.Truncated, "is no record, or a damaged one")]
    [TestCase(Damage.Garbage, "is no record, or a damaged one")]
    [TestCase(Damage.Directory, "is a directory")]
    public async Task Start_RecordDamaged_TheDiskIsKeptAndTheSandboxListedWithTheReason(Damage damage, string reason)
    {
        damage.Do(Record);

        await StartAsync();

        await AssertLostAsync(reason);
    }

    [Test]
    public async Task Start_RecordOfANewerDriver_IsLeftAlone()
    {
        WriteRecord("a", 2);

        await StartAsync();

        await AssertLostAsync("is of a newer driver (version 2, this one knows 1)");
        Assert.That(await File.ReadAllTextAsync(Record), Does.Contain("\"version\": 2"));
    }

    [Test]
    public async Task Start_RecordOfAnotherSandbox_IsLeftAlone()
    {
        WriteRecord("b", 1);

        await StartAsync();

        await AssertLostAsync("is of another sandbox, 'b'");
    }

    [Test]
    public async Task Delete_RecordIsDamaged_RemovesItAtLast()
    {
        Damage.Directory.Do(Record);
        await StartAsync();

        await _client.DeleteSandboxAsync(new DeleteSandboxRequest { SandboxId = "a" });

        Assert.That(Directory.Exists(Sandbox), Is.False);
    }

    [TestCase(Damage.Missing, "is missing")]
    [TestCase(Damage.Empty, "is damaged: it has 0 bytes")]
    [TestCase(Damage.Truncated, "is damaged: it has 524288 bytes")]
    [TestCase(Damage.Garbage, "is damaged: it has 5000 bytes")]
    [TestCase(Damage.Directory, "cannot be read")]
    public async Task StartSandbox_DiskDamaged_IsRefusedAndNoNewOneIsMade(Damage damage, string reason)
    {
        damage.Do(Overlay);
        await StartAsync();

        var e = await Assert.ThrowsAsync<RpcException>(async () => await _client.StartSandboxAsync(new StartSandboxRequest { SandboxId = "a", SandboxToken = "t" }));

        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.FailedPrecondition, e.Status.Detail)));
        Assert.That(e.Status.Detail, Does.Contain(Overlay).And.Contain(reason));
        Assert.That(File.Exists(Overlay), Is.EqualTo(damage is Damage.Empty or Damage.Truncated or Damage.Garbage));
    }

    [TestCase("vm/sandboxes/a/record.json")]
    [TestCase("vm/sandboxes/a/overlay.ext4")]
    public async Task Start_FileOthersMayRead_IsClosedAndSaidSo(string file)
    {
        Damage.Open.Do(_directory.File(file));

        await StartAsync();

        Assert.That(File.GetUnixFileMode(_directory.File(file)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(_log, Does.Contain($"Other users could read {_directory.File(file)}"));
    }

    [TestCase("vm/driver.lock", Damage.Directory, 1, "cannot be opened")]
    [TestCase("vm/kernel", Damage.Garbage, 1, "cannot use the directory")]
    [TestCase("vm/initramfs", Damage.Garbage, 1, "cannot use the directory")]
    [TestCase("vm/run", Damage.Garbage, 1, "cannot use the directory")]
    [TestCase("run/d.sock", Damage.Garbage, 4, "it is left alone")]
    [TestCase("run/d.sock", Damage.Directory, 4, "it is left alone")]
    public async Task Start_SomethingIsInTheWay_OneLineThatNamesIt(string file, Damage damage, int exitCode, string reason)
    {
        var path = _directory.File(file);
        damage.Do(path);

        var run = await ProgramRun.RunAsync("openshell-driver-vm", Arguments);

        run.AssertOneLine(exitCode, path, reason);
        Assert.That(Path.Exists(path), Is.True);
        Assert.That(File.Exists(Overlay), Is.True);
    }

    [Test]
    public async Task Start_SandboxesIsAFile_OneLineThatNamesIt()
    {
        Directory.Move(_directory.File("vm/sandboxes"), _directory.File("elsewhere"));
        await File.WriteAllTextAsync(_directory.File("vm/sandboxes"), "");

        (await ProgramRun.RunAsync("openshell-driver-vm", Arguments)).AssertOneLine(1, _directory.File("vm/sandboxes"), "cannot use the directory");
    }

    [Test]
    public async Task Start_SocketThatNobodyServes_IsReplaced()
    {
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Under another name, since disposing removes it.
            stale.Bind(new UnixDomainSocketEndPoint(_directory.File("run/stale")));
            File.Move(_directory.File("run/stale"), Socket);
        }

        await StartAsync();

        Assert.That((await ListAsync()).Id, Is.EqualTo("a"));
    }

    [Test]
    public async Task Start_EntriesThatAreNoSandboxes_AreLeftAlone()
    {
        Directory.CreateDirectory(_directory.File("vm/sandboxes/lost+found"));

        await StartAsync();

        Assert.That((await ListAsync()).Id, Is.EqualTo("a"));
        Assert.That(Directory.Exists(_directory.File("vm/sandboxes/lost+found")), Is.True);
    }

    private async Task AssertLostAsync(string reason)
    {
        var ready = (await ListAsync()).Status.Conditions.Single();
        Assert.That(ready.Reason, Is.EqualTo("RecordLost"));
        Assert.That(ready.Message, Does.Contain(Record).And.Contain(reason).And.Contain($"what is in {Sandbox} is kept"));
        var e = await Assert.ThrowsAsync<RpcException>(async () => await _client.StartSandboxAsync(new StartSandboxRequest { SandboxId = "a", SandboxToken = "t" }));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.FailedPrecondition, ready.Message)));
        Assert.That(new FileInfo(Overlay).Length, Is.EqualTo(DiskBytes));
    }

    private async Task<DriverSandbox> ListAsync() => (await _client.ListSandboxesAsync(new ListSandboxesRequest())).Sandboxes.Single();

    private async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(TestPaths.Program("openshell-driver-vm"), Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            }.WithoutDiagnosticPipes(),
            EnableRaisingEvents = true,
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            _log += line.Data + "\n";
            if (line.Data?.Contains("Serving on", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        _process.Exited += (_, _) => ready.TrySetException(new AssertionException($"the driver exited:\n{_log}"));
        _process.Start();
        _process.BeginErrorReadLine();
        await Eventually.EndsAsync(ready.Task, "the driver serves");
        _channel = GrpcChannel.ForAddress("http://driver", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        });
        _client = new ComputeDriver.ComputeDriverClient(_channel);
    }

    private void WriteRecord(string id, int version)
    {
        File.WriteAllText(Record, $$"""
            {
              "spec": {
                "id": "{{id}}", "name": "box", "namespace": "", "workspace": "default", "image": "tiny", "command": [], "tty": false,
                "logLevel": "", "environment": {}, "labels": {}, "policy": "",
                "size": { "virtualCpus": 1, "memory": { "bytes": 268435456 }, "disk": { "bytes": {{DiskBytes}} } }
              },
              "desired": "Stopped", "instanceId": "boot-1", "process": null, "failure": null,
              "version": {{version}}
            }
            """);
        File.SetUnixFileMode(Record, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
