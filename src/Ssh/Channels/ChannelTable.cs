using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Channels;

/// <summary>The channels of a connection by their handles, from their opening until libssh frees them. The loop's.</summary>
internal sealed class ChannelTable(Action scheduleTurn) : IChannelEvents
{
    private readonly Dictionary<nint, SshChannel> _channels = [];
    private readonly List<SshChannel> _serviced = [];

    public int Count => _channels.Count;

    public void Add(nint handle, SshChannel channel) => _channels[handle] = channel;

    public void Remove(nint handle) => _channels.Remove(handle);

    /// <summary>Null: one that we have freed.</summary>
    public SshChannel? Find(nint handle) => _channels.GetValueOrDefault(handle);

    /// <summary>Gives each its turn; they may come and go meanwhile.</summary>
    public void Service()
    {
        _serviced.Clear();
        _serviced.AddRange(_channels.Values);
        foreach (var channel in _serviced)
        {
            channel.Service();
        }
    }

    /// <summary>The connection is over.</summary>
    public void DropAll()
    {
        SshChannel[] channels = [.. _channels.Values];
        _channels.Clear();
        Array.ForEach(channels, channel => channel.Drop());
    }

    int IChannelEvents.OnData(nint channel, ReadOnlySpan<byte> buffered, bool isError) =>
        Note(channel)?.NoteData(buffered.Length, isError) ?? buffered.Length;

    void IChannelEvents.OnEof(nint channel) => Note(channel)?.NoteEnd();

    void IChannelEvents.OnClose(nint channel) => Note(channel)?.NoteClose();

    void IChannelEvents.OnSignal(nint channel, string name) => Note(channel)?.NoteSignal(name);

    private SshChannel? Note(nint channel)
    {
        scheduleTurn();
        return Find(channel);
    }
}
