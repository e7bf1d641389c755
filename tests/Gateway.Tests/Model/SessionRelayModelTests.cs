using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework.Internal;

namespace OpenShell.Gateway.Model;

/// <summary>
/// Thousands of random interleavings of sessions, relays and readiness. The code under test is the real one; FsCheck
/// chooses which of the waiting continuations runs next, and what happens in the middle of a synchronous part. A failure
/// is shrunk to the steps that matter. Each of these mutations of the code was made by hand and found: remove-if-current
/// without the identity check; the slot not given back when the caller cancels; a claim that leaves the channel claimable;
/// supersede that does not end the old session; no fence after a disconnect; no re-issue to a new session; a registration
/// that wakes nobody; readiness decided from a session that was looked up before the lock; a claim's result dropped after
/// a cancellation.
/// </summary>
public class SessionRelayModelTests
{
    private const int Runs = 4000;
    private const int MostSteps = 120;

    // How often each kind comes: most of all, something goes on.
    private static readonly (int Weight, StepKind Kind)[] Kinds =
    [
        (60, StepKind.Run), (10, StepKind.Dial), (6, StepKind.HangUp), (16, StepKind.Open), (6, StepKind.GiveUp), (14, StepKind.Claim), (2, StepKind.ClaimAsAnother),
        (3, StepKind.Refuse), (5, StepKind.EndRelay), (2, StepKind.StopSandbox), (3, StepKind.StartSandbox), (3, StepKind.Snapshot), (5, StepKind.TimePasses), (1, StepKind.StopGateway),
    ];

    [Test]
    public void SessionsAndRelays_RandomInterleavings_KeepWhatMustHold() =>
        Prop.ForAll(Arb.From(Sequences(), Shorter), Run).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs).WithEndSize(MostSteps));

    private static void Run(Step[] steps)
    {
        // Failures on the way to the smallest one are not failures of the test.
        using var isolated = new TestExecutionContext.IsolatedContext();
        using var run = new ModelRun(steps);
        run.Execute();
    }

    private static Gen<Step[]> Sequences() =>
        (from kind in Gen.Frequency(Kinds.Select(d => (d.Weight, Gen.Constant(d.Kind))).ToArray())
         from sandbox in Gen.Choose(0, 1)
         from pick in Gen.Choose(0, 1000)
         from split in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(1, 3)))
         select new Step(kind, sandbox, pick, split)).ArrayOf();

    private static IEnumerable<Step[]> Shorter(Step[] steps) =>
        Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, i) => i != left).ToArray());
}
