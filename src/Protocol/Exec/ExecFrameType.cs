namespace OpenShell.Protocol.Exec;

/// <summary>Types of exec frames: proto/openshell/extensions/v1/exec.proto.</summary>
public enum ExecFrameType : byte
{
    /// <summary>No frame.</summary>
    None = 0,

    /// <summary>ExecStart; to the process, first and once.</summary>
    Start = 1,

    /// <summary>Bytes of stdin.</summary>
    Stdin = 2,

    /// <summary>End of stdin; empty.</summary>
    StdinEnd = 3,

    /// <summary>ExecResize.</summary>
    Resize = 4,

    /// <summary>ExecSignal.</summary>
    Signal = 5,

    /// <summary>ExecAttach; in place of start.</summary>
    Attach = 6,

    /// <summary>ExecStart; the beginning of one that does not fit a frame. Start is the last part.</summary>
    StartPart = 7,

    /// <summary>ExecStarted; from the process.</summary>
    Started = 129,

    /// <summary>Bytes of stdout, or of the terminal.</summary>
    Stdout = 130,

    /// <summary>Bytes of stderr.</summary>
    Stderr = 131,

    /// <summary>ExecExit; the last frame.</summary>
    Exit = 132,

    /// <summary>ExecAttached; from the process, in place of started.</summary>
    Attached = 133,
}
