using System.Text.Json;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>Decides what machines run on; a probe's answer is kept in a file, since it costs seconds where KVM hangs.</summary>
internal sealed class AccelerationResolver(AccelerationMode mode, KvmProbe probe, StateLayout layout, AccelerationLog log) : IDisposable
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    private readonly SemaphoreSlim _mutex = new(1, 1);
    private AccelerationDecision? _decision;

    /// <summary>The decision, made once; later calls answer at once.</summary>
    /// <exception cref="IOException">KVM was demanded and cannot be used.</exception>
    public async Task<AccelerationDecision> ResolveAsync(string qemuPath, GuestKernel kernel, CancellationToken cancellationToken)
    {
        await _mutex.WaitAsync(cancellationToken);
        try
        {
            return _decision ??= await DecideAsync(qemuPath, kernel, cancellationToken);
        }
        finally
        {
            _mutex.Release();
        }
    }

    public void Dispose() => _mutex.Dispose();

    private async Task<AccelerationDecision> DecideAsync(string qemuPath, GuestKernel kernel, CancellationToken cancellationToken)
    {
        if (mode == AccelerationMode.Tcg)
        {
            return new AccelerationDecision(Accelerator.Tcg, null);
        }

        var problem = KvmDevice.FindProblem();
        if (mode == AccelerationMode.Kvm)
        {
            return problem is null
                ? new AccelerationDecision(Accelerator.Kvm, null)
                : throw new IOException($"{problem}; use --accel tcg for software emulation");
        }

        if (problem is null && await RecallOrProbeAsync(qemuPath, kernel, cancellationToken) is { } detail)
        {
            // QEMU's own words; the debug level is for them, the notice for users.
            log.ProbeFailed(detail);
            problem = "KVM cannot run guests on this host";
        }

        if (problem is null)
        {
            log.Chosen(Accelerator.Kvm);
            return new AccelerationDecision(Accelerator.Kvm, null);
        }

        log.FallsBack(problem);
        return new AccelerationDecision(Accelerator.Tcg, problem);
    }

    private async Task<string?> RecallOrProbeAsync(string qemuPath, GuestKernel kernel, CancellationToken cancellationToken)
    {
        var bootId = (await File.ReadAllTextAsync(BootIdPath, cancellationToken)).Trim();
        var version = await QemuInstallation.ReadVersionAsync(qemuPath, cancellationToken);
        if (Recall() is { } known && known.BootId == bootId && known.QemuVersion == version)
        {
            return known.Problem;
        }

        var problem = await probe.FindProblemAsync(qemuPath, kernel, layout.RunDirectory, cancellationToken);
        Keep(new KvmFinding(bootId, version, problem));
        return problem;
    }

    // It is a cache: one that cannot be read or written costs another probe, and nothing else.
    private KvmFinding? Recall()
    {
        try
        {
            return File.Exists(layout.AccelerationPath)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(layout.AccelerationPath), KvmFindingJson.Default.KvmFinding)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Keep(KvmFinding finding)
    {
        try
        {
            DurableFile.Replace(layout.AccelerationPath, JsonSerializer.SerializeToUtf8Bytes(finding, KvmFindingJson.Default.KvmFinding));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotKept(layout.AccelerationPath, e.Message);
        }
    }
}

/// <summary>What machines run on.</summary>
/// <param name="FallbackReason">Why it is not KVM although the operator left the choice to us and the host has it; else null. The beginning of a sentence for people.</param>
internal sealed record AccelerationDecision(Accelerator Accelerator, string? FallbackReason);
