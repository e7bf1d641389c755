using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Boot;

/// <summary>Where identity and configuration come from.</summary>
internal static class GuestConfigFile
{
    /// <summary>The file that the machine hands to its firmware.</summary>
    public const string FirmwarePath = "/sys/firmware/qemu_fw_cfg/by_name/opt/openshell/config/raw";

    /// <exception cref="BootException">It cannot be read or is no configuration.</exception>
    public static GuestConfig Read(string path)
    {
        try
        {
            return GuestConfig.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BootException("configuration", e.Message);
        }
        catch (InvalidProtocolBufferException)
        {
            // Its message could quote bytes of the file, which holds the token.
            throw new BootException("configuration", $"{path} is not a GuestConfig");
        }
    }
}
