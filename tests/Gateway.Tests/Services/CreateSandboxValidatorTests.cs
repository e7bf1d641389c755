using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using OpenShell.Protocol.V1;
using GpuRequirements = OpenShell.Protocol.V1.GpuResourceRequirements;
using Requirements = OpenShell.Protocol.V1.ResourceRequirements;
using Status = Grpc.Core.Status;

namespace OpenShell.Gateway.Services;

public class CreateSandboxValidatorTests
{
    private static readonly (string What, Func<CreateSandboxRequest, MapField<string, string>> Map)[] Maps =
    [
        ("spec.environment", r => r.Spec.Environment),
        ("template.labels", r => r.Spec.Template.Labels),
        ("template.annotations", r => r.Spec.Template.Annotations),
        ("spec.template.environment", r => r.Spec.Template.Environment),
    ];

    private static readonly string[] MapNames = [.. Maps.Select(m => m.What)];

    [Test]
    public void Check_EmptySpec_IsAccepted() => AssertAccepted(_ => { });

    [Test]
    public void Check_NoSpec_IsRequired() => RefusalAssert.InvalidArgument(() => Check(new CreateSandboxRequest()), "spec is required");

    [TestCase("Bad_Name", "name must contain only lowercase alphanumeric characters or hyphens")]
    [TestCase("aaaaaaaaaaaaaaaaaaaa", "name exceeds maximum length (20 > 19)")]
    [TestCase("-a", "name must not start or end with a hyphen")]
    [TestCase("a--b", "name must not contain consecutive hyphens")]
    public void Check_Name_FollowsTheRules(string name, string message) => AssertRefused(r => r.Name = name, message, "name");

    [Test]
    public void Check_Order_IsMetadataServicesSpecSizesProvidersPolicy()
    {
        Action<CreateSandboxRequest>[] faults =
        [
            r => r.Labels["-"] = "",
            r => r.Annotations["-"] = "",
            r => r.ServiceExposures.Add(new SandboxServiceExposure()),
            r => r.Spec.Command.Add(""),
            r => r.Spec.Providers.Add("p"),
            r => r.Spec.Policy = new() { Version = 9 },
        ];
        string[] beginnings = ["label key", "annotations key", "service_exposures", "spec.command[0]", "provider 'p'", "policy.version"];

        for (var i = 0; i < faults.Length; i++)
        {
            var request = Request(r => Array.ForEach(faults[i..], f => f(r)));

            Assert.That(Assert.Throws<RpcException>(() => Check(request))!.Status.Detail, Does.StartWith(beginnings[i]));
        }
    }

    [Test]
    public void Check_ServiceExposures_AreBoundedUniqueAndNotBuilt()
    {
        AssertRefused(
            r => r.ServiceExposures.Add(Enumerable.Range(0, 33).Select(i => new SandboxServiceExposure { Service = $"s{i}" })),
            "service_exposures must contain at most 32 entries",
            "service_exposures");
        AssertRefused(
            r => r.ServiceExposures.Add([new SandboxServiceExposure { Service = "web" }, new SandboxServiceExposure { Service = "web" }]),
            "duplicate service exposure name: 'web'",
            "service_exposures");
        AssertRefused(
            r => r.ServiceExposures.Add(new SandboxServiceExposure { Service = "web", TargetPort = 80 }),
            "service_exposures is not supported by this gateway: it exposes no services yet; use a forward instead",
            "service_exposures");
    }

    [Test]
    public void Check_WorkloadTemplate_NeedsNoSpecAndIsNotFound() => Assert.That(
        Assert.Throws<RpcException>(() => Check(new CreateSandboxRequest { WorkloadTemplate = "small" }))!.Status,
        Is.EqualTo(new Status(StatusCode.NotFound, "sandbox template not found")));

    [Test]
    public void Check_WorkloadTemplateName_IsALabel() => AssertRefused(
        r => (r.WorkloadTemplate, r.Spec) = ("Small", null!),
        "workload_template must contain only lowercase alphanumeric characters or hyphens",
        "workload_template");

    private static readonly (string Field, Action<SandboxSpec> Set)[] NotBesideTemplates =
    [
        ("log_level", s => s.LogLevel = "debug"),
        ("environment", s => s.Environment["A"] = "b"),
        ("template", s => s.Template = new SandboxTemplate()),
        ("resource_requirements", s => s.ResourceRequirements = new Requirements()),
    ];

    [Test]
    public void Check_WorkloadTemplate_TakesPolicyProvidersCommandAndTtyOnly()
    {
        foreach (var (field, set) in NotBesideTemplates)
        {
            AssertRefused(
                r =>
                {
                    r.WorkloadTemplate = "small";
                    r.Spec = new SandboxSpec();
                    set(r.Spec);
                },
                $"spec.{field} cannot be set when workload_template_name is set",
                $"spec.{field}");
        }

        var allowed = new CreateSandboxRequest
        {
            WorkloadTemplate = "small",
            Spec = new SandboxSpec { Policy = new(), Providers = { "p" }, Command = { "sh" }, Tty = true },
        };
        Assert.That(() => CreateSandboxValidator.CheckShape(allowed), Throws.Nothing);
    }

