using System.Diagnostics;
using OpenShell.Gateway.Configuration;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Store;

/// <summary>A database whose disk is full. Needs root, for a file system of its own.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FullDiskTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly StoreReserve _reserve;

    public FullDiskTests()
    {
        Directory.CreateDirectory(Disk);
        Run("mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", Disk);
        _reserve = new StoreReserve(DatabasePath + ".reserve");
    }

    private string Disk => _directory.File("disk");

    private string DatabasePath => Path.Combine(Disk, "openshell.db");

    private string Filler => Path.Combine(Disk, "filler");

    public void Dispose()
    {
        Run("umount", "--lazy", Disk);
        _directory.Dispose();
    }

    [Test]
    public async Task Full_NewRowsAreRefusedAndWhatExistsCanBeChangedAndDeleted()
    {
        await using var store = Open();
        Assert.That(await store.CreateAsync(Row("a"), CancellationToken.None), Is.EqualTo(new StoreResult(StoreOutcome.Done, 1)));
        Assert.That(_reserve.TryMake(), Is.True);
        Fill();

        var e = await CreateUntilFullAsync(store);
        Assert.That(e.IsFull, Is.True);
        Assert.That(e.Message, Does.Contain("the disk is full").And.Contain(DatabasePath));
        Assert.That(File.Exists(DatabasePath + ".reserve"), Is.True, "the reserve is not for new rows");

        Assert.That((await store.UpdateAsync(Row("a"), 1, CancellationToken.None)).Outcome, Is.EqualTo(StoreOutcome.Done));
        Assert.That((await store.DeleteAsync("t", "a", CancellationToken.None)).Outcome, Is.EqualTo(StoreOutcome.Done));
        Assert.That(await store.GetAsync("t", "a", CancellationToken.None), Is.Null);
    }

    // An orderly end removes the two files beside the database, which cannot be made again.
    [Test]
    public async Task Full_OpensWithTheReserve()
    {
        await using (var store = Open())
        {
            await store.CreateAsync(Row("a"), CancellationToken.None);
        }

        Assert.That(_reserve.TryMake(), Is.True);
        Fill();

        await using var again = Open();

        Assert.That((await again.DeleteAsync("t", "a", CancellationToken.None)).Outcome, Is.EqualTo(StoreOutcome.Done));
    }

    [Test]
    public void Reserve_NoRoom_IsNotMadeUntilThereIs()
    {
        Fill();
        Assert.That(_reserve.TryMake(), Is.False);
        Assert.That(_reserve.TryRelease(), Is.False);

        File.Delete(Filler);

        Assert.That(_reserve.TryMake(), Is.True);
        Assert.That(new FileInfo(DatabasePath + ".reserve").Length, Is.EqualTo(StoreReserve.Length));
        Assert.That(_reserve.TryRelease(), Is.True);
        Assert.That(File.Exists(DatabasePath + ".reserve"), Is.False);
    }

    private static StoredObject Row(string id) => new()
    {
        Type = "t",
        Id = id,
        Name = id,
        Workspace = "w",
        Payload = new byte[4096],
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task<StoreUnavailableException> CreateUntilFullAsync(SqliteStore store)
    {
        // SQLite's log has some space already; it is never as large as the whole disk.
        for (var i = 0; i < 40 << 20 >> 12; i++)
        {
            try
            {
                await store.CreateAsync(Row($"row{i}"), CancellationToken.None);
            }
            catch (StoreUnavailableException e)
            {
                return e;
            }
        }

        throw new AssertionException("the disk never became full");
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}");
    }

    private SqliteStore Open() => new(new DatabaseUrl(DatabasePath), reserve: _reserve);

    private void Fill()
    {
        using var file = File.Create(Filler, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
