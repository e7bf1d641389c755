using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

internal sealed class PagingTests
{
    private static readonly ObjectCursor Cursor = new(1_900_000_000_123, "box", "default", "id-1");
    private static readonly WorkspaceSelector Default = new() { Workspace = "default" };

    private static readonly ListSandboxesRequest[] Others =
    [
        new() { WorkspaceScope = new WorkspaceSelector { Workspace = "other" } },
        new() { WorkspaceScope = new WorkspaceSelector { AllWorkspaces = new AllWorkspaces() } },
        new() { WorkspaceScope = Default, LabelSelector = "a=b" },
        new(),
    ];

    [TestCase(0, 100)]
    [TestCase(1, 1)]
    [TestCase(1000, 1000)]
    [TestCase(1001, 1000)]
    [TestCase(int.MaxValue, 1000)]
    public void OfObjects_PageSize_HasItsBounds(int asked, int limit) =>
        Assert.That(Read(new ListSandboxesRequest { PageSize = asked }).Limit, Is.EqualTo(limit));

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void OfObjects_NegativePageSize_IsRefused(int size) => RefusalAssert.InvalidArgument(
        () => Read(new ListSandboxesRequest { PageSize = size }), "page_size must not be negative");

    [Test]
    public void OfObjects_TokenOfTheSameList_GoesOnBehindItsCursor()
    {
        var token = Read(new ListSandboxesRequest { WorkspaceScope = Default, PageSize = 5 }).NextToken(Cursor);

        Assert.That(Read(new ListSandboxesRequest { WorkspaceScope = Default, PageSize = 7, PageToken = token }).After, Is.EqualTo(Cursor));
    }

    [Test]
    public void NextToken_LastPage_IsEmpty() => Assert.That(Read(new ListSandboxesRequest()).NextToken(null), Is.Empty);

    [Test]
    public void NextToken_AnyCursor_IsUrlSafe() => Assert.That(
        Read(new ListSandboxesRequest()).NextToken(Cursor with { Name = "ü\"<>?" }), Does.Match(@"^[A-Za-z0-9_-]+\z"));

    [TestCase("x")]
    [TestCase("not a token")]
    [TestCase("e30")]
    [TestCase("bnVsbA")]
    [TestCase("eyJWZXJzaW9uIjoyfQ")]
    [TestCase("QUJD=")]
    [TestCase("100")]
    [TestCase("eyJWZXJzaW9uIjoxLCJNZXRob2QiOiJMaXN0U2FuZGJveGVzIn0")]
    public void OfObjects_TokenThatCannotBeDecoded_IsMalformed(string token) => RefusalAssert.InvalidArgument(
        () => Read(new ListSandboxesRequest { PageToken = token }), "page_token is malformed");

    [Test]
    public void OfObjects_TokenTooLong_IsMalformed() => RefusalAssert.InvalidArgument(
        () => Read(new ListSandboxesRequest { PageToken = new string('A', 100_000) }), "page_token is malformed");

    [TestCaseSource(nameof(Others))]
    public void OfObjects_TokenOfOtherParameters_DoesNotMatch(ListSandboxesRequest other)
    {
        var token = Read(new ListSandboxesRequest { WorkspaceScope = Default }).NextToken(Cursor);
        other = other.Clone();
        other.PageToken = token;

        RefusalAssert.InvalidArgument(() => Read(other), "page_token does not match this list request");
    }

    [Test]
    public void OfObjects_TokenOfAnotherMethod_DoesNotMatch()
    {
        var request = new ListWorkspacesRequest();
        var token = Paging.OfObjects("ListWorkspaces", request, 0, "").NextToken(Cursor);

        RefusalAssert.InvalidArgument(
            () => Read(new ListSandboxesRequest { PageToken = token }), "page_token does not match this list request");
    }

    [Test]
    public void Of_TokenOfAnotherSort_HasTheWrongCursorType()
    {
        var request = new ListSandboxesRequest();
        request.PageToken = Paging.Of("ListSandboxes", request, 0, "", "versions", PageTokenJson.Default.ObjectCursor).NextToken(Cursor);

        RefusalAssert.InvalidArgument(() => Read(request), "page_token has the wrong cursor type");
    }

    [Test]
    public void OfObjects_AnyText_IsATokenOrRefused() => Prop.ForAll(
        Arb.From(ArbMap.Default.GeneratorFor<string>().Or(Gen.Elements("A", "_", "e30", "=").ListOf().Select(string.Concat))), text =>
        {
            if (text is not null)
            {
                try
                {
                    Read(new ListSandboxesRequest { PageToken = text });
                    Assert.That(text, Is.Empty);
                }
                catch (RpcException e)
                {
                    Assert.That(e.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
                }
            }
        }).QuickCheckThrowOnFailure();

    // Each byte of a token, damaged.
    [Test]
    public void OfObjects_DamagedToken_IsATokenOrRefused()
    {
        var token = Read(new ListSandboxesRequest()).NextToken(Cursor);
        for (var i = 0; i < token.Length; i++)
        {
            var damaged = string.Concat(token.AsSpan(0, i), token[i] == 'A' ? "B" : "A", token.AsSpan(i + 1));
            try
            {
                Read(new ListSandboxesRequest { PageToken = damaged });
            }
            catch (RpcException e)
            {
                Assert.That(e.Status.Detail, Does.StartWith("page_token "));
            }
        }
    }

    private static PageRequest<ObjectCursor> Read(ListSandboxesRequest request) =>
        Paging.OfObjects("ListSandboxes", request, request.PageSize, request.PageToken);
}
