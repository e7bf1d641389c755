namespace OpenShell.Protocol.Logs;

/// <summary>What happened to a connection; the values are OCSF's activity_id of class 4001.</summary>
public enum NetworkActivityKind
{
    /// <summary>It was made.</summary>
    Open = 1,

    /// <summary>It ended.</summary>
    Close = 2,

    /// <summary>It could not be made, or broke.</summary>
    Fail = 4,

    /// <summary>Refused: the caller is not allowed to.</summary>
    Refuse = 5,
}
