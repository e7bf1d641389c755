namespace OpenShell.Gateway.Hosting;

public sealed class TransportMemoryTests
{
    [Test]
    public void Rent_Returned_IsRentedAgain()
    {
        using var pool = new TransportMemory();
        var first = pool.Rent(1);
        using var second = pool.Rent(1);
        Assert.That(first.Memory.Length, Is.EqualTo(TransportMemory.BlockBytes));
        Assert.That(second, Is.Not.SameAs(first));
        first.Dispose();
        using var third = pool.Rent(TransportMemory.BlockBytes);
        Assert.That(third, Is.SameAs(first));
    }

    [Test]
    public void Rent_MoreThanABlock_IsRefused()
    {
        using var pool = new TransportMemory();
        Assert.That(() => pool.Rent(TransportMemory.BlockBytes + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Create_ListenerDisposesIt_OthersStillRent()
    {
        using var pool = new TransportMemory();
        pool.Create().Dispose();
        using var block = pool.Create().Rent(1);
        Assert.That(block.Memory.IsEmpty, Is.False);
    }
}
