namespace Grpc.Core;

/// <summary>How a call ended, as the number in the <c>grpc-status</c> trailer.</summary>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled, usually by the caller.</summary>
    Cancelled = 1,

    /// <summary>An error that no other code describes, such as an exception in a handler.</summary>
    Unknown = 2,

    /// <summary>An argument is wrong whatever the state of the server.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call ended; it may have taken effect.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What should be made is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known but may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota or a resource such as space or message size is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The server's state does not allow it, and retrying alone will not help.</summary>
    FailedPrecondition = 9,

    /// <summary>A concurrent change got in the way; retry the whole transaction.</summary>
    Aborted = 10,

    /// <summary>A position is past the valid range, which may grow.</summary>
    OutOfRange = 11,

    /// <summary>The server has no such method.</summary>
    Unimplemented = 12,

    /// <summary>An invariant of the server or of the protocol is broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or cannot serve now; retrying may help.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged for good.</summary>
    DataLoss = 15,

    /// <summary>The caller's credentials are missing or not valid.</summary>
    Unauthenticated = 16,
}
