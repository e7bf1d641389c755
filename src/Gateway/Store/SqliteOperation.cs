using Microsoft.Data.Sqlite;

namespace OpenShell.Gateway.Store;

/// <summary>Work for the store's loop. Its result becomes visible only after the commit.</summary>
internal abstract class SqliteOperation
{
    /// <summary>Whether it may take the space that is kept for a full disk: what adds nothing may.</summary>
    public bool MayUseReserve { get; init; }

    public abstract void Run(SqliteConnection connection);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class SqliteOperation<T>(Func<SqliteConnection, T> work) : SqliteOperation
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Completion => _completion.Task;

    public override void Run(SqliteConnection connection) => _result = work(connection);

    public override void Complete() => _completion.TrySetResult(_result!);

    public override void Fail(Exception error) => _completion.TrySetException(error);
}
