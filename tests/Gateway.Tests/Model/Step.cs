namespace OpenShell.Gateway.Model;

/// <summary>What a random run may do.</summary>
internal enum Deed
{
    Register,
    RegisterOldEpoch,
    Remove,
    Disconnect,
    Open,
    Claim,
    ClaimAsAnother,
    Fail,
    GiveUp,
    End,
    TimePasses,
    CloseAll,
    Stop,
}

/// <summary>One step of a random run.</summary>
/// <param name="Deed">What.</param>
/// <param name="Sandbox">To which of the sandboxes, if it is about one.</param>
/// <param name="Pick">Chooses among what there is: taken modulo its number.</param>
internal sealed record Step(Deed Deed, int Sandbox, int Pick);
