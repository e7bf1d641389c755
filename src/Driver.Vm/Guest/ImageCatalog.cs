using OpenShell.Driver.Vm.Configuration;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>The images that sandboxes can be made from.</summary>
internal sealed class ImageCatalog(DriverOptions options)
{
    private const string Extension = ".squashfs";

    private string ImagesDirectory => Path.Combine(options.GuestDirectory, "images");

    /// <summary>An image by its name; null if there is none.</summary>
    /// <exception cref="GuestFilesException">What it says about its processes cannot be read.</exception>
    public GuestImage? Find(string name)
    {
        var path = Path.Combine(ImagesDirectory, name + Extension);

        // A name with a separator or ".." would lead out of the directory.
        return Path.GetFileName(path) == name + Extension && File.Exists(path)
            ? new GuestImage(path, ImageConfig.Read(Path.ChangeExtension(path, ".json")).Process?.User ?? "")
            : null;
    }

    /// <summary>The names of all images.</summary>
    public IReadOnlyList<string> List() =>
        Directory.Exists(ImagesDirectory)
            ? [.. Directory.EnumerateFiles(ImagesDirectory, "*" + Extension)
                .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)]
            : [];
}

/// <summary>An image that a guest can be made from.</summary>
/// <param name="Path">Its squashfs.</param>
/// <param name="User">Who runs what names no user; empty is root.</param>
internal sealed record GuestImage(string Path, string User);
