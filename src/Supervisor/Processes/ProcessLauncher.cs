using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Policy;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Processes;

/// <summary>Starts the processes of the sandbox.</summary>
internal sealed class ProcessLauncher(Reaper reaper, EventLoop loop, LaunchPlanner planner, Confinement confinement)
{
    private const int FileModeMask = 0x12; // octal 022

    private readonly LaunchLimits _limits = new();

    /// <summary>Starts a process. Nothing has run where this returns a failure.</summary>
    public LaunchResult Start(ProcessSpec spec)
    {
        var (plan, unusable) = planner.Plan(spec);
        if (plan is null)
        {
            return unusable!;
        }

        try
        {
            var streams = spec.Terminal is { } terminal
                ? ProcessStreams.CreateTerminal(terminal, plan.User.Uid)
                : ProcessStreams.CreatePipes();
            var (child, failure) = Spawn(plan, streams);
            return child is null ? failure! : streams.Attach(loop, reaper, child);
        }
        catch (IOException e)
        {
            return new LaunchFailure(LaunchFailureKind.Resources, e.Message);
        }
    }

    /// <summary>Starts a process with nothing for input and nowhere for output; a terminal is not made.</summary>
    public DetachedLaunch StartDetached(ProcessSpec spec)
    {
        var (plan, unusable) = planner.Plan(spec with { Terminal = null });
        if (plan is null)
        {
            return new DetachedLaunch(null, unusable);
        }

        try
        {
            var (child, failure) = Spawn(plan, ProcessStreams.CreateNull());
            return new DetachedLaunch(child is null ? null : new SandboxProcess(reaper, child), failure);
        }
        catch (IOException e)
        {
            return new DetachedLaunch(null, new LaunchFailure(LaunchFailureKind.Resources, e.Message));
        }
    }

    // Closes what the process got; and the rest too where it did not start.
    private (Child? Child, LaunchFailure? Failure) Spawn(LaunchPlan plan, ProcessStreams streams)
    {
        using var rules = confinement.Prepare(plan.WorkingDirectory);
        var result = rules.Refusal is { } refusal
            ? (null, new LaunchFailure(LaunchFailureKind.Policy, refusal))
            : Spawn(plan, streams, rules);
        if (result.Child is null)
        {
            streams.Dispose();
        }
        else
        {
            streams.CloseGiven();
        }

        return result;
    }

    private unsafe (Child? Child, LaunchFailure? Failure) Spawn(LaunchPlan plan, ProcessStreams streams, PreparedRules rules)
    {
        using var strings = new NativeStrings();
        var argv = strings.AddArray(plan.Program.Argv);
        var envp = strings.AddArray([.. plan.Variables.Select(variable => $"{variable.Key}={variable.Value}")]);
        var size = strings.Bytes;
        var groups = plan.User.Groups.ToArray();
        fixed (uint* groupIds = groups)
        fixed (ResourceLimit* limits = _limits.For(size))
        fixed (SeccompInstruction* filter = rules.Filter)
        {
            var request = new SpawnRequest
            {
                Candidates = strings.AddArray(plan.Program.Candidates),
                Argv = argv,
                Envp = envp,
                WorkingDirectory = strings.Add(plan.WorkingDirectory),
                WorkingDirectoryOptional = plan.WorkingDirectoryOptional ? 1 : 0,
                StandardInput = streams.Input.Number,
                StandardOutput = streams.Output.Number,
                StandardError = streams.Error.Number,
                ControllingTerminal = streams.HasTerminal ? 1 : 0,
                // Without privileges there is nobody else to become; a test run as an ordinary user still starts things.
                ChangeIdentity = LibcProcess.GetEffectiveUid() == 0 ? 1 : 0,
                Uid = plan.User.Uid,
                Gid = plan.User.Gid,
                Groups = groupIds,
                GroupCount = groups.Length,
                ResourceLimits = limits,
                ResourceLimitCount = _limits.For(size).Length,
                Umask = FileModeMask,
                NoNewPrivileges = rules.IsActive ? 1 : 0,
                LandlockRuleset = rules.Ruleset?.Number ?? -1,
                SeccompFilter = filter,
                SeccompLength = rules.Filter.Length,
            };
            return reaper.Spawn(&request) is { } child
                ? (child, null)
                : (null, LaunchFailures.Explain(request, plan, size));
        }
    }
}
