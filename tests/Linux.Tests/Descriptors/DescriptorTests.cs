using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Tests.Descriptors;

[TestFixture]
internal sealed class DescriptorTests
{
    private const ulong Key = 7;

    [Test]
    public void TryRead_EmptyPipe_IsAgain()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: true, nonBlockingWrite: false);
        using (read)
        using (write)
        {
            Assert.That(DescriptorIo.TryRead(read, new byte[1]), Is.EqualTo(-Errno.Again));
        }
    }

    [Test]
    public async Task Read_NonBlockingPipe_WaitsForBytes()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: true, nonBlockingWrite: false);
        using (read)
        using (write)
        {
            var buffer = new byte[8];
            var reading = Task.Run(() => DescriptorIo.Read(read, buffer));

            Assert.That(DescriptorIo.Write(write, "abc"u8), Is.True);

            Assert.That(await reading.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(3));
        }
    }

    [Test]
    public void Write_NoReader_IsFalse()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: false, nonBlockingWrite: false);
        using (write)
        {
            read.Dispose();

            Assert.That(DescriptorIo.Write(write, "abc"u8), Is.False);
        }
    }

    [Test]
    public void DuplicateNonBlocking_FirstIsClosed_GoesOn()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: false, nonBlockingWrite: false);
        using (write)
        {
            using var copy = DescriptorIo.DuplicateNonBlocking(read);
            read.Dispose();

            Assert.That(DescriptorIo.TryRead(copy, new byte[1]), Is.EqualTo(-Errno.Again));
        }
    }

    [Test]
    public void Release_Disposed_LeavesItOpen()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: false, nonBlockingWrite: false);
        using (write)
        {
            var number = read.Release();
            read.Dispose();

            using var owner = new FileDescriptor(number);
            Assert.That(DescriptorIo.Write(write, "abc"u8), Is.True);
            Assert.That(DescriptorIo.Read(owner, new byte[8]), Is.EqualTo(3));
        }
    }

    [Test]
    public void Epoll_Incremented_IsReadyUntilItIsReset()
    {
        using var epoll = new Epoll();
        using var counter = new EventCounter();
        Assert.That(epoll.TryAdd(counter.Descriptor, Epoll.In, Key), Is.Zero);
        var events = new Epoll.ReadyEvent[4];
        Assert.That(epoll.Wait(events, block: false), Is.Zero);

        counter.Increment();

        Assert.That(epoll.Wait(events), Is.EqualTo(1));
        Assert.That(events[0].Data, Is.EqualTo(Key));
        counter.Reset();
        Assert.That(epoll.Wait(events, block: false), Is.Zero);
    }

    [Test]
    public void Increment_Closed_DoesNothing()
    {
        var counter = new EventCounter();
        counter.Dispose();

        Assert.That(counter.Increment, Throws.Nothing);
    }

    [Test]
    public async Task OutputWatch_LastReaderCloses_Completes()
    {
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: false, nonBlockingWrite: false);
        using (write)
        {
            using var watch = new OutputWatch(write);
            Assert.That(watch.Abandoned.IsCompleted, Is.False);

            read.Dispose();

            await watch.Abandoned.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
