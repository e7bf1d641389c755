using OpenShell.Gateway.Configuration;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Store;

/// <summary>What every provider of <see cref="IRequestStore"/> must do.</summary>
[TestFixture(true)]
[TestFixture(false)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RequestStoreTests : IAsyncDisposable
{
    private const int Most = 10;
    private const int MostFailed = 2;

    private static readonly DateTimeOffset Then = new(2030, 1, 1, 0, 0, 0, 123, TimeSpan.Zero);
    private static readonly RequestKey Key = new("idp", "issuer", "subject", "/a/B", "default", "0f8fad5b-d9cb-469f-a165-70867728950e");

    private readonly TestDirectory _directory = new();
    private readonly SqliteStore _store;

    public RequestStoreTests(bool inFile) =>
        _store = new SqliteStore(new DatabaseUrl(inFile ? _directory.File("openshell.db") : null));

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task Begin_New_IsAddedAndFoundAsItIs()
    {
        var request = Request(Key);

        Assert.That(await BeginAsync(request), Is.EqualTo(default(RequestBegin)));

        AssertSame(await FindAsync(Key), request);
    }

    [Test]
    public async Task Begin_Again_IsToldOfTheFirst()
    {
        await BeginAsync(Request(Key));

        var second = await BeginAsync(Request(Key) with { Fingerprint = new byte[] { 9 }, BegunAt = Then.AddHours(1) });

        AssertSame(second.Existing, Request(Key));
    }

    [Test]
    public async Task Begin_TwoAtOnce_OneIsAdded()
    {
        var both = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => BeginAsync(Request(Key))));

        Assert.That(both.Count(b => b.Existing is null), Is.EqualTo(1));
    }

    [Test]
    public async Task Begin_EachPartOfTheKey_MakesItAnother()
    {
        RequestKey[] others =
        [
            Key with { IdentityProvider = "x" }, Key with { Issuer = "x" }, Key with { Subject = "x" },
            Key with { Method = "x" }, Key with { Workspace = "x" }, Key with { RequestId = "x" },
        ];
        await BeginAsync(Request(Key));

        foreach (var other in others)
        {
            Assert.That((await BeginAsync(Request(other))).Existing, Is.Null, other.ToString());
        }
    }

    [Test]
    public async Task Complete_Begun_KeepsTheResult()
    {
        await BeginAsync(Request(Key));

        Assert.That(await CompleteAsync(Key, Then.AddMinutes(1)), Is.True);

        AssertSame(
            await FindAsync(Key), Request(Key) with { CompletedAt = Then.AddMinutes(1), Result = new RequestResult("id", 7, 2) });
        Assert.That(await CompleteAsync(Key, Then), Is.False, "the first one counts");
        Assert.That(await CompleteAsync(Key with { RequestId = "x" }, Then), Is.False);
    }

    [Test]
    public async Task Begin_CompletedBeforeTheTime_IsAnotherRequest()
    {
        await BeginAsync(Request(Key));
        await CompleteAsync(Key, Then);

        Assert.That(await FindAsync(Key, expired: Then), Is.Not.Null);
        Assert.That(await FindAsync(Key, expired: Then.AddMilliseconds(1)), Is.Null);
        Assert.That((await BeginAsync(Request(Key), expired: Then)).Existing, Is.Not.Null);
        Assert.That((await BeginAsync(Request(Key), expired: Then.AddMilliseconds(1))).Existing, Is.Null);
        Assert.That((await FindAsync(Key))!.CompletedAt, Is.Null);
    }

    [Test]
    public async Task Begin_NotCompleted_NeverExpires()
    {
        await BeginAsync(Request(Key));

        Assert.That((await BeginAsync(Request(Key), expired: Then.AddYears(100))).Existing, Is.Not.Null);
    }

    [Test]
    public async Task Begin_CallerHasAsManyAsItMay_IsFullUntilSomeExpire()
    {
        for (var i = 0; i < Most; i++)
        {
            await BeginAsync(Request(Key with { RequestId = $"{i}" }));
        }

        await CompleteAsync(Key with { RequestId = "3" }, Then);

        Assert.That(await BeginAsync(Request(Key)), Is.EqualTo(new RequestBegin(null, IsFull: true)));
        Assert.That(await FindAsync(Key), Is.Null);
        Assert.That((await BeginAsync(Request(Key with { RequestId = "4" }))).Existing, Is.Not.Null, "a known one is found all the same");
        Assert.That(await BeginAsync(Request(Key with { Subject = "other" })), Is.EqualTo(default(RequestBegin)));
        Assert.That(await BeginAsync(Request(Key), expired: Then.AddHours(1)), Is.EqualTo(default(RequestBegin)));
    }

    [Test]
    public async Task Fail_Begun_IsFoundForeverAndNeverASuccess()
    {
        await BeginAsync(Request(Key));

        Assert.That(await FailAsync(Key, Then), Is.True);

        Assert.That(await FailAsync(Key, Then), Is.False, "the first one counts");
        Assert.That(await CompleteAsync(Key, Then), Is.False);
        AssertSame((await BeginAsync(Request(Key), expired: Then.AddYears(100))).Existing, Request(Key));
    }

    [Test]
    public async Task Begin_FailedBeforeTheTime_CountNoMoreAndTheOldestGo()
    {
        for (var i = 0; i < Most; i++)
        {
            await BeginAsync(Request(Key with { RequestId = $"{i}" }));
            await FailAsync(Key with { RequestId = $"{i}" }, Then.AddMinutes(i));
        }

        Assert.That(await BeginAsync(Request(Key), expired: Then), Is.EqualTo(new RequestBegin(null, IsFull: true)));

        Assert.That(await BeginAsync(Request(Key), expired: Then.AddMinutes(5)), Is.EqualTo(default(RequestBegin)));
        Assert.That(await KeptAsync(), Is.EqualTo(new[] { 3, 4, 5, 6, 7, 8, 9 }), "of five that were old enough, two");
        Assert.That(await BeginAsync(Request(Key with { Subject = "other" }), expired: Then.AddHours(1)), Is.EqualTo(default(RequestBegin)));
        Assert.That(await KeptAsync(), Has.Count.EqualTo(7), "those of others are theirs");

        async Task<List<int>> KeptAsync()
        {
            var kept = new List<int>();
            for (var i = 0; i < Most; i++)
            {
                if (await FindAsync(Key with { RequestId = $"{i}" }) is not null)
                {
                    kept.Add(i);
                }
            }

            return kept;
        }
    }

    private static StoredRequest Request(RequestKey key) => new()
    {
        Key = key,
        WorkspaceId = "w",
        Fingerprint = new byte[] { 0, 255, 7 },
        FingerprintKey = "k",
        BegunAt = Then,
    };

    private static void AssertSame(StoredRequest? found, StoredRequest expected)
    {
        Assert.That(found, Is.Not.Null);
        Assert.That(found!.Fingerprint.ToArray(), Is.EqualTo(expected.Fingerprint.ToArray()));
        Assert.That(found with { Fingerprint = default }, Is.EqualTo(expected with { Fingerprint = default }));
    }

    private Task<RequestBegin> BeginAsync(StoredRequest request, DateTimeOffset expired = default) =>
        _store.BeginRequestAsync(request, expired, new RequestQuota(Most, MostFailed), CancellationToken.None);

    private Task<StoredRequest?> FindAsync(RequestKey key, DateTimeOffset expired = default) =>
        _store.FindRequestAsync(key, expired, CancellationToken.None);

    private Task<bool> FailAsync(RequestKey key, DateTimeOffset time) => _store.FailRequestAsync(key, time, CancellationToken.None);

    private Task<bool> CompleteAsync(RequestKey key, DateTimeOffset time) =>
        _store.CompleteRequestAsync(key, new RequestResult("id", 7, 2), time, CancellationToken.None);
}
