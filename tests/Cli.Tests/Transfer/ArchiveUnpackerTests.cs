using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Tests.Transfer;

/// <summary>Archives of a hostile sandbox, made by System.Formats.Tar and by hand, and archives of real tars.</summary>
internal sealed class ArchiveUnpackerTests
{
    private string _root = "";
    private string _inside = "";
    private LocalTree _tree = null!;
    private TransferResult _result = null!;

    [SetUp]
    public void Create()
    {
        _root = Directory.CreateTempSubdirectory("openshell-tar-").FullName;
        _inside = Directory.CreateDirectory(Path.Combine(_root, "inside")).FullName;
        _tree = LocalTree.Open(_inside);
        _result = new TransferResult();
    }

    [TearDown]
    public void Remove()
    {
        _tree.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [TestCase("../outside")]
    [TestCase("/outside")]
    [TestCase("a/../../outside")]
    public async Task Unpack_NameLeadsOut_IsRefused(string name)
    {
        await UnpackAsync(File(name, "evil"), File("good", "fine"));

        Assert.That(_result.Failures, Has.Count.EqualTo(1));
        Assert.That(OutsideEntries(), Is.Empty);
        Assert.That(await System.IO.File.ReadAllTextAsync(Path.Combine(_inside, "good")), Is.EqualTo("fine"), "the rest is unpacked");
    }

    [Test]
    public async Task Unpack_ThroughALinkThatItJustMade_IsRefused()
    {
        await UnpackAsync(Link("link", _root), File("link/outside", "evil"), Link("two", "link"), File("two/outside", "evil"));

        Assert.That(_result.Failures, Has.Count.EqualTo(2));
        Assert.That(OutsideEntries(), Is.Empty);
        Assert.That(new FileInfo(Path.Combine(_inside, "link")).LinkTarget, Is.EqualTo(_root), "links are kept");
    }

    [Test]
    public async Task Unpack_FileOverALink_ReplacesTheLink()
    {
        var outside = Path.Combine(_root, "outside");
        await System.IO.File.WriteAllTextAsync(outside, "mine");

        await UnpackAsync(Link("file", outside), File("file", "theirs"));

        Assert.That(_result.Failures, Is.Empty);
        Assert.That(await System.IO.File.ReadAllTextAsync(outside), Is.EqualTo("mine"));
        Assert.That(await System.IO.File.ReadAllTextAsync(Path.Combine(_inside, "file")), Is.EqualTo("theirs"));
    }

    [TestCase("../secret")]
    [TestCase("/etc/hostname")]
    [TestCase("was-there")]
    [TestCase("link")]
    public async Task Unpack_HardLinkToWhatItDidNotBring_IsRefused(string target)
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_root, "secret"), "mine");
        await System.IO.File.WriteAllTextAsync(Path.Combine(_inside, "was-there"), "mine");

        await UnpackAsync(Link("link", Path.Combine(_root, "secret")), new UstarTarEntry(TarEntryType.HardLink, "hard") { LinkName = target });

        Assert.That(_result.Failures, Has.Count.EqualTo(1));
        Assert.That(System.IO.File.Exists(Path.Combine(_inside, "hard")), Is.False);
    }

    [Test]
    public async Task Unpack_HardLinkWithin_IsOneFileWithTwoNames()
    {
        await UnpackAsync(File("one", "content"), new UstarTarEntry(TarEntryType.HardLink, "d/two") { LinkName = "one" });

        Assert.That(_result.Failures, Is.Empty);
        Assert.That(await System.IO.File.ReadAllTextAsync(Path.Combine(_inside, "d/two")), Is.EqualTo("content"));
        Assert.That(_result.Copied["d/two"], Is.EqualTo(_result.Copied["one"]));
    }

    [Test]
    public async Task Unpack_DeviceAndSetUserId_AreNotMade()
    {
        var program = (UstarTarEntry)File("program", "#!");
        program.Mode = (UnixFileMode)0xFED;
        var device = new UstarTarEntry(TarEntryType.CharacterDevice, "device") { DeviceMajor = 1, DeviceMinor = 3 };
        await UnpackAsync(device, new UstarTarEntry(TarEntryType.Fifo, "pipe"), program);

        Assert.That(Directory.GetFileSystemEntries(_inside).Select(Path.GetFileName), Is.EqualTo(new[] { "program" }));
        Assert.That((int)System.IO.File.GetUnixFileMode(Path.Combine(_inside, "program")), Is.EqualTo(0x3ED), "the sticky bit is nobody's right");
        Assert.That(_result.Failures, Has.Count.EqualTo(3));
    }

    [TestCase(TarEntryFormat.V7)]
    [TestCase(TarEntryFormat.Ustar)]
    [TestCase(TarEntryFormat.Pax)]
    [TestCase(TarEntryFormat.Gnu)]
    public async Task Unpack_EveryFormat_GivesTheContent(TarEntryFormat format)
    {
        var name = format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? new string('n', 180) : "name";
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
            _ => new GnuTarEntry(TarEntryType.RegularFile, name),
        };
        entry.DataStream = new MemoryStream("content"u8.ToArray());
        await UnpackAsync(entry);
        Assert.That(await System.IO.File.ReadAllTextAsync(Path.Combine(_inside, name)), Is.EqualTo("content"));
    }

    [Test]
    public async Task Unpack_CutOff_FailsAndLeavesNoHalfFile()
    {
        var archive = Archive(File("file", new string('x', 5000)));
        using var half = new MemoryStream(archive[..2000]);
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(half));
        Assert.That(Directory.GetFileSystemEntries(_inside), Is.Empty);
        using var noise = new MemoryStream(Encoding.ASCII.GetBytes(new string('?', 4096)));
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(noise));
    }

    [TestCase(TarEntryFormat.Pax, -1.25)]
    [TestCase(TarEntryFormat.Pax, 1700000000.5)]
    [TestCase(TarEntryFormat.Pax, 7258118400.75)]
    [TestCase(TarEntryFormat.Gnu, -86400)]
    [TestCase(TarEntryFormat.Gnu, 0)]
    [TestCase(TarEntryFormat.Gnu, 7258118400)]
    public async Task Unpack_AnyTime_IsKept(TarEntryFormat format, double seconds)
    {
        var time = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        TarEntry entry = format == TarEntryFormat.Pax ? new PaxTarEntry(TarEntryType.RegularFile, "file") : new GnuTarEntry(TarEntryType.RegularFile, "file");
        entry.DataStream = new MemoryStream("content"u8.ToArray());
        entry.ModificationTime = time;

        await UnpackAsync(entry);

        Assert.That(_result.Failures, Is.Empty);
        Assert.That(System.IO.File.GetLastWriteTimeUtc(Path.Combine(_inside, "file")), Is.EqualTo(time.UtcDateTime));
    }

    [Test]
    public async Task Unpack_DirectoriesThatAreClosed_StayClosedAndHaveTheirContent()
    {
        var directory = new UstarTarEntry(TarEntryType.Directory, "closed/") { Mode = 0 };
        var sticky = new UstarTarEntry(TarEntryType.Directory, "closed/sticky/") { Mode = (UnixFileMode)0x5FF };

        await UnpackAsync(directory, sticky, File("closed/sticky/file", "content"));

        Assert.That(_result.Failures, Is.Empty);
        Assert.That((int)System.IO.File.GetUnixFileMode(Path.Combine(_inside, "closed")), Is.Zero);
        System.IO.File.SetUnixFileMode(Path.Combine(_inside, "closed"), UnixFileMode.UserExecute | UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.That((int)System.IO.File.GetUnixFileMode(Path.Combine(_inside, "closed/sticky")), Is.EqualTo(0x5FF));
    }

    [Test]
    public async Task Headers_OfAnySizeAndTime_AreReadBack(
        [Values(0, 1, 0x1_FFFF_FFFF, 0x2_0000_0000, long.MaxValue >> 8)] long size,
        [Values(0, -1, -86400, long.MinValue >> 8, 0x1_FFFF_FFFF, 0x2_0000_0000, long.MaxValue >> 8)] long time,
        [Values(0, 0xFFF)] int mode)
    {
        using var archive = new MemoryStream(TarHeaderWriter.Header(new Entry("name", EntryKind.File, mode, size, time)));
        var entry = await new OpenShell.Cli.Transfer.TarReader(archive).NextAsync(CancellationToken.None);
        Assert.That(entry, Is.EqualTo(new Entry("name", EntryKind.File, mode, size, time)));
    }

    [TestCase("tar")]
    [TestCase("busybox")]
    public async Task Headers_OfOurs_AreReadByRealTars(string program)
    {
        var name = new string('l', 150) + "\nsecond";
        using var archive = new MemoryStream();
        archive.Write(TarHeaderWriter.Header(new Entry("./d", EntryKind.Directory, 0x1C8, 0, 1_700_000_000)));
        archive.Write(TarHeaderWriter.Header(new Entry("./d/" + name, EntryKind.File, 0x180, 5, 1_700_000_000)));
        archive.Write([.. "hello"u8, .. new byte[507]]);
        archive.Write(TarHeaderWriter.Header(new Entry("./link", EntryKind.SymbolicLink, 0x1FF, 0, 0, new string('t', 120))));
        archive.Write(TarHeaderWriter.End);

        string[] words = [.. program == "busybox" ? (string[])["tar"] : [], "-x", "-o", "-p", "-f", "-"];
        using var tar = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardInput = true, WorkingDirectory = _inside })!;
        archive.WriteTo(tar.StandardInput.BaseStream);
        tar.StandardInput.Close();
        await tar.WaitForExitAsync();

        Assert.That(tar.ExitCode, Is.Zero);
        Assert.That(await System.IO.File.ReadAllTextAsync(Path.Combine(_inside, "d", name)), Is.EqualTo("hello"));
        Assert.That((int)System.IO.File.GetUnixFileMode(Path.Combine(_inside, "d", name)), Is.EqualTo(0x180));
        Assert.That(new FileInfo(Path.Combine(_inside, "link")).LinkTarget, Is.EqualTo(new string('t', 120)));
    }

    [Test]
    public void HashList_NamesWithLineBreaks_AreFound()
    {
        string one = new('1', 64);
        string two = new('2', 64);
        var output = $"{one}  ./a\n\\{two}  ./b\\nc\n";
        Assert.That(
            HashList.Parse(output, ["a", "missing", "b\nc"]),
            Is.EquivalentTo(new Dictionary<string, string> { ["a"] = one, ["b\nc"] = two }));
        Assert.That(HashList.Parse($"{two}  ./b\nc\n", ["b\nc"])["b\nc"], Is.EqualTo(two), "busybox escapes nothing");
    }

    private static TarEntry File(string name, string content) =>
        new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(content)) };

    private static TarEntry Link(string name, string target) => new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static byte[] Archive(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    private IEnumerable<string?> OutsideEntries() => Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Where(name => name != "inside");

    private async Task UnpackAsync(params TarEntry[] entries)
    {
        using var archive = new MemoryStream(Archive(entries));
        await UnpackAsync(archive);
    }

    private async Task UnpackAsync(Stream archive)
    {
        var unpacker = new ArchiveUnpacker(_tree, path => path, _result, new TransferProgress());
        await unpacker.RunAsync(archive, CancellationToken.None);
        unpacker.Finish(_ => null, []);
    }
}
