namespace OpenShell.Gateway.Memory;

public sealed class PinnedBlockMemoryPoolTests
{
    [Test]
    public void Rent_Returned_IsRentedAgain()
    {
        using var pool = new PinnedBlockMemoryPool();
        var first = pool.Rent(1);
        using var second = pool.Rent(1);
        Assert.That(first.Memory.Length, Is.EqualTo(PinnedBlockMemoryPool.BlockBytes));
        Assert.That(second, Is.Not.SameAs(first));
        first.Dispose();
        using var third = pool.Rent(PinnedBlockMemoryPool.BlockBytes);
        Assert.That(third, Is.SameAs(first));
    }

    [Test]
    public void Rent_MoreThanABlock_IsRefused()
    {
        using var pool = new PinnedBlockMemoryPool();
        Assert.That(() => pool.Rent(PinnedBlockMemoryPool.BlockBytes + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Create_ListenerDisposesIt_OthersStillRent()
    {
        using var pool = new PinnedBlockMemoryPool();
        pool.Create().Dispose();
        using var block = pool.Create().Rent(1);
        Assert.That(block.Memory.IsEmpty, Is.False);
    }
}
