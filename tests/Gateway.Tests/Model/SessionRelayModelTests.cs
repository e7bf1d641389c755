using FsCheck;
using FsCheck.Fluent;

namespace OpenShell.Gateway.Model;

/// <summary>Thousands of random runs of sessions and relays against the model; a failure is shrunk to the steps that matter.</summary>
public class SessionRelayModelTests
{
    private const int Runs = 3000;
    private const int MostSteps = 60;

    // How often each deed comes: much happens to relays, a stop is rare.
    private static readonly (int Weight, Deed Deed)[] Deeds =
    [
        (12, Deed.Register), (2, Deed.RegisterOldEpoch), (6, Deed.Remove), (3, Deed.Disconnect), (24, Deed.Open), (14, Deed.Claim),
        (3, Deed.ClaimAsAnother), (5, Deed.Fail), (8, Deed.GiveUp), (8, Deed.End), (8, Deed.TimePasses), (3, Deed.CloseAll), (1, Deed.Stop),
    ];

    [Test]
    public void SessionsAndRelays_RandomInterleavings_AgreeWithTheModel() =>
        Prop.ForAll(Arb.From(Sequences(), Shorter), Run).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs).WithEndSize(MostSteps));

    private static void Run(Step[] steps)
    {
        using var model = new SessionRelayModel();
        foreach (var step in steps)
        {
            model.Do(step);
        }

        model.Finish();
    }

    private static Gen<Step[]> Sequences() =>
        (from deed in Gen.Frequency(Deeds.Select(d => (d.Weight, Gen.Constant(d.Deed))).ToArray())
         from sandbox in Gen.Choose(0, 2)
         from pick in Gen.Choose(0, 1000)
         select new Step(deed, sandbox, pick)).ArrayOf();

    private static IEnumerable<Step[]> Shorter(Step[] steps) =>
        Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, i) => i != left).ToArray());
}
