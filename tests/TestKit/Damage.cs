namespace OpenShell.TestKit;

/// <summary>What may have happened to a file while nobody looked.</summary>
public enum Damage
{
    /// <summary>It is gone.</summary>
    Missing,

    /// <summary>Nothing is in it.</summary>
    Empty,

    /// <summary>The second half of it is gone.</summary>
    Truncated,

    /// <summary>Something else is in it.</summary>
    Garbage,

    /// <summary>A directory with something in it is in its place.</summary>
    Directory,

    /// <summary>Every user may read it.</summary>
    Open,
}

/// <summary>Does damage to a state directory.</summary>
public static class DamageExtensions
{
    /// <summary>Damages a file; one that is not there is made first.</summary>
    public static void Do(this Damage damage, string path)
    {
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        switch (damage)
        {
            case Damage.Missing:
                File.Delete(path);
                return;
            case Damage.Empty:
                File.WriteAllText(path, "");
                break;
            case Damage.Truncated:
                using (var file = File.OpenWrite(path))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            case Damage.Garbage:
                // The same rubbish every time.
                var rubbish = new byte[5000];
                new Random(10).NextBytes(rubbish);
                File.WriteAllBytes(path, rubbish);
                break;
            case Damage.Directory:
                File.Delete(path);
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(path, "keep"), "worth something");
                return;
            case Damage.Open:
                mode |= UnixFileMode.GroupRead | UnixFileMode.OtherRead;
                break;
        }

        File.SetUnixFileMode(path, mode);
    }
}
