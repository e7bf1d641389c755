using System.Globalization;

namespace OpenShell.Supervisor.Users;

/// <summary>
/// The image's /etc/passwd and /etc/group, read anew for each question: they are small, and packages that a user
/// installs add to them. No C library: a static one cannot load the modules that its own lookup needs.
/// </summary>
internal sealed class UserDatabase(string directory)
{
    private const string FallbackHome = "/";

    /// <summary>Finds a user.</summary>
    /// <param name="user">A name, "uid", "uid:gid" or "name:group"; empty is root.</param>
    /// <returns>Null if there is no such user. A number needs no entry.</returns>
    public UserIdentity? Find(string user)
    {
        if (user.Length == 0)
        {
            user = "0";
        }

        var separator = user.IndexOf(':', StringComparison.Ordinal);
        var wantedGroup = separator < 0 ? null : user[(separator + 1)..];
        var identity = FindUser(separator < 0 ? user : user[..separator]);
        if (identity is null || wantedGroup is null)
        {
            return identity;
        }

        return FindGroup(wantedGroup) is { } gid ? identity with { Gid = gid, Groups = [gid] } : null;
    }

    private UserIdentity? FindUser(string user)
    {
        var byNumber = TryParseId(user, out var uid);
        foreach (var entry in Entries("passwd", minimumFields: 7))
        {
            if ((entry[0] == user || (byNumber && entry[2] == user))
                && TryParseId(entry[2], out var foundUid) && TryParseId(entry[3], out var gid))
            {
                var home = entry[5].Length == 0 ? FallbackHome : entry[5];
                return new UserIdentity(entry[0], foundUid, gid, GroupsOf(entry[0], gid), home, entry[6]);
            }
        }

        if (!byNumber)
        {
            // An image without /etc/passwd still has a root.
            return user == "root" ? new UserIdentity("root", 0, 0, [0], "/root", "") : null;
        }

        return new UserIdentity(uid == 0 ? "root" : user, uid, 0, [0], uid == 0 ? "/root" : FallbackHome, "");
    }

    private uint? FindGroup(string group)
    {
        foreach (var entry in Entries("group", minimumFields: 3))
        {
            if (entry[0] == group && TryParseId(entry[2], out var found))
            {
                return found;
            }
        }

        return TryParseId(group, out var gid) ? gid : null;
    }

    private List<uint> GroupsOf(string name, uint primary)
    {
        List<uint> groups = [primary];
        foreach (var entry in Entries("group", minimumFields: 4))
        {
            if (TryParseId(entry[2], out var gid) && !groups.Contains(gid) && entry[3].Split(',').Contains(name))
            {
                groups.Add(gid);
            }
        }

        return groups;
    }

    private IEnumerable<string[]> Entries(string file, int minimumFields)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(directory, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var line in lines)
        {
            var fields = line.Split(':');
            if (fields.Length >= minimumFields)
            {
                yield return fields;
            }
        }
    }

    // The highest number means "leave it" to the kernel, so it names nobody.
    private static bool TryParseId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id != uint.MaxValue;
}

/// <summary>Who a process runs as.</summary>
/// <param name="Name">Login name; the number where it has none.</param>
/// <param name="Groups">All group ids, the primary one included.</param>
/// <param name="Shell">Login shell; empty where none is recorded.</param>
internal sealed record UserIdentity(
    string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home, string Shell);