    [Test]
    public void Check_Providers_AreBoundedAndMustExist()
    {
        AssertRefused(
            r => r.Spec.Providers.Add(Enumerable.Repeat("p", 33)), "providers list exceeds maximum (33 > 32)", "spec.providers");
        var unknown = Request(r => r.Spec.Providers.Add("claude"));

        Assert.That(
            Assert.Throws<RpcException>(() => Check(unknown))!.Status,
            Is.EqualTo(new Status(StatusCode.FailedPrecondition, "provider 'claude' not found")));
    }

    [Test]
    public void Check_LogLevel_HasALimit()
    {
        AssertAccepted(r => r.Spec.LogLevel = new string('x', 32));
        AssertRefused(r => r.Spec.LogLevel = new string('x', 33), "log_level exceeds maximum length (33 > 32)", "spec.log_level");
    }

    [TestCaseSource(nameof(MapNames))]
    public void Check_MapEntries_HaveALimit(string what)
    {
        AssertAccepted(r => Fill(r, 128));
        AssertRefused(r => Fill(r, 129), $"{what} entries exceeds maximum (129 > 128)");

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
        AssertRefused(r => MapOf(r, what)[new string('K', 257)] = "", $"{what} key exceeds maximum length (257 > 256)");
        AssertRefused(r => MapOf(r, what)[""] = "", $"{what} key must not be empty");
    }

    [TestCaseSource(nameof(MapNames))]
    public void Check_MapValues_HaveALimitAndAreNotTold(string what)
    {
        AssertAccepted(r => MapOf(r, what)["KEY"] = new string('x', 8192));
        var request = Request(r => MapOf(r, what)["KEY"] = "hunter2" + new string('x', 8192));

        var message = Assert.Throws<RpcException>(() => Check(request))!.Status.Detail;

        Assert.That(message, Does.StartWith($"{what} value").And.Contain("'KEY'").And.Contain("8192").And.Not.Contain("hunter2"));
    }

    [TestCase("spec.environment")]
    [TestCase("spec.template.environment")]
    public void Check_Environment_FollowsTheRulesOfExec(string what)
    {
        AssertRefused(r => MapOf(r, what)["1A"] = "hunter2", $"{what} keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '1A'", what);
        AssertRefused(
            r => MapOf(r, what)["OPENSHELL_X"] = "hunter2", $"{what} keys starting with OPENSHELL_ are reserved; got 'OPENSHELL_X'", what);
        AssertRefused(
            r => MapOf(r, what)["OPENSHELL_PYFUNC_B64"] = "hunter2",
            $"{what} keys starting with OPENSHELL_ are reserved; got 'OPENSHELL_PYFUNC_B64'",
            what);
        AssertRefused(r => MapOf(r, what)["A"] = "hunter2\n", $"{what} value for 'A' contains null bytes or line breaks", what);
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
        "spec.environment exceeds maximum total size (264089 > 262144)",
        "spec.environment");

    [Test]
    public void Check_Command_HasLimits()
    {
        AssertAccepted(r => r.Spec.Command.Add(Enumerable.Repeat("x", 256)));
        AssertAccepted(r => r.Spec.Command.Add(["sh", "-c", "a\nb", ""]));
        AssertRefused(
            r => r.Spec.Command.Add(Enumerable.Repeat("x", 257)), "spec.command array exceeds 256 argument limit (257 given)", "spec.command");
        AssertRefused(
            r => r.Spec.Command.Add(new string('x', 33 * 1024)), "spec.command argument 0 exceeds 32768 bytes (it has 33792)", "spec.command");
        AssertRefused(r => r.Spec.Command.Add(["sh", "a\0b"]), "spec.command argument 1 contains null bytes", "spec.command");
        AssertRefused(r => r.Spec.Command.Add(""), "spec.command[0] must not be empty", "spec.command");
        AssertRefused(
            r => r.Spec.Command.Add(Enumerable.Repeat(new string('x', 32 * 1024), 9)),
            "spec.command exceeds maximum total size (294912 > 262144)",
            "spec.command");
    }

    [Test]
    public void Check_TemplateStrings_HaveALimit()
    {
        AssertAccepted(r => r.Spec.Template.Image = new string('x', 1024));
        AssertRefused(
            r => r.Spec.Template.Image = new string('x', 1025), "template.image exceeds maximum length (1025 > 1024)", "spec.template.image");
        AssertRefused(
            r => r.Spec.Template.RuntimeClassName = new string('x', 1025),
            "template.runtime_class_name exceeds maximum length (1025 > 1024)",
            "spec.template.runtime_class_name");
        AssertRefused(
            r => r.Spec.Template.AgentSocket = new string('x', 1025),
            "template.agent_socket exceeds maximum length (1025 > 1024)",
            "spec.template.agent_socket");
    }

