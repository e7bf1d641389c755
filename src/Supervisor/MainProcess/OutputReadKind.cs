namespace OpenShell.Supervisor.MainProcess;

/// <summary>What a reader of the ring found.</summary>
internal enum OutputReadKind
{
    /// <summary>Nothing has come since.</summary>
    NothingYet,

    /// <summary>Bytes of stdout, or of the terminal.</summary>
    Output,

    /// <summary>Bytes of stderr.</summary>
    Error,

    /// <summary>Everything has been read and no more comes.</summary>
    End,

    /// <summary>What comes next has been forgotten: the reader was too slow.</summary>
    Lost,
}
