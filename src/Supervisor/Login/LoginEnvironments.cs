using System.Text;
using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Login;

/// <summary>
/// The environments that login shells have, one for each user, read once and again when the profile files have changed:
/// <list type="number">
/// <item>Most commands find what was read, and that the files are as they were.</item>
/// <item>One that does not begins a reading, or waits for the one that is going on.</item>
/// <item>A reading that began before this command may have missed a change; then a second one is waited for.</item>
/// <item>Where nothing can be read the user's commands have the sandbox's environment, and a minute later it is tried again.</item>
/// </list>
/// </summary>
/// <param name="read">Runs a login shell: <see cref="LoginShell.ReadAsync"/>.</param>
/// <param name="settings">/etc.</param>
internal sealed class LoginEnvironments(
    Func<UserIdentity, CancellationToken, Task<Outcome<byte[], string>>> read,
    LaunchPlanner planner,
    string settings,
    SupervisorLog log,
    TimeProvider time) : IDisposable
{
    /// <summary>For as many users something is kept; for one more, all is read anew.</summary>
    public const int MostUsers = 32;

    private static readonly TimeSpan RetryTime = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What to start, with the environment that a login shell of its user has, where there is such a user and environment.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone, or the sandbox stops.</exception>
    public async ValueTask<ProcessSpec> ApplyAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        if (planner.FindUser(spec.User) is not { } user)
        {
            return spec;
        }

        var entry = EntryOf(user);
        var current = entry.Current;
        if (current is null || !IsFresh(current))
        {
            current = await RefreshAsync(entry, user, cancellationToken);
        }

        return spec with { Identity = user, BaseEnvironment = current.Variables };
    }

    /// <summary>Ends the shells that run. Nothing is asked for any more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        Task[] readings;
        lock (_lock)
        {
            readings = [.. _entries.Values.Select(entry => entry.Reading).OfType<Task>()];
        }

        await Task.WhenAll(readings).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private Entry EntryOf(UserIdentity user)
    {
        var key = new Key(user.Uid, user.Gid, user.Name, user.Home);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                return entry;
            }

            if (_entries.Count >= MostUsers)
            {
                Forget();
            }

            return _entries[key] = new Entry();
        }
    }

    // What is being read, or is about to be, stays for those who wait for it and for StopAsync.
    private void Forget()
    {
        foreach (var (key, _) in _entries.Where(pair => pair.Value.Reading is { IsCompleted: true }).ToArray())
        {
            _entries.Remove(key);
        }
    }

    private bool IsFresh(Environment current) =>
        (current.RetryAt is not { } retry || time.GetTimestamp() < retry) && current.Files.AreUnchanged();

    private async Task<Environment> RefreshAsync(Entry entry, UserIdentity user, CancellationToken cancellationToken)
    {
        var (reading, isOlder) = Reading(entry, user);
        var current = await reading.WaitAsync(cancellationToken);
        if (isOlder && !IsFresh(current))
        {
            // Whoever began this one, it was after this command came.
            current = await Reading(entry, user).Reading.WaitAsync(cancellationToken);
        }

        return current;
    }

    private (Task<Environment> Reading, bool IsOlder) Reading(Entry entry, UserIdentity user)
    {
        lock (_lock)
        {
            if (entry.Reading is { IsCompleted: false } reading)
            {
                return (reading, true);
            }

            entry.Reading = ReadAsync(entry, user);
            return (entry.Reading, false);
        }
    }

    private async Task<Environment> ReadAsync(Entry entry, UserIdentity user)
    {
        await Task.Yield();
        // Before the shell: what changes while it reads is seen the next time.
        var files = LoginFiles.Look(settings, planner.HomeOf(user));
        var outcome = await read(user, _stopping.Token);
        if (outcome.Succeeded(out var bytes, out var failure))
        {
            log.Debug($"login environment of {user.Name}: read");
            return entry.Current = new Environment(files, Parse(bytes, user), null);
        }

        log.Warn($"login environment of {user.Name}: {failure}; commands have the sandbox's environment");
        return entry.Current = new Environment(files, null, time.GetTimestamp() + (long)(RetryTime.TotalSeconds * time.TimestampFrequency));
    }

    private Dictionary<string, string> Parse(byte[] bytes, UserIdentity user)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var unreadable = 0;
        foreach (var range in bytes.AsSpan().Split((byte)0))
        {
            var variable = bytes.AsSpan()[range];
            var separator = variable.IndexOf((byte)'=');
            if (separator <= 0)
            {
                continue;
            }

            if (!System.Text.Unicode.Utf8.IsValid(variable))
            {
                unreadable++;
                continue;
            }

            var name = Encoding.UTF8.GetString(variable[..separator]);
            if (!IsOfTheShell(name))
            {
                variables[name] = Encoding.UTF8.GetString(variable[(separator + 1)..]);
            }
        }

        if (unreadable > 0)
        {
            log.Warn($"login environment of {user.Name}: {unreadable} variables are no UTF-8 and left out");
        }

        return variables;
    }

    // What a shell says of itself, and of where it is.
    private static bool IsOfTheShell(string name) => name is "_" or "SHLVL" or "PWD" or "OLDPWD";

    private readonly record struct Key(uint Uid, uint Gid, string Name, string Home);

    private sealed class Entry
    {
        private Environment? _current;

        public Environment? Current
        {
            get => Volatile.Read(ref _current);
            set => Volatile.Write(ref _current, value);
        }

        // Under the lock. Faults with the cancellation of StopAsync only.
        public Task<Environment>? Reading { get; set; }
    }

    /// <param name="Variables">Null: there are none, and the sandbox's are taken.</param>
    /// <param name="RetryAt">Timestamp after which it is read again although nothing has changed.</param>
    private sealed record Environment(LoginFiles Files, Dictionary<string, string>? Variables, long? RetryAt);
}