    [TestCase("resources")]
    [TestCase("driver_config")]
    public void Check_TemplateStructs_HaveALimit(string name)
    {
        var large = new Struct { Fields = { ["x"] = Value.ForString(new string('x', 65_536)) } };
        var request = Request(r => Set(r.Spec.Template));

        var message = Assert.Throws<RpcException>(() => Check(request))!.Status.Detail;

        Assert.That(message, Is.EqualTo($"template.{name} serialized size exceeds maximum ({large.CalculateSize()} > 65536)"));

        void Set(SandboxTemplate template) =>
            _ = name == "resources" ? template.Resources = large : template.DriverConfig = large;
    }

    [Test]
    public void Check_RootfsTarPath_IsTheGatewaysOwn() => AssertRefused(
        r => r.Spec.Template.DriverConfig = new Struct
        {
            Fields =
            {
                ["vm"] = Value.ForStruct(new Struct { Fields = { ["rootfs_tar_path"] = Value.ForString("/x") } }),
            },
        },
        "driver_config.vm.rootfs_tar_path is set by the gateway and may not be given",
        "spec.template.driver_config.vm.rootfs_tar_path");

    [Test]
    public void Check_NoGpus_IsRefused() => AssertRefused(
        r => r.Spec.ResourceRequirements = new Requirements { Gpu = new GpuRequirements { Count = 0 } },
        "gpu count must be greater than 0",
        "spec.resource_requirements.gpu.count");

    [Test]
    public void Check_Resources_AreThoseThatAreHonoured()
    {
        AssertAccepted(r => r.Spec.Template.Resources = Resources("limits", "memory", Value.ForString("1Gi")));
        AssertAccepted(r => r.Spec.Template.Resources = Resources("requests", "cpu", Value.ForNumber(2)));
        AssertRefused(
            r => r.Spec.Template.Resources = Resources("limits", "nvidia.com/gpu", Value.ForNumber(1)),
            "spec.template.resources.limits.nvidia.com/gpu is not supported by this gateway: limits has cpu, memory, ephemeral-storage",
            "spec.template.resources.limits.nvidia.com/gpu");
        AssertRefused(
            r => r.Spec.Template.Resources = Resources("claims", "x", Value.ForNumber(1)),
            "spec.template.resources.claims is not supported by this gateway: resources has the maps requests and limits",
            "spec.template.resources.claims");
        AssertRefused(
            r => r.Spec.Template.Resources = Resources("limits", "cpu", Value.ForBool(true)),
            "spec.template.resources.limits.cpu must be a string such as \"2Gi\", or a number",
            "spec.template.resources.limits.cpu");
    }

    [Test]
    public void Check_Policy_HasALimit()
    {
        var request = Request(r =>
        {
            r.Spec.Policy = new() { Landlock = new() { Compatibility = new string('x', 262_144) } };
        });

        Assert.That(
            Assert.Throws<RpcException>(() => Check(request))!.Status.Detail, Does.StartWith("policy serialized size exceeds maximum"));
    }

    [Test]
    public void Check_UnknownRestartPolicy_IsRefused() => AssertRefused(
        r => r.Spec.RestartPolicy = (SandboxRestartPolicy)77, "spec.restart_policy 77 is not known to this gateway", "spec.restart_policy");

    private static Struct Resources(string group, string name, Value value) =>
        new() { Fields = { [group] = Value.ForStruct(new Struct { Fields = { [name] = value } }) } };

    private static MapField<string, string> MapOf(CreateSandboxRequest request, string what) => Maps.Single(m => m.What == what).Map(request);

    private static CreateSandboxRequest Request(Action<CreateSandboxRequest> change)
    {
        var request = new CreateSandboxRequest { Spec = new SandboxSpec { Template = new SandboxTemplate() } };
        change(request);
        return request;
    }

    private static void Check(CreateSandboxRequest request)
    {
        CreateSandboxValidator.CheckShape(request);
        CreateSandboxValidator.CheckContent(request);
    }

    private static void AssertAccepted(Action<CreateSandboxRequest> change) => Assert.That(() => Check(Request(change)), Throws.Nothing);

    private static void AssertRefused(Action<CreateSandboxRequest> change, string message, string? field = null)
    {
        Assert.That(message, Does.Not.Contain("hunter2"));
        RefusalAssert.InvalidArgument(() => Check(Request(change)), message);
        var error = Assert.Throws<RpcException>(() => Check(Request(change)));
        var violation = error!.GetRpcStatus()?.GetDetail<BadRequest>().FieldViolations.Single();
        Assert.That(violation?.Description, Is.EqualTo(message));
        Assert.That(violation?.Field, field is null ? Is.Not.Empty : Is.EqualTo(field));
    }
}
