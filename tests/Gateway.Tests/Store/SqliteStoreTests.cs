using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using OpenShell.Gateway.Configuration;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Store;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SqliteStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly DateTimeOffset Then = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();

    private string DatabasePath => _directory.File("openshell.db");

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Open_NewFile_ItAndItsCompanionsAreForTheOwnerOnly()
    {
        await using var store = Open();
        await CreateAsync(store, "1");

        foreach (var file in new[] { "", "-wal", "-shm" })
        {
            Assert.That(File.GetUnixFileMode(DatabasePath + file), Is.EqualTo(OwnerOnly), file);
        }
    }

    [Test]
    public async Task Open_SchemaOfANewerGateway_IsRefusedAndSaysWhatToDo()
    {
        await using (Open())
        {
            await using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 9000";
            await command.ExecuteNonQueryAsync();
        }

        var e = Assert.Throws<StoreUnavailableException>(() => Open());
        Assert.That(e!.Message, Does.Contain(DatabasePath).And.Contain("schema version 9000").And.Contain("newer gateway"));
    }

    [Test]
    public async Task Open_ExistingFilesOthersMayRead_AreTightened()
    {
        await using (var store = Open())
        {
            await CreateAsync(store, "1");
            // As after a kill -9: the companions are still there.
            foreach (var file in new[] { "", "-wal", "-shm" })
            {
                File.Copy(DatabasePath + file, _directory.File("copy.db") + file);
                File.SetUnixFileMode(_directory.File("copy.db") + file, (UnixFileMode)0b110_100_100);
            }
        }

        await using var copy = new SqliteStore(new DatabaseUrl(_directory.File("copy.db")));
        Assert.That(await copy.GetAsync("thing", "1", CancellationToken.None), Is.Not.Null);
        foreach (var file in new[] { "", "-wal", "-shm" })
        {
            Assert.That(File.GetUnixFileMode(_directory.File("copy.db") + file), Is.EqualTo(OwnerOnly), file);
        }
    }

    [Test]
    public async Task Open_MissingDirectory_IsMadeForTheOwnerOnly()
    {
        await using var store = new SqliteStore(new DatabaseUrl(_directory.File("a/b/openshell.db")));

        Assert.That(File.GetUnixFileMode(_directory.File("a/b")), Is.EqualTo(OwnerOnly | UnixFileMode.UserExecute));
    }

    [Test]
    public async Task Open_File_HasWalAndItsVersion()
    {
        await using var store = Open();

        using var other = Connect();
        Assert.That(Scalar(other, "PRAGMA journal_mode"), Is.EqualTo("wal"));
        Assert.That(Scalar(other, "PRAGMA user_version"), Is.EqualTo("3"));
    }

    [Test]
    public async Task Open_Again_EverythingIsThere()
    {
        await using (var store = Open())
        {
            await CreateAsync(store, "1");
            await store.UpdateAsync(Object("1") with { Payload = new byte[] { 7 } }, 1, CancellationToken.None);
        }

        await using var again = Open();
        var row = (await again.GetAsync("thing", "1", CancellationToken.None))!;
        Assert.That((row.Payload.Span[0], row.ResourceVersion), Is.EqualTo(((byte)7, 2UL)));
    }

    [Test]
    public async Task Open_WithoutAnOrderlyEnd_EverythingCommittedIsThere()
    {
        await using var store = Open();
        await CreateAsync(store, "1");
        File.Copy(DatabasePath, _directory.File("killed.db"));
        File.Copy(DatabasePath + "-wal", _directory.File("killed.db-wal"));

        await using var again = new SqliteStore(new DatabaseUrl(_directory.File("killed.db")));

        Assert.That(await again.GetAsync("thing", "1", CancellationToken.None), Is.Not.Null);
    }

    [Test]
    public Task Open_ADirectory_SaysWhichPath() => AssertCannotOpenAsync(_directory.Path, "");

    [Test]
    public async Task Open_BelowAFile_SaysWhichPath()
    {
        await File.WriteAllTextAsync(_directory.File("file"), "");

        await AssertCannotOpenAsync(_directory.File("file/openshell.db"), "");
    }

    [Test]
    public Task Open_NotWritable_SaysWhichPath() => AssertCannotOpenAsync("/proc/version", "");

    [Test]
    public async Task Open_NoDatabase_SaysSoAndLeavesTheFileAlone()
    {
        var text = new string('x', 5000);
        await File.WriteAllTextAsync(DatabasePath, text);

        await AssertCannotOpenAsync(DatabasePath, "it is no SQLite database, or a damaged one");
        Assert.That(await File.ReadAllTextAsync(DatabasePath), Is.EqualTo(text));
        Assert.That(OpenDescriptors(), Does.Not.Contain(DatabasePath), "it is closed again");
    }

    [Test]
    public async Task DisposeAsync_QueuedWrites_AreFinished()
    {
        Task<StoreResult>[] writes;
        await using (var store = Open())
        {
            writes = [.. Enumerable.Range(0, 600).Select(i => store.CreateAsync(Object($"{i}"), CancellationToken.None))];
        }

        var results = await Eventually.EndsAsync(Task.WhenAll(writes), "the writes");
        await using var again = Open();
        var page = await again.ListAsync(
            new ObjectQuery("thing", null, ImmutableDictionary<string, string>.Empty, 10_000), CancellationToken.None);
        Assert.That((results.Count(r => r.Outcome == StoreOutcome.Done), page.Rows.Count), Is.EqualTo((600, 600)));
    }

    [Test]
    public async Task DisposeAsync_Twice_IsFine()
    {
        var store = Open();

        await store.DisposeAsync();
        await store.DisposeAsync();
    }

    [Test]
    public async Task CreateAsync_CancelledOnceQueued_StillTellsItsOutcome()
    {
        await using var store = Open();
        using var cancel = new CancellationTokenSource();
        var writing = store.CreateAsync(Object("1"), cancel.Token);
        await cancel.CancelAsync();

        Assert.That(await Eventually.EndsAsync(writing, "the write"), Is.EqualTo(new StoreResult(StoreOutcome.Done, 1)));
    }

    // An operation that cannot be done fails its caller, and nobody else who happens to be in the same transaction.
    [Test]
    public async Task Commit_OneOperationFails_OthersOfTheBatchAreDone()
    {
        await using var store = Open();
        var writes = new List<Task<StoreResult>>();
        var impossible = new List<Task<StoreResult>>();
        for (var i = 0; i < 200; i++)
        {
            writes.Add(store.CreateAsync(Object($"{i}"), CancellationToken.None));
            impossible.Add(store.CreateAsync(Object($"nameless-{i}") with { Name = null! }, CancellationToken.None));
        }

        var results = await Eventually.EndsAsync(Task.WhenAll(writes), "the writes");
        Assert.That(results, Is.All.EqualTo(new StoreResult(StoreOutcome.Done, 1)));
        foreach (var write in impossible)
        {
            await Assert.ThatAsync(() => write, Throws.InvalidOperationException);
        }
    }

    [Test]
    public async Task ListAsync_RowWithDamagedLabelsAndTimes_IsStillThere()
    {
        await using var store = Open();
        await CreateAsync(store, "damaged");
        await CreateAsync(store, "whole");
        using (var other = Connect())
        {
            Scalar(other, "UPDATE objects SET labels = 'no json', created_at_ms = 9223372036854775807, updated_at_ms = -9223372036854775808 WHERE id = 'damaged'");
        }

        var query = new ObjectQuery("thing", null, ImmutableDictionary<string, string>.Empty, 1);
        var first = await store.ListAsync(query, CancellationToken.None);
        var second = await store.ListAsync(query with { After = first.Next }, CancellationToken.None);
        Assert.That(second.Next, Is.Null);
        Assert.That(first.Rows.Concat(second.Rows).Select(o => o.Id), Is.EqualTo(new[] { "whole", "damaged" }));
        var selected = query with { Labels = ImmutableDictionary<string, string>.Empty.Add("a", "b") };
        Assert.That((await store.ListAsync(selected, CancellationToken.None)).Rows, Is.Empty);
    }

    [TestCase(false, "missing")]
    [TestCase(true, "empty")]
    public void Open_DatabaseIsLost_IsNotBegunAnew(bool emptyFile, string state)
    {
        if (emptyFile)
        {
            File.WriteAllText(DatabasePath, "");
        }

        var error = Assert.Throws<StoreUnavailableException>(() => _ = new SqliteStore(new DatabaseUrl(DatabasePath), "there was one"));
        Assert.That(error!.Message, Does.StartWith($"the database {DatabasePath} is {state}, but there was one: ").And.Contain("--new-database"));
        Assert.That(File.Exists(DatabasePath), Is.EqualTo(emptyFile));
    }

    [Test]
    public void Open_DatabaseIsLostButNotItsLog_KeepsTheLog()
    {
        File.WriteAllText(DatabasePath + "-wal", "commits");

        var error = Assert.Throws<StoreUnavailableException>(() => Open());
        Assert.That(error!.Message, Does.Contain($"its log {DatabasePath}-wal is not"));
        Assert.That(File.ReadAllText(DatabasePath + "-wal"), Is.EqualTo("commits"));
    }

    [Test]
    public async Task Open_PageIsDamaged_IsRefusedAtOnce()
    {
        await using (var store = Open())
        {
            for (var i = 0; i < 200; i++)
            {
                await CreateAsync(store, $"{i}");
            }
        }

        await using (var file = File.OpenWrite(DatabasePath))
        {
            file.Seek(2 * 4096, SeekOrigin.Begin);
            file.Write(new byte[3 * 4096]);
        }

        var error = Assert.Throws<StoreUnavailableException>(() => Open());
        Assert.That(error!.Message, Does.Contain(DatabasePath).And.Contain("damaged"));
    }

    [Test]
    public async Task CreateAsync_DatabaseRefuses_ThrowsStoreUnavailableAndWorksAfterwards()
    {
        await using var store = Open();
        using var other = Connect();
        Scalar(other, "DROP TABLE objects");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(store, "1"));
        Assert.That(error!.Message, Does.StartWith("the database does not answer: "));

        Scalar(other, "CREATE TABLE objects (id TEXT, type TEXT, workspace TEXT, name TEXT, labels TEXT, payload BLOB, created_at_ms INTEGER, updated_at_ms INTEGER, resource_version INTEGER)");
        await CreateAsync(store, "1");
    }

    private static IEnumerable<string> OpenDescriptors() => new DirectoryInfo("/proc/self/fd").EnumerateFiles()
        .Select(f => f.LinkTarget ?? "");

    private static string? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar()?.ToString();
    }

    private static async Task AssertCannotOpenAsync(string path, string reason)
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new SqliteStore(new DatabaseUrl(path)).DisposeAsync());
        Assert.That(error!.Message, Does.StartWith($"cannot open the database {path}: {reason}").And.EndWith("; put it back from a copy, or give another file with --db-url sqlite:PATH"));
    }

    // As somebody else who has the file open.
    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private SqliteStore Open() => new(new DatabaseUrl(DatabasePath));

    private static async Task CreateAsync(SqliteStore store, string id) =>
        Assert.That((await store.CreateAsync(Object(id), CancellationToken.None)).Outcome, Is.EqualTo(StoreOutcome.Done));

    private static StoredObject Object(string id) => new()
    {
        Type = "thing",
        Id = id,
        Name = id,
        Workspace = "default",
        Payload = new byte[] { 1 },
        CreatedAt = Then,
        UpdatedAt = Then,
    };
}
