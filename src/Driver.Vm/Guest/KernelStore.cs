using System.Security.Cryptography;
using System.Text.Json;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>
/// The driver's own copy of the guest kernel, every file compared with the manifest when the driver starts to use it.
/// </summary>
/// <remarks>It is a copy, so that replacing the installed files never changes a kernel under a running machine.</remarks>
internal sealed class KernelStore(DriverOptions options, StateLayout layout) : IDisposable
{
    private const string ManifestName = "manifest.json";
    private const string KernelName = "vmlinux";

    private readonly SemaphoreSlim _mutex = new(1, 1);
    private GuestKernel? _kernel;

    private string SourceDirectory => Path.Combine(options.GuestDirectory, "kernel");

    /// <summary>The kernel, copied and checked on the first call.</summary>
    /// <exception cref="GuestFilesException">There is none, or a file is not what the manifest says.</exception>
    public async Task<GuestKernel> GetAsync(CancellationToken cancellationToken)
    {
        await _mutex.WaitAsync(cancellationToken);
        try
        {
            return _kernel ??= await PrepareAsync(cancellationToken);
        }
        finally
        {
            _mutex.Release();
        }
    }

    public void Dispose() => _mutex.Dispose();

    private async Task<GuestKernel> PrepareAsync(CancellationToken cancellationToken)
    {
        var manifestPath = Path.Combine(SourceDirectory, ManifestName);
        if (!File.Exists(manifestPath))
        {
            throw new GuestFilesException(
                $"there is no guest kernel: {manifestPath} does not exist; make it with images/kernel/build.sh or give --guest-dir");
        }

        var manifestBytes = await File.ReadAllBytesAsync(manifestPath, cancellationToken);
        var manifest = Parse(manifestPath, manifestBytes);
        var contentHash = Convert.ToHexStringLower(SHA256.HashData(manifestBytes));
        var target = Path.Combine(layout.KernelDirectory, $"{manifest.KernelVersion}-{contentHash[..12]}");
        foreach (var file in manifest.Files)
        {
            await EnsureAsync(file, target, cancellationToken);
        }

        return new GuestKernel(Path.Combine(target, KernelName), Path.Combine(target, "modules"), contentHash);
    }

    private static KernelManifest Parse(string path, byte[] bytes)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(bytes, GuestJson.Default.KernelManifest);
            return manifest is not null && manifest.Files.Any(file => file.Path == KernelName) && manifest.Files.All(IsInside)
                ? manifest
                : throw new GuestFilesException($"{path} is no manifest of a guest kernel; make it again with images/kernel/build.sh");
        }
        catch (JsonException e)
        {
            throw new GuestFilesException($"{path} cannot be read: {e.Message}; make it again with images/kernel/build.sh");
        }
    }

    private static bool IsInside(KernelManifestFile file) =>
        !Path.IsPathRooted(file.Path) && !file.Path.Split('/').Contains("..");

    /// <summary>Leaves a copy that is right alone, and makes it from a source that is right.</summary>
    private async Task EnsureAsync(KernelManifestFile file, string target, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(target, file.Path);
        if (await HashAsync(copy, cancellationToken) == file.Sha256)
        {
            return;
        }

        var source = Path.Combine(SourceDirectory, file.Path);
        if (await HashAsync(source, cancellationToken) is not { } hash)
        {
            throw new GuestFilesException($"the guest kernel is incomplete: {source} does not exist; make it again with images/kernel/build.sh");
        }

        if (hash != file.Sha256)
        {
            throw new GuestFilesException(
                $"{source} has been changed: its SHA-256 is {hash}, the manifest says {file.Sha256}; make the kernel again with images/kernel/build.sh");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        var temporary = DurableFile.TemporaryOf(copy);
        File.Copy(source, temporary, overwrite: true);
        DurableFile.Commit(temporary, copy);
    }

    private static async Task<string?> HashAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}

/// <summary>A kernel whose files have been checked.</summary>
/// <param name="KernelPath">The ELF image.</param>
/// <param name="ModulesDirectory">The modules and the file "order", which names them in the order of loading.</param>
/// <param name="ContentHash">Changes with any of the files.</param>
internal sealed record GuestKernel(string KernelPath, string ModulesDirectory, string ContentHash);
