using System.Globalization;
using Google.Protobuf;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Files;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>Writes what a guest learns at boot: its identity, its token, what to run.</summary>
internal static class GuestConfigFile
{
    /// <summary>Name under which the guest finds it in fw_cfg.</summary>
    public const string FirmwareName = "opt/openshell/config";

    /// <summary>Serial numbers of the disks.</summary>
    public const string ImageSerial = "image";

    /// <inheritdoc cref="ImageSerial"/>
    public const string OverlaySerial = "overlay";

    /// <summary>The one address that a guest can reach.</summary>
    public const string GatewayHost = "10.0.2.100";

    /// <summary>The one port of it.</summary>
    public const ushort GatewayPort = 17670;

    private const string OwnAddress = "10.0.2.15/24";

    /// <summary>Writes the file with mode 0600. The caller removes it as soon as QEMU has read it.</summary>
    public static void Write(string path, MachineSpec spec, GuestImage image, string token, string instanceId)
    {
        var config = new GuestConfig
        {
            SandboxId = spec.Id,
            SandboxName = spec.Name,
            SandboxToken = token,
            Endpoint = string.Create(CultureInfo.InvariantCulture, $"tcp:{GatewayHost}:{GatewayPort}"),
            InstanceId = instanceId,
            Tty = spec.Tty,
            AwaitMainProcessAttachment = spec.AwaitMainProcessAttachment,
            ImageUser = image.User,
            LogLevel = spec.LogLevel,
            Network = new GuestNetwork { Address = OwnAddress },
            Policy = spec.Policy.Length > 0 ? SandboxPolicy.Parser.ParseFrom(spec.Policy) : null,
            Disks = new GuestDisks { ImageSerial = ImageSerial, OverlaySerial = OverlaySerial },
        };
        config.Command.AddRange(spec.Command);
        foreach (var (name, value) in spec.Environment)
        {
            config.Environment[name] = value;
        }

        // Not to the disk: it is worth nothing after this start.
        using var file = DurableFile.Create(path, DurableFile.OwnerOnly);
        config.WriteTo(file);
    }
}
