using Google.Protobuf.Collections;
using Grpc.Core;

namespace OpenShell.Gateway.Services;

public class MetadataValidatorTests
{
    private const string Form = "(letters, digits and '-', '_', '.' between them)";

    [TestCase("a", "")]
    [TestCase("Team", "Blue_2")]
    [TestCase("example.com/team", "a.b-c_d")]
    [TestCase("a/b", "x")]
    public void CheckLabels_Valid_IsAccepted(string key, string value) =>
        Assert.That(() => MetadataValidator.CheckLabels(Map(key, value)), Throws.Nothing);

    [Test]
    public void CheckLabels_LongestKeyAndValue_AreAccepted()
    {
        var prefix = string.Join('.', Enumerable.Repeat(new string('p', 62), 3));
        var key = prefix + "/" + new string('k', 63);

        Assert.That(() => MetadataValidator.CheckLabels(Map(key, new string('v', 63))), Throws.Nothing);
    }

    [TestCase("", "label key must not be empty")]
    [TestCase("-a", $"label key contains invalid characters {Form}: '-a'")]
    [TestCase("a-", $"label key contains invalid characters {Form}: 'a-'")]
    [TestCase("a b", $"label key contains invalid characters {Form}: 'a b'")]
    [TestCase("a\n", $"label key contains invalid characters {Form}: 'a '")]
    [TestCase("example.com/", "label key has no name behind its prefix: 'example.com/'")]
    [TestCase("/a", "label key has a prefix that is no DNS name: '/a'")]
    [TestCase("Example.com/a", "label key has a prefix that is no DNS name: 'Example.com/a'")]
    [TestCase("a..b/c", "label key has a prefix that is no DNS name: 'a..b/c'")]
    [TestCase("a/b/c", $"label key contains invalid characters {Form}: 'a/b/c'")]
    public void CheckLabels_BadKey_SaysWhy(string key, string message) =>
        RefusalAssert.InvalidArgument(() => MetadataValidator.CheckLabels(Map(key, "v")), message);

    [Test]
    public void CheckLabels_LongKey_SaysWhichLimit()
    {
        var name = new string('k', 64);
        RefusalAssert.InvalidArgument(
            () => MetadataValidator.CheckLabels(Map(name, "v")), $"label key has a name that exceeds 63 characters: '{name}'");
        var key = new string('k', 254);
        RefusalAssert.InvalidArgument(() => MetadataValidator.CheckLabels(Map(key, "v")), $"label key exceeds 253 characters: '{key}'");
    }

    [Test]
    public void CheckLabels_LongValue_SaysTheLimit() => RefusalAssert.InvalidArgument(
        () => MetadataValidator.CheckLabels(Map("k", new string('v', 64))), $"label value exceeds 63 characters: '{new string('v', 64)}'");

    [TestCase("a b")]
    [TestCase(".a")]
    [TestCase("a.")]
    [TestCase("ä")]
    public void CheckLabels_BadValue_SaysWhy(string value) => RefusalAssert.InvalidArgument(
        () => MetadataValidator.CheckLabels(Map("k", value)), $"label value contains invalid characters {Form}: '{value}'");

    [Test]
    public void CheckLabels_TooMany_SaysTheLimit()
    {
        MetadataValidator.CheckLabels(Many(128));
        RefusalAssert.InvalidArgument(() => MetadataValidator.CheckLabels(Many(129)), "labels exceed maximum entries (129 > 128)");
    }

    [Test]
    public void CheckLabels_Wrong_HasNoDetails()
    {
        var error = Assert.Throws<RpcException>(() => MetadataValidator.CheckLabels(Map("", "")));

        Assert.That(error!.GetRpcStatus(), Is.Null);
    }

    [Test]
    public void CheckAnnotations_Limits_AreThoseOfTheWire()
    {
        MetadataValidator.CheckAnnotations(Many(128));
        MetadataValidator.CheckAnnotations(Map("k", new string('x', 8192)));
        RefusalAssert.InvalidArgument(() => MetadataValidator.CheckAnnotations(Many(129)), "annotations exceed maximum entries (129 > 128)");
        RefusalAssert.InvalidArgument(
            () => MetadataValidator.CheckAnnotations(Map("k", "hunter2" + new string('x', 8186))),
            "annotations value of 'k' exceeds maximum length (8193 > 8192)");
        RefusalAssert.InvalidArgument(
            () => MetadataValidator.CheckAnnotations(Map(new string('k', 257), "")), "annotations key exceeds maximum length (257 > 256)");
        RefusalAssert.InvalidArgument(
            () => MetadataValidator.CheckAnnotations(Map("a b", "")), $"annotations key contains invalid characters {Form}: 'a b'");
    }

    private static MapField<string, string> Map(string key, string value) => new() { [key] = value };

    private static MapField<string, string> Many(int count)
    {
        var map = new MapField<string, string>();
        for (var i = 0; i < count; i++)
        {
            map[$"k{i}"] = "";
        }

        return map;
    }
}
