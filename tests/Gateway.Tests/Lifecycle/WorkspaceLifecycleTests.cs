using System.Collections.Immutable;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Workspaces, and what is created in one while it is deleted.</summary>
internal sealed class WorkspaceLifecycleTests : RaceTest
{
    private const string Full =
        "workspace 'team' still contains resources: sandbox; it takes nothing new: delete them, and then it, again";

    [Test]
    public async Task CreateAsync_Twice_AlreadyExists()
    {
        var created = await CreateAsync("team");

        Assert.That((created.Phase, created.ResourceVersion), Is.EqualTo((WorkspacePhase.Active, 1UL)));
        Assert.That(await FailureAsync("team"), Is.EqualTo(new Failure(FailureKind.AlreadyExists, "workspace already exists")));
    }

    [Test]
    public async Task FindAsync_Default_AlwaysExists()
    {
        Assert.That((await Gateway.WorkspaceDirectory.FindAsync("default", CancellationToken.None)).Succeeded(out var found, out _));
        Assert.That(found!.Name, Is.EqualTo("default"));
        Assert.That((await Gateway.WorkspaceDirectory.FindAsync("other", CancellationToken.None)).Succeeded(out _, out var missing), Is.False);
        Assert.That(missing, Is.EqualTo(new Failure(FailureKind.NotFound, "workspace 'other' not found")));
    }

