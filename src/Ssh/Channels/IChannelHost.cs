using System.IO.Pipelines;

namespace OpenShell.Ssh.Channels;

/// <summary>The connection as its channels see it. On the loop's thread, but for the scheduler.</summary>
internal interface IChannelHost
{
    /// <summary>Runs things on the loop's thread: the loop's side of a channel's pipes, and what comes from other threads.</summary>
    PipeScheduler Scheduler { get; }

    /// <summary>The connection is over, and libssh has freed its channels or is about to.</summary>
    bool IsClosed { get; }

    /// <summary>Whether the connection's turn runs at this moment: what libssh has is sent at its end.</summary>
    bool IsRunningTurn { get; }

    /// <summary>Gives the connection another turn, because libssh was called: any call may have read from the socket.</summary>
    void ScheduleTurn();

    /// <summary>Whether the client's window and the socket take something.</summary>
    bool CanWrite(nint channel);

    /// <summary>The channel is about to be freed.</summary>
    void Remove(nint channel);

    /// <summary>A task that the server waits for before it ends.</summary>
    void Track(Task task);
}
