using OpenShell.Linux.Processes;
using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Policy;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>Starts the processes of the sandbox.</summary>
internal sealed class ProcessLauncher(Reaper reaper, EventLoop loop, LaunchPlanner planner, Confinement confinement)
{
    private const int FileModeMask = 0x12; // octal 022

    private readonly LaunchLimits _limits = new();

    /// <summary>Starts a process. Nothing has run where this returns a failure.</summary>
    public Outcome<RunningProcess, LaunchFailure> Start(ProcessSpec spec)
    {
        if (!planner.Plan(spec).Succeeded(out var plan, out var unusable))
        {
            return unusable;
        }

        try
        {
            var streams = spec.Terminal is { } terminal
                ? ProcessStreams.CreateTerminal(terminal, plan.User.Uid)
                : ProcessStreams.CreatePipes();
            return Spawn(plan, streams).Succeeded(out var child, out var failure) ? streams.Attach(loop, reaper, child) : failure;
        }
        catch (IOException e)
        {
            return new LaunchFailure(LaunchFailureKind.Resources, e.Message);
        }
    }

    /// <summary>Starts a process with nothing for input and nowhere for output; a terminal is not made.</summary>
    public Outcome<SandboxProcess, LaunchFailure> StartDetached(ProcessSpec spec)
    {
        if (!planner.Plan(spec with { Terminal = null }).Succeeded(out var plan, out var unusable))
        {
            return unusable;
        }

        try
        {
            return Spawn(plan, ProcessStreams.CreateNull()).Succeeded(out var child, out var failure) ? new SandboxProcess(reaper, child) : failure;
        }
        catch (IOException e)
        {
            return new LaunchFailure(LaunchFailureKind.Resources, e.Message);
        }
    }

    /// <summary>
    /// Starts a login shell of a user that reads the profile files and then runs a line, in which $0 is
    /// <paramref name="program"/>. What it writes to its standard input, which has ended, is its output; what it
    /// writes elsewhere is lost.
    /// </summary>
    public Outcome<RunningProcess, LaunchFailure> StartLoginLine(UserIdentity user, string line, string program)
    {
        if (planner.PlanLoginLine(user, line, program) is not { } plan)
        {
            return new LaunchFailure(LaunchFailureKind.NotFound, $"the image has none of bash, ash and sh, or no {program}");
        }

        try
        {
            var streams = ProcessStreams.CreateAnswer();
            return Spawn(plan, streams).Succeeded(out var child, out var failure) ? streams.Attach(loop, reaper, child) : failure;
        }
        catch (IOException e)
        {
            return new LaunchFailure(LaunchFailureKind.Resources, e.Message);
        }
    }

    // Closes what the process got; and the rest too where it did not start.
    private Outcome<Child, LaunchFailure> Spawn(LaunchPlan plan, ProcessStreams streams)
    {
        using var rules = confinement.Prepare(plan.WorkingDirectory);
        var outcome = rules.Refusal is { } refusal
            ? new LaunchFailure(LaunchFailureKind.Policy, refusal)
            : Spawn(plan, streams, rules);
        if (outcome.Succeeded(out _, out _))
        {
            streams.CloseGiven();
        }
        else
        {
            streams.Dispose();
        }

        return outcome;
    }

    private unsafe Outcome<Child, LaunchFailure> Spawn(LaunchPlan plan, ProcessStreams streams, PreparedRules rules)
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
                // Without privileges the user cannot be changed; a test run as an ordinary user still starts things.
                ChangeIdentity = CurrentProcess.GetEffectiveUser() == 0 ? 1 : 0,
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
            return reaper.Spawn(&request) is { } child ? child : LaunchFailures.Explain(request, plan, size);
        }
    }
}
