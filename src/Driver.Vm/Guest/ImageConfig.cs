using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>
/// What an image says about its processes: the file NAME.json beside NAME.squashfs, an OCI image configuration
/// (image-spec, config.md), of which this reads <c>config.User</c>. An image without the file says nothing.
/// </summary>
internal sealed record ImageConfig([property: JsonPropertyName("config")] ImageProcessConfig? Process = null)
{
    /// <summary>Reads the configuration of an image.</summary>
    /// <exception cref="GuestFilesException">The file is not such a configuration.</exception>
    public static ImageConfig Read(string path)
    {
        // Anything else that is there, or cannot be read, may name a user: it must not pass for root.
        if (!Path.Exists(path))
        {
            return new ImageConfig();
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), GuestJson.Default.ImageConfig) ?? new ImageConfig();
        }
        catch (JsonException e)
        {
            throw new GuestFilesException($"{path} is no OCI image configuration: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestFilesException($"{path} cannot be read ({e.Message.TrimEnd('.')}); make the image again");
        }
    }
}

/// <summary>How the processes of an image run.</summary>
/// <param name="User">NAME, ID, NAME:GROUP or ID:ID; null or empty is root.</param>
internal sealed record ImageProcessConfig([property: JsonPropertyName("User")] string? User = null);
