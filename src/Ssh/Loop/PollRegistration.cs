using OpenShell.Linux.Descriptors;

namespace OpenShell.Ssh.Loop;

/// <summary>A descriptor that a loop polls, or will poll again. Used on its thread.</summary>
internal sealed class PollRegistration(SshLoop loop, ILoopDescriptor owner, FileDescriptor descriptor)
{
    private ulong _key;
    private uint _interest;

    /// <summary>Whether it is not polled for a while.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Polls it for input, from the beginning or again.</summary>
    /// <returns>False: the kernel does not.</returns>
    public bool TryPoll()
    {
        IsPaused = false;
        _interest = Epoll.In;
        _key = loop.Add(owner, descriptor);
        return _key != 0;
    }

    /// <summary>
    /// Leaves it alone until <see cref="TryPoll"/>. It is taken out: a connection that was reset would be reported again and
    /// again, whatever it is polled for.
    /// </summary>
    public void Pause()
    {
        IsPaused = true;
        End();
    }

    public void Want(uint interest)
    {
        if (interest != _interest)
        {
            _interest = interest;
            loop.Change(_key, descriptor, interest);
        }
    }

    /// <summary>Before the descriptor is closed.</summary>
    public void End() => loop.Remove(_key, descriptor);
}

/// <summary>What the loop polls a descriptor for.</summary>
internal interface ILoopDescriptor : IDisposable
{
    /// <summary>Reads what is there and does what follows, without waiting. Called on the loop's thread.</summary>
    void RunTurn();
}
