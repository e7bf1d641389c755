using System.Security.Cryptography;
using System.Text;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>
/// The initramfs of the guests: the supervisor as /init, the kernel modules, a console, and an sftp-server with its loader
/// and C library, if the guest directory has one. Made once for every content.
/// </summary>
/// <remarks>It is not compressed: unpacking costs an emulated guest more than the few more megabytes do.</remarks>
internal sealed class InitramfsStore(DriverOptions options, StateLayout layout) : IDisposable
{
    // Part of the hash: changed whenever the archive's layout changes.
    private const string LayoutVersion = "2";
    private const string Extension = ".cpio";

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode ReadableByOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SemaphoreSlim _mutex = new(1, 1);
    private (string Path, DateTime SupervisorTime)? _known;

    /// <summary>The initramfs; made if there is none for this kernel and this supervisor.</summary>
    /// <exception cref="GuestFilesException">There is no supervisor.</exception>
    public async Task<Initramfs> GetAsync(GuestKernel kernel, CancellationToken cancellationToken)
    {
        await _mutex.WaitAsync(cancellationToken);
        try
        {
            var supervisor = new FileInfo(options.SupervisorPath);
            if (!supervisor.Exists)
            {
                throw new GuestFilesException($"the supervisor {options.SupervisorPath} does not exist; give its path with --supervisor");
            }

            // A new build of the supervisor is picked up without restarting the driver.
            if (_known is { } known && known.SupervisorTime == supervisor.LastWriteTimeUtc && File.Exists(known.Path))
            {
                return new Initramfs(known.Path, WasThere: true);
            }

            var inputs = await HashAsync(kernel, cancellationToken);
            var there = await FindAsync(inputs, cancellationToken);
            var path = there ?? await BuildAsync(inputs, kernel, cancellationToken);
            if (there is null)
            {
                RemoveOthers(path);
            }

            _known = (path, supervisor.LastWriteTimeUtc);
            return new Initramfs(path, there is not null);
        }
        finally
        {
            _mutex.Release();
        }
    }

    public void Dispose() => _mutex.Dispose();

    private async Task<string> HashAsync(GuestKernel kernel, CancellationToken cancellationToken)
    {
        await using var supervisor = File.OpenRead(options.SupervisorPath);
        var supervisorHash = Convert.ToHexStringLower(await SHA256.HashDataAsync(supervisor, cancellationToken));
        var content = new StringBuilder($"{LayoutVersion} {kernel.ContentHash} {supervisorHash}");
        foreach (var path in SftpFiles())
        {
            await using var file = File.OpenRead(path);
            content.Append(' ').Append(Path.GetFileName(path)).Append(' ')
                .Append(Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString())));
    }

    private string[] SftpFiles()
    {
        var directory = Path.Combine(options.GuestDirectory, "sftp");
        return Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>One that was made of these inputs, and is still what its name says: its own hash is the second half of it.</summary>
    private async Task<string?> FindAsync(string inputs, CancellationToken cancellationToken)
    {
        foreach (var path in Directory.EnumerateFiles(layout.InitramfsDirectory, $"{inputs}-*{Extension}"))
        {
            if (Path.GetFileName(path) == NameOf(inputs, await HashFileAsync(path, cancellationToken)))
            {
                return path;
            }
        }

        return null;
    }

    private static string NameOf(string inputs, string content) => $"{inputs}-{content}{Extension}";

    private static async Task<string> HashFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower((await SHA256.HashDataAsync(file, cancellationToken)).AsSpan(0, 16));
    }

    private async Task<string> BuildAsync(string inputs, GuestKernel kernel, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(layout.InitramfsDirectory, inputs + ".tmp");
        await using (var output = DurableFile.Create(temporary, DurableFile.OwnerOnly))
        {
            var archive = new CpioWriter(output);
            await archive.AddDirectoryAsync("dev", Executable, cancellationToken);
            await archive.AddCharacterDeviceAsync("dev/console", ReadableByOwner, 5, 1, cancellationToken);
            await archive.AddDirectoryAsync("modules", Executable, cancellationToken);
            foreach (var module in Directory.EnumerateFiles(kernel.ModulesDirectory).Order(StringComparer.Ordinal))
            {
                await AddFileAsync(archive, "modules/" + Path.GetFileName(module), Readable, module, cancellationToken);
            }

            await archive.AddDirectoryAsync("sftp", Executable, cancellationToken);
            foreach (var file in SftpFiles())
            {
                await AddFileAsync(archive, "sftp/" + Path.GetFileName(file), Executable, file, cancellationToken);
            }

            await AddFileAsync(archive, "init", Executable, options.SupervisorPath, cancellationToken);
            await archive.FinishAsync(cancellationToken);
        }

        var path = Path.Combine(layout.InitramfsDirectory, NameOf(inputs, await HashFileAsync(temporary, cancellationToken)));
        DurableFile.Commit(temporary, path);
        return path;
    }

    private static async Task AddFileAsync(CpioWriter archive, string name, UnixFileMode mode, string source, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(source);
        await archive.AddFileAsync(name, mode, content, cancellationToken);
    }

    /// <summary>QEMU has read it all when it is ready, so nothing needs an older one.</summary>
    private void RemoveOthers(string path)
    {
        foreach (var other in Directory.EnumerateFiles(layout.InitramfsDirectory).Where(file => file != path))
        {
            File.Delete(other);
        }
    }
}

/// <summary>An initramfs that is ready.</summary>
/// <param name="WasThere">Whether it was so before it was asked for.</param>
internal sealed record Initramfs(string Path, bool WasThere);
