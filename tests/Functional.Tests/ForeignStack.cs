using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Starts the programs in tests/Foreign: peers of the gateway on other gRPC stacks.</summary>
internal static class ForeignStack
{
    // Debian's own, which has the packages of eng/packages.sh; another one on PATH may not.
    private const string Python = "/usr/bin/python3";

    private static readonly string Directory = Path.Combine(TestPaths.Root, "tests", "Foreign");

    /// <summary>Runs steps of the client on grpc-js, all of them if none is named, and fails unless each is OK.</summary>
    public static Task RunClientAsync(GatewayProcess gateway, params string[] steps) => RunClientAsync(gateway, loginShell: false, steps);

    /// <summary>As above; commands that say nothing about it get a login shell, or not.</summary>
    public static async Task RunClientAsync(GatewayProcess gateway, bool loginShell, string[] steps)
    {
        await InstallAsync();
        var address = $"{gateway.Endpoint.Host}:{gateway.Endpoint.Port}";
        string[] arguments = [Path.Combine(Directory, "node", "client.js"), address, Path.Combine(TestPaths.Root, "proto"), .. steps];
        var said = await RunAsync("node", arguments, ("OPENSHELL_TOKEN", gateway.AdminToken), ("OPENSHELL_LOGIN_SHELL", loginShell ? "1" : ""));
        Assert.That(steps.Where(step => !said.Contains($"ok {step}\n", StringComparison.Ordinal)), Is.Empty, said);
    }

    /// <summary>Starts the driver on the C core; its machines are supervisors on the C core. It ends with its standard input.</summary>
    public static async Task<Process> StartDriverAsync(TestDirectory directory, string kind = "")
    {
        var descriptors = directory.File("descriptors.pb");
        await File.WriteAllBytesAsync(descriptors, Describe(OpenshellReflection.Descriptor, ComputeDriverReflection.Descriptor).ToByteArray());
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Python,
                [
                    "-W", "ignore", Path.Combine(Directory, "python", "driver.py"), directory.File("driver.sock"), descriptors,
                    $"unix:{directory.File("gateway/run/supervisor.sock")}", kind,
                ])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // Nothing is left in the repository.
                Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
            },
        };
        process.Start();
        Assert.That(await Eventually.EndsAsync(process.StandardOutput.ReadLineAsync(), "the driver serves"), Is.EqualTo("serving"));
        return process;
    }

    private static async Task InstallAsync()
    {
        var node = Path.Combine(Directory, "node");
        var installed = new FileInfo(Path.Combine(node, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(node, "package-lock.json")))
        {
            await RunAsync("npm", ["ci", "--prefix", node, "--ignore-scripts", "--no-audit", "--no-fund"]);
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        foreach (var (name, value) in environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await Eventually.EndsAsync(process.WaitForExitAsync(), $"{program} ends");
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var said = await output + await error;
        Assert.That(process.ExitCode, Is.Zero, $"{program}:\n{said}");
        return said;
    }

    // Each file after those that it needs.
    private static FileDescriptorSet Describe(params FileDescriptor[] files)
    {
        var set = new FileDescriptorSet();
        HashSet<string> seen = [];
        Array.ForEach(files, Add);
        return set;

        void Add(FileDescriptor file)
        {
            if (seen.Add(file.Name))
            {
                file.Dependencies.ToList().ForEach(Add);
                set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
            }
        }
    }
}
