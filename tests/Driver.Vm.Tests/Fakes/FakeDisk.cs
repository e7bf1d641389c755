namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>A sparse file that begins like an ext4.</summary>
internal static class FakeDisk
{
    public static void Write(string path, long bytes)
    {
        using var disk = File.Create(path);
        disk.SetLength(bytes);
        disk.Seek(1024 + 56, SeekOrigin.Begin);
        disk.Write([0x53, 0xef]);
    }
}
