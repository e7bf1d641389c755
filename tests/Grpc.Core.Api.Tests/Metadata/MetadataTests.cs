namespace OpenShell.GrpcAbstractions.MetadataTypes;

public class MetadataTests
{
    [TestCase("abc")]
    [TestCase("0a.b-c_d")]
    [TestCase("ABC")]
    public void Key_Valid_IsLowerCase(string key) =>
        Assert.That(new Metadata.Entry(key, "value").Key, Is.EqualTo(key.ToLowerInvariant()));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a b")]
    [TestCase("a:b")]
    [TestCase("a/b")]
    [TestCase("ä")]
    [TestCase("\u212A", Description = "the Kelvin sign, whose lower case is a k")]
    [TestCase("a\n")]
    public void Key_Invalid_Throws(string key) => Assert.Throws<ArgumentException>(() => _ = new Metadata.Entry(key, "value"));

    [Test]
    public void Key_Null_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => _ = new Metadata.Entry(null!, "value"));
        Assert.Throws<ArgumentNullException>(() => new Metadata().Get(null!));
    }

    [Test]
    public void Value_Null_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => _ = new Metadata.Entry("key", (string)null!));
        Assert.Throws<ArgumentNullException>(() => _ = new Metadata.Entry("key-bin", (byte[])null!));
    }

    [Test]
    public void Suffix_MustFitTheKindOfValue()
    {
        Assert.Throws<ArgumentException>(() => _ = new Metadata.Entry("key-BIN", "text"));
        Assert.Throws<ArgumentException>(() => _ = new Metadata.Entry("key", [1]));
    }

    [Test]
    public void TextEntry_HasTextAndItsAsciiBytes()
    {
        var entry = new Metadata.Entry("key", "ab");

        Assert.That(entry.IsBinary, Is.False);
        Assert.That(entry.Value, Is.EqualTo("ab"));
        Assert.That(entry.ValueBytes, Is.EqualTo("ab"u8.ToArray()));
        Assert.That(entry.ToString(), Is.EqualTo("[Entry: key=key, value=ab]"));
    }

    [Test]
    public void BinaryEntry_HasBytesOfItsOwnAndNoText()
    {
        byte[] bytes = [1, 2];
        var entry = new Metadata.Entry("Key-Bin", bytes);
        bytes[0] = 9;
        entry.ValueBytes[1] = 9;

        Assert.That(entry.IsBinary, Is.True);
        Assert.That(entry.ValueBytes, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.Throws<InvalidOperationException>(() => _ = entry.Value);
        Assert.That(entry.ToString(), Is.EqualTo("[Entry: key=key-bin, valueBytes=0102]"));
    }

    [Test]
    public void Get_ReturnsTheLastWhateverTheCase_GetAllTheOrder()
    {
        var metadata = new Metadata { { "a", "1" }, { "b", "2" }, { "A", "3" } };

        Assert.That(metadata.GetValue("A"), Is.EqualTo("3"));
        Assert.That(metadata.GetAll("a").Select(entry => entry.Value), Is.EqualTo(new[] { "1", "3" }));
        Assert.That(metadata.Get("c"), Is.Null);
        Assert.That(metadata.GetValue("c"), Is.Null);
        Assert.That(metadata.GetValueBytes("c"), Is.Null);
        Assert.That(metadata.GetAll("c"), Is.Empty);
    }

    [Test]
    public void List_BehavesAsOne()
    {
        var one = new Metadata.Entry("one", "1");
        var two = new Metadata.Entry("two", "2");
        var metadata = new Metadata { two };

        metadata.Insert(0, one);
        Assert.That(metadata, Is.EqualTo(new[] { one, two }));
        Assert.That(metadata.IndexOf(two), Is.EqualTo(1));
        Assert.That(metadata, Does.Contain(one));

        metadata[0] = two;
        Assert.That(metadata.Remove(two), Is.True);
        metadata.RemoveAt(0);
        Assert.That(metadata, Is.Empty);
        Assert.That(metadata.IsReadOnly, Is.False);
        Assert.Throws<ArgumentNullException>(() => metadata.Add(null!));
    }

    [Test]
    public void Empty_CannotBeChanged()
    {
        var entry = new Metadata.Entry("key", "value");

        Assert.That(Metadata.Empty.IsReadOnly, Is.True);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Insert(0, entry));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Remove(entry));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Clear());
        Assert.That(Metadata.Empty, Is.Empty);
    }
}
