using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Loop;

/// <summary>The place of a descriptor among those that a loop polls. Used on its thread.</summary>
internal sealed class LoopPlace(SshLoop loop, ILoopDescriptor owner, int descriptor)
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
        _interest = Libc.PollIn;
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
