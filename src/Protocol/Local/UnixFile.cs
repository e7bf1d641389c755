using OpenShell.Protocol.Native;

namespace OpenShell.Protocol.Local;

/// <summary>What is at a path: whose, and which type and permissions.</summary>
/// <param name="Owner">User id.</param>
/// <param name="TypeAndMode">As <c>st_mode</c>.</param>
public readonly record struct UnixFile(uint Owner, int TypeAndMode)
{
    private const int TypeMask = 0xF000;

    /// <summary>A socket that is bound, or was.</summary>
    public bool IsSocket => (TypeAndMode & TypeMask) == 0xC000;

    /// <summary>A directory.</summary>
    public bool IsDirectory => (TypeAndMode & TypeMask) == 0x4000;

    /// <summary>Whether the group or others may write.</summary>
    public bool OthersMayWrite => (TypeAndMode & 0x12) != 0;

    /// <summary>The permissions, as chmod takes them.</summary>
    public string Mode => Convert.ToString(TypeAndMode & 0xFFF, 8);

    /// <summary>Null if there is nothing, or nothing that can be looked at.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether a link stands for what it leads to.</param>
    public static UnixFile? Find(string path, bool followLink) =>
        Libc.Status(path, followLink) is { } status ? new UnixFile(status.Owner, status.TypeAndMode) : null;
}
