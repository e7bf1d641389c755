using OpenShell.Linux.Processes;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Processes;

/// <summary>The resource limits that processes start with.</summary>
internal sealed class LaunchLimits
{
    /// <summary>What Linux takes of arguments and environment together, whatever the limits are (three quarters of 8 MiB).</summary>
    public const long MostArguments = 6 * 1024 * 1024;

    private const ulong SoftOpenFiles = 1024;

    // The kernel allows arguments a quarter of the stack, and keeps a few pages of it for itself.
    private const ulong StackForMostArguments = (4 * (ulong)MostArguments) + (256 * 1024);

    private readonly (ulong Soft, ulong Hard) _stack = ResourceLimits.Get(ResourceLimits.Stack, (8 * 1024 * 1024, ResourceLimits.Unlimited));
    private readonly ResourceLimit[] _usual;
    private readonly ResourceLimit[] _manyArguments;

    public LaunchLimits()
    {
        var files = ResourceLimits.OpenFilesHard();
        // Programs that use select break above 1024, the others raise their soft limit themselves; no cores unless asked for.
        _usual =
        [
            new(ResourceLimits.Core, 0, ResourceLimits.Unlimited),
            new(ResourceLimits.OpenFiles, Math.Min(SoftOpenFiles, files), files),
        ];
        _manyArguments = [.. _usual, new(ResourceLimits.Stack, Math.Min(Math.Max(_stack.Soft, StackForMostArguments), _stack.Hard), _stack.Hard)];
    }

    /// <summary>For a process with so many bytes of arguments and environment: many need a larger stack, which it keeps.</summary>
    public ResourceLimit[] For(long bytes) => (ulong)bytes > _stack.Soft / 4 ? _manyArguments : _usual;
}
