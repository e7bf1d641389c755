using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Model;

/// <summary>What must hold, whatever happened in whatever order.</summary>
internal static class ModelChecks
{
    /// <summary>After every step, also in the middle of flows.</summary>
    public static void Always(ModelGateway gateway)
    {
        foreach (var id in ModelGateway.SandboxIds)
        {
            var alive = gateway.Sessions.Where(s => s.SandboxId == id && s.EndReason == SessionEnd.None).ToList();
            Assert.That(alive, Has.Count.LessThanOrEqualTo(1), "at most one live session");
            if (alive.Count == 1)
            {
                Assert.That(gateway.Registry.Find(id), Is.SameAs(alive[0]), "the live session is the registry's");
            }

            Assert.That(gateway.Table.ListPending(id), Has.Count.LessThanOrEqualTo(gateway.Options.MaxPendingPerSandbox));
            Assert.That(gateway.Table.ListActive(id), Has.Count.LessThanOrEqualTo(gateway.Options.MaxActivePerSandbox));
        }

        Assert.That(gateway.Table.PendingCount, Is.LessThanOrEqualTo(gateway.Options.MaxPending));
        Assert.That(gateway.Table.ActiveCount, Is.LessThanOrEqualTo(gateway.Options.MaxActive));
        Assert.That(gateway.Relays.Select(r => r.Active.ChannelId), Is.Unique, "a claim is good once");
        var held = gateway.Table.ListPending(null).Select(p => p.ServiceId).ToHashSet();
        foreach (var open in gateway.Opens.Where(o => o.Task.IsCompleted))
        {
            Assert.That(held, Does.Not.Contain(open.Name), "the slot is free before the caller knows");
            Assert.That(open.Task.IsFaulted, Is.False, open.Task.Exception?.ToString());
            Assert.That(open.Task.IsCanceled && !open.GaveUp, Is.False, "only who gave up is told so");
        }

        foreach (var relay in gateway.Relays.Where(r => r.Delivered))
        {
            var open = gateway.Opens.Single(o => o.Name == relay.Pending.ServiceId);
            Assert.That(!open.Task.IsCompleted || Owns(open, relay) || relay.Transport!.Calls.Contains("close reset"), Is.True, "a relay has an owner or is closed");
        }
    }

    /// <summary>When nothing could go on by itself.</summary>
    public static void AtRest(ModelGateway gateway)
    {
        foreach (var id in ModelGateway.SandboxIds)
        {
            var live = gateway.Registry.Find(id);
            if (!gateway.Stopping)
            {
                Assert.That(Read(gateway, id).Phase == SandboxPhase.Ready, Is.EqualTo(live is not null), "Ready if and only if a session lives");
            }

            foreach (var open in gateway.Opens.Where(o => o.SandboxId == id && !o.Task.IsCompleted))
            {
                Assert.That(open.WaitsForSession || open.WaitsForClaim, Is.True, "a caller without an answer waits for something");
                Assert.That(open.WaitsForSession && (live is not null || gateway.Stopping), Is.False, "nobody waits for a session that is there");
                if (open.WaitsForClaim && live is not null)
                {
                    Assert.That(gateway.Sent[live], Does.Contain(open.Pending!.ChannelId), "the live session was asked");
                }
            }
        }

        Assert.That(gateway.Table.PendingCount, Is.EqualTo(gateway.Opens.Count(o => o.WaitsForClaim)), "pending slots");
        Assert.That(gateway.Table.ActiveCount, Is.EqualTo(gateway.Relays.Count(r => r.Delivered && !r.Over.Task.IsCompleted)), "active slots");
    }

    /// <summary>When everything was ended.</summary>
    public static void AtTheEnd(ModelGateway gateway)
    {
        Assert.That((gateway.Table.PendingCount, gateway.Table.ActiveCount, gateway.Registry.Count), Is.EqualTo((0, 0, 0)));
        // The thread that told a caller disposes its timer a moment later.
        Assert.That(SpinWait.SpinUntil(() => gateway.Time.Timers == 0, Eventually.Timeout), Is.True, "no timer is left");
        Assert.That(gateway.Opens.Select(o => o.Task.IsCompleted), Is.All.True, "every caller has its answer");
        Assert.That(gateway.Flows.Select(f => f.Status), Is.All.EqualTo(TaskStatus.RanToCompletion), "every flow has ended");
        Assert.That(gateway.Sessions.Select(s => s.EndReason), Is.All.Not.EqualTo(SessionEnd.None), "no session is alive");

        // A slot that was not given back would be missing now.
        var all = Enumerable.Range(0, gateway.Options.MaxPending)
            .Select(i => new PendingRelay(ModelGateway.SandboxIds[i % 2], new ExecTarget(), "", gateway.Time.GetTimestamp())).ToList();
        Assert.That(all.Select(gateway.Table.TryAdd), Is.All.Null, "all pending slots are free");
        var claimed = all.Take(gateway.Options.MaxActive).Select(p => gateway.Table.Claim(p.ChannelId, p.SandboxId).Outcome);
        Assert.That(claimed, Is.All.EqualTo(ClaimOutcome.Claimed), "all active slots are free");
    }

    private static bool Owns(ModelOpen open, ModelRelay relay) =>
        open.Task.IsCompletedSuccessfully && open.Task.GetAwaiter().GetResult().Succeeded(out var connection, out _) && connection == relay.Connection;

    private static SandboxRecord Read(ModelGateway gateway, string id)
    {
        SandboxRecord? record = null;
        gateway.Interleaver.Start(async () => record = await gateway.Sandboxes.GetAsync(id, CancellationToken.None));
        while (record is null)
        {
            gateway.Interleaver.Run(0);
        }

        return record;
    }
}