    [Test]
    public async Task DeleteAsync_Default_IsRefused() => Assert.That(
        await Gateway.WorkspaceLifecycle.DeleteAsync("default"),
        Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "the default workspace cannot be deleted")));

    [Test]
    public async Task DeleteAsync_Unknown_IsNotFound() => Assert.That(
        await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.EqualTo(new Failure(FailureKind.NotFound, "workspace 'team' not found")));

    [Test]
    public async Task DeleteAsync_Empty_IsGoneAndItsNameIsFree()
    {
        Gateway.Driver.KnowsWorkspaces = true;
        var first = await CreateAsync("team");

        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.Null);
        Assert.That(Gateway.Driver.Calls, Does.Contain("drop team"));
        Assert.That((await CreateAsync("team")).Id, Is.Not.EqualTo(first.Id));
    }

    [Test]
    public async Task DeleteAsync_NotEmpty_NamesTheKindsTakesNothingNewAndCanBeRepeated()
    {
        await CreateAsync("team");
        var sandbox = await SandboxAsync();

        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.EqualTo(new Failure(FailureKind.FailedPrecondition, Full)));
        var closed = (await Gateway.Workspaces.GetByNameAsync("team", CancellationToken.None))!;
        Assert.That((closed.Phase, closed.DeletionAt), Is.EqualTo((WorkspacePhase.Terminating, (DateTimeOffset?)Gateway.Time.GetUtcNow())));
        Assert.That(await SandboxFailureAsync(), Is.EqualTo(BeingDeleted));
        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.EqualTo(new Failure(FailureKind.FailedPrecondition, Full)));

        Assert.That((await Gateway.Lifecycle.DeleteAsync(sandbox, CancellationToken.None)).Succeeded(out _, out _));
        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.Null);
        Assert.That(await Gateway.Workspaces.GetByNameAsync("team", CancellationToken.None), Is.Null);
    }

    // The sandbox has found its workspace open, and the whole deletion comes before its row.
    [Test]
    public async Task DeleteAsync_WhileASandboxIsAboutToBeStored_KeepsItOut()
    {
        await CreateAsync("team");
        Gateway.Store.BeforeCreate = async () =>
        {
            Gateway.Store.BeforeCreate = null;
            Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.Null);
        };

        Assert.That(await SandboxFailureAsync(), Is.EqualTo(new Failure(FailureKind.NotFound, "workspace 'team' not found")));
        Assert.That(await Gateway.Sandboxes.ListAllAsync(CancellationToken.None), Is.Empty);
    }

    // As above, and a new workspace of that name is there by then: the sandbox is of neither or of the new one, never of the old.
    [Test]
    public async Task DeleteAsync_WorkspaceReplacedWhileASandboxIsAboutToBeStored_IsInTheNewOne()
    {
        await CreateAsync("team");
        Gateway.Store.BeforeCreate = async () =>
        {
            Gateway.Store.BeforeCreate = null;
            Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.Null);
            await CreateAsync("team");
        };

        await SandboxAsync();
        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.EqualTo(new Failure(FailureKind.FailedPrecondition, Full)));
    }

    // Two deletions of one workspace, and a new one of that name: it is nobody's business but its owner's.
    [Test]
    public async Task DeleteAsync_TwoAtOnceAndTheNameIsTakenAgain_NewOneStays()
    {
        Gateway.Driver.KnowsWorkspaces = true;
        await CreateAsync("team");
        var driver = new SyncPoint();
        Gateway.Driver.BeforeDeleteWorkspace = driver.HoldAsync;
        var first = Gateway.WorkspaceLifecycle.DeleteAsync("team");
        await driver.ReachedAsync("the driver's deletion");
        var next = CreateAsync("team");
        var second = Gateway.WorkspaceLifecycle.DeleteAsync("team");

        driver.Release();

        Assert.That(await first, Is.Null);
        Assert.That(await second, Is.Null);
        var created = await next;
        Assert.That(await Gateway.Workspaces.GetAsync(created.Id, CancellationToken.None), Is.EqualTo(created));
        Assert.That(Gateway.Driver.Calls.Count(c => c == "drop team"), Is.EqualTo(1));
    }

    // The deletion has read the workspace, and the sandbox is stored before it says that it has begun.
    [Test]
    public async Task DeleteAsync_SandboxStoredBeforeItBegins_FindsIt()
    {
        await CreateAsync("team");
        Gateway.Store.BeforeUpdate = async () =>
        {
            Gateway.Store.BeforeUpdate = null;
            await SandboxAsync();
        };

        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.EqualTo(new Failure(FailureKind.FailedPrecondition, Full)));
    }

    [Test]
    public async Task DeleteAsync_TokensOfSandboxesThatWereInIt_GoWithIt()
    {
        await CreateAsync("team");
        await Gateway.Access.CreateAsync(
            new SshAccessRecord
            {
                Id = "token",
                SandboxId = "gone",
                Run = 1,
                SecretHash = [],
                ExpiresAt = Gateway.Time.GetUtcNow().AddDays(1),
                CreatedAt = Gateway.Time.GetUtcNow(),
            },
            CancellationToken.None);

        Assert.That(await Gateway.WorkspaceLifecycle.DeleteAsync("team"), Is.Null);
        Assert.That(await Gateway.Access.ListAllAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Sandboxes_OfOneNameInTwoWorkspaces_AreTwo()
    {
        Gateway.Driver.KnowsWorkspaces = true;
        await CreateAsync("team");
        var mine = await SandboxAsync();
        Assert.That((await Gateway.CreateAsync()).Succeeded(out var other, out _));

        Assert.That(mine.Id, Is.Not.EqualTo(other!.Id));
        Assert.That(Gateway.Driver.Calls, Is.SupersetOf(new[] { "ensure team", "ensure default" }));
        Assert.That((await Gateway.Directory.FindAsync("team", "box", CancellationToken.None)).Succeeded(out var found, out _));
        Assert.That(found!.Id, Is.EqualTo(mine.Id));
        Assert.That(await SandboxFailureAsync(), Is.EqualTo(new Failure(FailureKind.AlreadyExists, "sandbox 'box' already exists")));
    }

    private static Failure BeingDeleted => new(FailureKind.FailedPrecondition, "workspace 'team' is being deleted");

    private async Task<WorkspaceRecord> CreateAsync(string name)
    {
        var created = await Gateway.WorkspaceLifecycle.CreateAsync(name, ImmutableDictionary<string, string>.Empty, CancellationToken.None);
        Assert.That(created.Succeeded(out var workspace, out var failure), Is.True, failure?.Message);
        return workspace!;
    }

    private async Task<Failure?> FailureAsync(string name) =>
        (await Gateway.WorkspaceLifecycle.CreateAsync(name, ImmutableDictionary<string, string>.Empty, CancellationToken.None))
            .Succeeded(out _, out var failure) ? null : failure;

    private async Task<SandboxRecord> SandboxAsync()
    {
        Assert.That((await Gateway.CreateAsync("team")).Succeeded(out var sandbox, out var failure), Is.True, failure?.Message);
        return sandbox!;
    }

    private async Task<Failure?> SandboxFailureAsync() =>
        (await Gateway.CreateAsync("team")).Succeeded(out _, out var failure) ? null : failure;
}
