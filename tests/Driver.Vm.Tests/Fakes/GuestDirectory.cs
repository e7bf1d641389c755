using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>A guest directory with files that look right.</summary>
internal static class GuestDirectory
{
    public const string KernelText = "this is a kernel";
    public const string OrderText = "virtio.ko\n";

    public static void Write(string directory)
    {
        WriteKernel(Path.Combine(directory, "kernel"));
        Directory.CreateDirectory(Path.Combine(directory, "images"));
        File.WriteAllText(Path.Combine(directory, "images", "tiny.squashfs"), "image");
        File.WriteAllText(Path.Combine(directory, "images", "big.squashfs"), "image");
    }

    public static void WriteKernel(string directory)
    {
        Directory.CreateDirectory(Path.Combine(directory, "modules"));
        (string Path, string Text)[] files = [("vmlinux", KernelText), ("modules/order", OrderText), ("modules/virtio.ko", "module")];
        foreach (var (path, text) in files)
        {
            File.WriteAllText(Path.Combine(directory, path), text);
        }

        var list = files.Select(file => $$"""{"path": "{{file.Path}}", "sha256": "{{Hash(file.Text)}}"}""");
        File.WriteAllText(Path.Combine(directory, "manifest.json"), $$"""{"kernelVersion": "6.1", "files": [{{string.Join(", ", list)}}]}""");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
