using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace OpenShell.Gateway.Store;

/// <summary>What every provider of <see cref="IObjectStore"/> must do.</summary>
public abstract class ObjectStoreConformance
{
    private static readonly DateTimeOffset Then = new(2030, 1, 1, 0, 0, 0, 123, TimeSpan.Zero);

    private IAsyncDisposable _owner = null!;
    private IObjectStore _store = null!;

    private protected abstract (IObjectStore Store, IAsyncDisposable Owner) Open();

    [SetUp]
    public void OpenStore() => (_store, _owner) = Open();

    [TearDown]
    public async Task CloseStoreAsync() => await _owner.DisposeAsync();

    [Test]
    public async Task CreateAsync_New_CanBeReadBack()
    {
        var value = Object("1", "one") with
        {
            Labels = Labels(("team", "blue"), ("odd \"key\"", "value, with = 'all' \\ of ü")),
            Payload = new byte[] { 0, 255, 1 },
            UpdatedAt = Then.AddSeconds(5),
        };

        Assert.That(await CreateAsync(value), Is.EqualTo(new StoreResult(StoreOutcome.Done, 1)));

        AssertSame(await GetAsync("1"), value with { ResourceVersion = 1 });
        AssertSame(await _store.GetByNameAsync("thing", "default", "one", CancellationToken.None), value with { ResourceVersion = 1 });
    }

    [Test]
    public async Task CreateAsync_EmptyPayloadAndNames_AreKept()
    {
        var value = Object("1", "") with { Payload = Array.Empty<byte>(), Workspace = "" };
        await CreateAsync(value);

        AssertSame(await GetAsync("1"), value with { ResourceVersion = 1 });
    }

    [Test]
    public async Task CreateAsync_IdTaken_IsAlreadyExistsOverAllTypes()
    {
        await CreateAsync(Object("1", "one"));

        Assert.That(await CreateAsync(Object("1", "two")), Is.EqualTo(new StoreResult(StoreOutcome.AlreadyExists, 0)));
        Assert.That((await CreateAsync(Object("1", "two") with { Type = "other" })).Outcome, Is.EqualTo(StoreOutcome.AlreadyExists));
        Assert.That((await GetAsync("1"))!.Name, Is.EqualTo("one"));
    }

    [Test]
    public async Task CreateAsync_NameTaken_IsAlreadyExistsInItsTypeAndWorkspaceOnly()
    {
        await CreateAsync(Object("1", "one"));

        Assert.That((await CreateAsync(Object("2", "one"))).Outcome, Is.EqualTo(StoreOutcome.AlreadyExists));
        Assert.That((await CreateAsync(Object("3", "one") with { Workspace = "team" })).Outcome, Is.EqualTo(StoreOutcome.Done));
        Assert.That((await CreateAsync(Object("4", "one") with { Type = "other" })).Outcome, Is.EqualTo(StoreOutcome.Done));
        Assert.That((await CreateAsync(Object("5", "ONE"))).Outcome, Is.EqualTo(StoreOutcome.Done));
    }

