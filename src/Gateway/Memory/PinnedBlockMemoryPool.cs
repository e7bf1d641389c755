using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Memory;

/// <summary>
/// Buffers of the listeners. Kestrel's own are 4 KiB, which is also what it asks a socket for at a time: relays then pay
/// sixteen calls for one frame. One pool for the process; blocks are pinned and used again, up to a bound.
/// </summary>
internal sealed class PinnedBlockMemoryPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a block; figures in docs/performance.md.</summary>
    public const int BlockBytes = 32 * 1024;

    // Above this, what is returned goes to the collector: 8 MiB. A burst of new connections takes a thousand and gives
    // them back for good; ten busy relays make do with these.
    private const int MostKept = 256;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _kept;

    public override int MaxBufferSize => BlockBytes;

    /// <summary>The one pool; it lives as long as the process.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (_free.TryDequeue(out var block))
        {
            Interlocked.Decrement(ref _kept);
            return block;
        }

        return new Block(this);
    }

    protected override void Dispose(bool disposing)
    {
        // Each listener disposes what Create gave it; the others still use it.
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _kept) > MostKept)
        {
            Interlocked.Decrement(ref _kept);
            return;
        }

        _free.Enqueue(block);
    }

    private sealed class Block(PinnedBlockMemoryPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
