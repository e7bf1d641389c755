using Google.Protobuf.Collections;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

public class CreateSandboxValidatorTests
{
    private static readonly (string What, Func<CreateSandboxRequest, MapField<string, string>> Map)[] Maps =
    [
        ("labels", r => r.Labels),
        ("annotations", r => r.Annotations),
        ("environment", r => r.Spec.Environment),
        ("template.labels", r => r.Spec.Template.Labels),
        ("template.annotations", r => r.Spec.Template.Annotations),
        ("template.environment", r => r.Spec.Template.Environment),
    ];

    private static readonly string[] MapNames = [.. Maps.Select(m => m.What)];

    [Test]
    public void Check_EmptyRequest_IsAccepted() => AssertAccepted(_ => { });

    [Test]
    public void Check_NoSpec_IsAccepted() => Assert.That(() => CreateSandboxValidator.Check(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }), Throws.Nothing);

    [Test]
    public void Check_BadName_SaysTheRule() => AssertRefused(
        r => r.Name = "Bad_Name",
        "name 'Bad_Name' must consist of lower-case letters, digits and single dashes, and begin and end with a letter or digit");

    [Test]
    public void Check_LongName_SaysTheLimit() => AssertRefused(
        r => r.Name = new string('a', 20), "name 'aaaaaaaaaaaaaaaaaaaa' has 20 characters; at most 19 are allowed");

    [TestCaseSource(nameof(MapNames))]
    public void Check_MapEntries_HaveALimit(string what)
    {
        AssertAccepted(r => Fill(r, 128));
        AssertRefused(r => Fill(r, 129), $"{what} has 129 entries; at most 128 are allowed");

        void Fill(CreateSandboxRequest request, int count)
        {
            for (var i = 0; i < count; i++)
            {
                MapOf(request, what)[$"K{i}"] = "";
            }
        }
    }

    [TestCaseSource(nameof(MapNames))]
    public void Check_MapKeys_HaveALimit(string what)
    {
        AssertAccepted(r => MapOf(r, what)[new string('K', 256)] = "");
        AssertRefused(r => MapOf(r, what)[new string('K', 257)] = "", $"a key of {what} is empty or exceeds 256 bytes");
        AssertRefused(r => MapOf(r, what)[""] = "", $"a key of {what} is empty or exceeds 256 bytes");
    }

    [TestCaseSource(nameof(MapNames))]
    public void Check_MapValues_HaveALimitAndAreNotTold(string what)
    {
        AssertAccepted(r => MapOf(r, what)["KEY"] = new string('x', 8192));
        AssertRefused(r => MapOf(r, what)["KEY"] = "hunter2" + new string('x', 8192), $"the value of 'KEY' in {what} exceeds 8192 bytes");
    }

    [TestCase("environment")]
    [TestCase("template.environment")]
    public void Check_Environment_FollowsTheRulesOfExec(string what)
    {
        AssertRefused(r => MapOf(r, what)["1A"] = "hunter2", "environment keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '1A'");
        AssertRefused(r => MapOf(r, what)["OPENSHELL_X"] = "hunter2", "environment keys starting with OPENSHELL_ are reserved; got 'OPENSHELL_X'");
        AssertRefused(r => MapOf(r, what)["A"] = "hunter2\n", "environment value for 'A' contains null bytes or line breaks");
    }

    [Test]
    public void Check_Environment_HasALimitInAll() => AssertRefused(
        r =>
        {
            for (var i = 0; i < 33; i++)
            {
                r.Spec.Environment[$"K{i}"] = new string('x', 8000);
            }
        },
        "environment exceeds 262144 bytes in all");

    [Test]
    public void Check_CommandCount_HasALimit()
    {
        AssertAccepted(r => r.Spec.Command.Add(Enumerable.Repeat("x", 256)));
        AssertRefused(r => r.Spec.Command.Add(Enumerable.Repeat("x", 257)), "command array exceeds 256 argument limit (257 given)");
    }

    [Test]
    public void Check_CommandArgument_HasALimit() => AssertRefused(
        r => r.Spec.Command.Add(new string('x', 33 * 1024)), "command argument 0 exceeds 32768 bytes (it has 33792)");

    [Test]
    public void Check_EmptyProgram_IsRefused()
    {
        AssertRefused(r => r.Spec.Command.Add(""), "the first element of command is empty");
        AssertAccepted(r => r.Spec.Command.Add(["echo", ""]));
    }

    [Test]
    public void Check_Image_HasALimit()
    {
        AssertAccepted(r => r.Spec.Template.Image = new string('x', 1024));
        AssertRefused(r => r.Spec.Template.Image = new string('x', 1025), "template.image exceeds 1024 characters");
    }

    private static MapField<string, string> MapOf(CreateSandboxRequest request, string what) => Maps.Single(m => m.What == what).Map(request);

    private static CreateSandboxRequest Request(Action<CreateSandboxRequest> change)
    {
        var request = new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Template = new SandboxTemplate() } };
        change(request);
        return request;
    }

    private static void AssertAccepted(Action<CreateSandboxRequest> change) =>
        Assert.That(() => CreateSandboxValidator.Check(Request(change)), Throws.Nothing);

    private static void AssertRefused(Action<CreateSandboxRequest> change, string message)
    {
        Assert.That(message, Does.Not.Contain("hunter2"));
        RefusalAssert.InvalidArgument(() => CreateSandboxValidator.Check(Request(change)), message);
    }
}