    [Test]
    public async Task CreateAsync_ManyOfOneName_ExactlyOneIsDone()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => CreateAsync(Object($"{i}", "one")))));

        Assert.That(results.Count(r => r.Outcome == StoreOutcome.Done), Is.EqualTo(1));
        Assert.That(results.Count(r => r.Outcome == StoreOutcome.AlreadyExists), Is.EqualTo(31));
        Assert.That(await ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task GetAsync_OtherTypeOrUnknown_IsNull()
    {
        await CreateAsync(Object("1", "one"));

        Assert.That(await _store.GetAsync("other", "1", CancellationToken.None), Is.Null);
        Assert.That(await GetAsync("2"), Is.Null);
        Assert.That(await _store.GetByNameAsync("thing", "team", "one", CancellationToken.None), Is.Null);
        Assert.That(await _store.GetByNameAsync("other", "default", "one", CancellationToken.None), Is.Null);
        Assert.That(await _store.GetByNameAsync("thing", "default", "1' OR '1'='1", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task ListAsync_Order_IsAgeThenNameThenWorkspaceThenId()
    {
        await CreateAsync(Object("5", "b"));
        await CreateAsync(Object("4", "a") with { Workspace = "y" });
        await CreateAsync(Object("3", "a") with { Workspace = "x" });
        await CreateAsync(Object("2", "z") with { CreatedAt = Then.AddMilliseconds(-1) });
        await CreateAsync(Object("1", "0") with { CreatedAt = Then.AddMilliseconds(1) });
        await CreateAsync(Object("6", "0") with { Type = "other" });

        Assert.That((await ListAsync()).Select(o => o.Id), Is.EqualTo(new[] { "2", "3", "4", "5", "1" }));
    }

    [Test]
    public async Task ListAsync_Pages_AreDisjointAndComplete()
    {
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync(Object($"{i}", $"n{i}"));
        }

        var first = await PageAsync(limit: 3);
        Assert.That(first.Rows.Select(o => o.Id), Is.EqualTo(new[] { "0", "1", "2" }));
        var second = await PageAsync(limit: 3, after: first.Next);
        Assert.That(second.Rows.Select(o => o.Id), Is.EqualTo(new[] { "3", "4", "5" }));
        Assert.That(second.Next, Is.Null);
    }

    [Test]
    public async Task ListAsync_RowsOfOneMoment_ArePagedByNameWorkspaceAndId()
    {
        await CreateAsync(Object("1", "a") with { Workspace = "x" });
        await CreateAsync(Object("2", "a") with { Workspace = "y" });
        await CreateAsync(Object("3", "b") with { Workspace = "x" });
        var found = new List<string>();
        ObjectCursor? after = null;
        do
        {
            var page = await PageAsync(limit: 1, after: after);
            found.Add(page.Rows.Single().Id);
            after = page.Next;
        }
        while (after is not null);

        Assert.That(found, Is.EqualTo(new[] { "1", "2", "3" }));
    }

    [Test]
    public async Task ListAsync_RowOfTheCursorDeleted_GoesOnBehindIt()
    {
        for (var i = 0; i < 3; i++)
        {
            await CreateAsync(Object($"{i}", $"n{i}"));
        }

        var first = await PageAsync(limit: 2);
        await DeleteAsync("thing", "1");

        Assert.That((await PageAsync(limit: 2, after: first.Next)).Rows.Select(o => o.Id), Is.EqualTo(new[] { "2" }));
    }

    // Between two pages things are created before, at and behind the cursor, and others are deleted.
    [Test]
    public void ListAsync_AnythingCreatedAndDeletedBetweenPages_FindsWhatStaysOnce()
    {
        var step = from kind in Gen.Choose(0, 2) from at in Gen.Choose(0, 9) from size in Gen.Choose(1, 4) select (Kind: kind, At: at, Size: size);
        Prop.ForAll(Arb.From(step.ListOf()), steps => CheckPagesAsync([.. steps]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Test]
    public async Task ListAsync_Workspace_IsAFilter()
    {
        await CreateAsync(Object("1", "one"));
        await CreateAsync(Object("2", "one") with { Workspace = "team" });

        Assert.That((await ListAsync("team")).Select(o => o.Id), Is.EqualTo(new[] { "2" }));
        Assert.That((await ListAsync(null)).Select(o => o.Id), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(await ListAsync("nobody"), Is.Empty);
    }

    [Test]
    public async Task ListAsync_Labels_MustAllMatchExactly()
    {
        await CreateAsync(Object("1", "one") with { Labels = Labels(("team", "blue"), ("tier", "web")) });
        await CreateAsync(Object("2", "two") with { Labels = Labels(("team", "blue")) });
        await CreateAsync(Object("3", "three") with { Labels = Labels(("team", "red"), ("odd.key/x", "a\"b")) });
        await CreateAsync(Object("4", "four"));

        Assert.That(await IdsAsync(("team", "blue")), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(await IdsAsync(("team", "blue"), ("tier", "web")), Is.EqualTo(new[] { "1" }));
        Assert.That(await IdsAsync(("odd.key/x", "a\"b")), Is.EqualTo(new[] { "3" }));
        Assert.That(await IdsAsync(("team", "bl")), Is.Empty);
        Assert.That(await IdsAsync(("team", "")), Is.Empty);
        Assert.That(await IdsAsync(("Team", "blue")), Is.Empty);

        async Task<IEnumerable<string>> IdsAsync(params (string, string)[] labels) =>
            (await ListAsync(labels: Labels(labels))).Select(o => o.Id);
    }

    [Test]
    public async Task ListAsync_LabelsWithPaging_CountsMatchesOnly()
    {
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync(Object($"{i}", $"n{i}") with { Labels = Labels(("even", i % 2 == 0 ? "yes" : "no")) });
        }

        var first = await PageAsync(labels: Labels(("even", "yes")), limit: 1);
        Assert.That(first.Rows.Select(o => o.Id), Is.EqualTo(new[] { "0" }));
        var second = await PageAsync(labels: Labels(("even", "yes")), limit: 2, after: first.Next);
        Assert.That((second.Rows.Select(o => o.Id).ToArray(), second.Next), Is.EqualTo((new[] { "2", "4" }, (ObjectCursor?)null)));
    }

    [Test]
    public async Task UpdateAsync_MatchingVersion_ReplacesContentAndKeepsIdentity()
    {
        await CreateAsync(Object("1", "one"));
        var change = Object("1", "renamed") with
        {
            Workspace = "moved",
            CreatedAt = Then.AddYears(1),
            UpdatedAt = Then.AddSeconds(9),
            Labels = Labels(("a", "b")),
            Payload = new byte[] { 9 },
        };

        Assert.That(await UpdateAsync(change, 1), Is.EqualTo(new StoreResult(StoreOutcome.Done, 2)));

        AssertSame(await GetAsync("1"), change with { Name = "one", Workspace = "default", CreatedAt = Then, ResourceVersion = 2 });
    }

    [Test]
    public async Task UpdateAsync_OtherVersion_IsConflictWithTheVersionNowAndWritesNothing()
    {
        await CreateAsync(Object("1", "one"));
        await UpdateAsync(Object("1", "one") with { Payload = new byte[] { 2 } }, 1);

        Assert.That(await UpdateAsync(Object("1", "one") with { Payload = new byte[] { 3 } }, 1), Is.EqualTo(new StoreResult(StoreOutcome.Conflict, 2)));
        Assert.That((await UpdateAsync(Object("1", "one"), 3)).Outcome, Is.EqualTo(StoreOutcome.Conflict));
        Assert.That((await GetAsync("1"))!.Payload.ToArray(), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public async Task UpdateAsync_UnknownOrOtherType_IsNotFound()
    {
        await CreateAsync(Object("1", "one"));

        Assert.That(await UpdateAsync(Object("2", "one"), 1), Is.EqualTo(new StoreResult(StoreOutcome.NotFound, 0)));
        Assert.That((await UpdateAsync(Object("1", "one") with { Type = "other" }, 1)).Outcome, Is.EqualTo(StoreOutcome.NotFound));
    }

    [Test]
    public async Task UpdateAsync_ManyOfOneVersion_ExactlyOneWins()
    {
        await CreateAsync(Object("1", "one"));

        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(
            () => UpdateAsync(Object("1", "one") with { Payload = new[] { (byte)i } }, 1))));

        var winner = results.ToList().FindIndex(r => r.Outcome == StoreOutcome.Done);
        Assert.That(results.Count(r => r == new StoreResult(StoreOutcome.Conflict, 2)), Is.EqualTo(31));
        Assert.That((await GetAsync("1"))!.Payload.ToArray(), Is.EqualTo(new[] { (byte)winner }));
    }

    [Test]
    public async Task UpdateAsync_ManyWithRetry_LoseNothing()
    {
        await CreateAsync(Object("1", "one") with { Payload = new byte[] { 0 } });

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var current = (await GetAsync("1"))!;
                var next = current with { Payload = new[] { (byte)(current.Payload.Span[0] + 1) } };
                if ((await UpdateAsync(next, current.ResourceVersion)).Outcome == StoreOutcome.Done)
                {
                    return;
                }
            }
        })));

        var end = (await GetAsync("1"))!;
        Assert.That((end.Payload.Span[0], end.ResourceVersion), Is.EqualTo(((byte)20, 21UL)));
    }

    [Test]
    public async Task ListAfterAsync_RowsDeletedAndAddedBetweenPages_SkipsAndRepeatsNone()
    {
        foreach (var id in new[] { "1", "2", "3", "5" })
        {
            // Ages run against ids.
            await CreateAsync(Object(id, $"name-{id}") with { CreatedAt = Then.AddDays(-int.Parse(id, null)) });
        }

        await CreateAsync(Object("4", "another") with { Type = "other" });
        var first = await _store.ListAfterAsync("thing", "", 2, CancellationToken.None);
        await DeleteAsync("thing", "1");
        await CreateAsync(Object("0", "late"));

        var second = await _store.ListAfterAsync("thing", first[^1].Id, 2, CancellationToken.None);

        Assert.That(first.Concat(second).Select(r => r.Id), Is.EqualTo(new[] { "1", "2", "3", "5" }));
        Assert.That(await _store.ListAfterAsync("thing", "5", 2, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task DeleteAsync_Row_IsGoneAndItsNameIsFree()
    {
        await CreateAsync(Object("1", "one"));

        Assert.That(await DeleteAsync("other", "1"), Is.EqualTo(StoreOutcome.NotFound));
        Assert.That(await DeleteAsync("thing", "1"), Is.EqualTo(StoreOutcome.Done));
        Assert.That(await DeleteAsync("thing", "1"), Is.EqualTo(StoreOutcome.NotFound));
        Assert.That(await GetAsync("1"), Is.Null);
        Assert.That((await UpdateAsync(Object("1", "one"), 1)).Outcome, Is.EqualTo(StoreOutcome.NotFound));
        Assert.That(await CreateAsync(Object("2", "one")), Is.EqualTo(new StoreResult(StoreOutcome.Done, 1)));
    }

    [Test]
    public async Task PingAsync_Open_Completes()
    {
        await _store.PingAsync(CancellationToken.None);
    }

    [Test]
    public async Task AnyMethod_CancelledBefore_Throws() => await Assert.ThrowsAsync(
        Is.InstanceOf<OperationCanceledException>(), () => _store.GetAsync("thing", "1", new CancellationToken(canceled: true)));

    [Test]
    public async Task AnyMethod_AfterDispose_ThrowsStoreUnavailable()
    {
        await _owner.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => GetAsync("1"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(Object("1", "one")));
    }

    private protected static StoredObject Object(string id, string name) => new()
    {
        Type = "thing",
        Id = id,
        Name = name,
        Workspace = "default",
        Payload = new byte[] { 1 },
        CreatedAt = Then,
        UpdatedAt = Then,
    };

    private static ImmutableDictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        labels.ToImmutableDictionary(l => l.Key, l => l.Value);

    private static void AssertSame(StoredObject? actual, StoredObject expected)
    {
        Assert.That(actual, Is.Not.Null);
        Assert.That(actual!.Payload.ToArray(), Is.EqualTo(expected.Payload.ToArray()));
        Assert.That(actual.Labels, Is.EquivalentTo(expected.Labels));
        Assert.That(actual with { Payload = expected.Payload, Labels = expected.Labels }, Is.EqualTo(expected));
    }

    private Task<StoreResult> CreateAsync(StoredObject value) => _store.CreateAsync(value, CancellationToken.None);

    private Task<StoreResult> UpdateAsync(StoredObject value, ulong expected) => _store.UpdateAsync(value, expected, CancellationToken.None);

    private Task<StoredObject?> GetAsync(string id) => _store.GetAsync("thing", id, CancellationToken.None);

    private async Task<StoreOutcome> DeleteAsync(string type, string id) => (await _store.DeleteAsync(type, id, CancellationToken.None)).Outcome;

    private async Task<IReadOnlyList<StoredObject>> ListAsync(string? workspace = null, ImmutableDictionary<string, string>? labels = null) =>
        (await PageAsync(workspace, labels)).Rows;

    private Task<ObjectPage> PageAsync(
        string? workspace = null, ImmutableDictionary<string, string>? labels = null, int limit = 1000, ObjectCursor? after = null) =>
        _store.ListAsync(
            new ObjectQuery("thing", workspace, labels ?? ImmutableDictionary<string, string>.Empty, limit, after), CancellationToken.None);

    private async Task CheckPagesAsync(IReadOnlyList<(int Kind, int At, int Size)> steps)
    {
        var (store, owner) = Open();
        await using var disposed = owner;
        var stay = new List<string>();
        var come = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            stay.Add($"stays{i}");
            await store.CreateAsync(Object($"stays{i}", $"s{9 - i}") with { CreatedAt = Then.AddSeconds(i / 2) }, CancellationToken.None);
            come.Add($"goes{i}");
            await store.CreateAsync(Object($"goes{i}", $"g{i}") with { CreatedAt = Then.AddSeconds(i / 2) }, CancellationToken.None);
        }

        var found = new List<string>();
        ObjectCursor? after = null;
        var next = 0;
        do
        {
            var (kind, at, size) = next < steps.Count ? steps[next++] : (2, 0, 3);
            var page = await store.ListAsync(
                new ObjectQuery("thing", null, ImmutableDictionary<string, string>.Empty, size, after), CancellationToken.None);
            found.AddRange(page.Rows.Select(o => o.Id));
            after = page.Next;
            if (kind == 0)
            {
                come.Add($"new{next}");
                await store.CreateAsync(Object($"new{next}", $"n{next}") with { CreatedAt = Then.AddSeconds(at - 2) }, CancellationToken.None);
            }
            else if (kind == 1)
            {
                await store.DeleteAsync("thing", come[at % come.Count], CancellationToken.None);
            }
        }
        while (after is not null);

        Assert.That(found, Is.Unique.And.SupersetOf(stay));
        Assert.That(found.Where(stay.Contains), Is.EqualTo(stay.OrderBy(id => int.Parse(id.AsSpan(5), provider: null) / 2).ThenByDescending(id => id)));
    }
}
