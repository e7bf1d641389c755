namespace OpenShell.Cli.Transfer;

/// <summary>What a copy did.</summary>
internal sealed class TransferResult
{
    /// <summary>The failure of a copy whose permissions and times could not be read.</summary>
    public const string AttributesUnknown =
        "permissions and times were not compared, and are as the image's tar leaves them: "
        + "the sandbox's supervisor cannot tell them (stop and start the sandbox to get the current one)";

    /// <summary>Regular files that were copied, by their names, with the SHA-256 of what was copied.</summary>
    public Dictionary<string, string> Copied { get; } = new(StringComparer.Ordinal);

    /// <summary>Regular files that were there already, the same, by their names with their SHA-256.</summary>
    public Dictionary<string, string> Unchanged { get; } = new(StringComparer.Ordinal);

    public int Directories { get; set; }

    public int Links { get; set; }

    /// <summary>Bytes of the files that were copied.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether the other side's files were compared with what was sent; false where it has no tool for it.</summary>
    public bool Verified { get; set; }

    /// <summary>Checks that could not be made.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What should have been copied and was not, or arrived as something else: the copy has failed.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>One hash of all files, copied and unchanged.</summary>
    public string Sha256 => HashList.Combine(Copied.Concat(Unchanged));
}
