using Microsoft.Data.Sqlite;

namespace OpenShell.Gateway.Store;

/// <summary>The SQL of the table <c>requests</c>.</summary>
internal static class SqliteRequests
{
    private const string OfCaller = "identity_provider = $identity_provider AND issuer = $issuer AND subject = $subject";
    private const string OfKey = $"{OfCaller} AND method = $method AND workspace = $workspace AND request_id = $request_id";

    public static RequestBegin Begin(SqliteConnection connection, StoredRequest request, DateTimeOffset expired, RequestQuota quota)
    {
        using var prune = connection.CreateCommand();
        prune.CommandText = "DELETE FROM requests WHERE completed_at_ms < $expired";
        prune.Parameters.AddWithValue("$expired", expired.ToUnixTimeMilliseconds());
        prune.ExecuteNonQuery();
        if (Find(connection, request.Key, expired) is { } existing)
        {
            return new RequestBegin(existing, IsFull: false);
        }

        RemoveOldFailures(connection, request.Key, expired, quota.MaxFailed);
        if (CountOfCaller(connection, request.Key, expired) >= quota.Max)
        {
            return new RequestBegin(null, IsFull: true);
        }

        using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO requests (
              identity_provider, issuer, subject, method, workspace, request_id,
              workspace_id, fingerprint, fingerprint_key, begun_at_ms, object_id, object_version, outcome)
            VALUES (
              $identity_provider, $issuer, $subject, $method, $workspace, $request_id,
              $workspace_id, $fingerprint, $fingerprint_key, $begun, '', 0, 0)
            """;
        BindKey(insert, request.Key);
        insert.Parameters.AddWithValue("$workspace_id", request.WorkspaceId);
        insert.Parameters.AddWithValue("$fingerprint", request.Fingerprint.ToArray());
        insert.Parameters.AddWithValue("$fingerprint_key", request.FingerprintKey);
        insert.Parameters.AddWithValue("$begun", request.BegunAt.ToUnixTimeMilliseconds());
        insert.ExecuteNonQuery();
        return default;
    }

    public static StoredRequest? Find(SqliteConnection connection, RequestKey key, DateTimeOffset expired)
    {
        using var select = connection.CreateCommand();
        select.CommandText = $"""
            SELECT workspace_id, fingerprint, fingerprint_key, begun_at_ms, completed_at_ms, object_id, object_version, outcome
            FROM requests WHERE {OfKey} AND (completed_at_ms IS NULL OR completed_at_ms >= $expired)
            """;
        BindKey(select, key);
        select.Parameters.AddWithValue("$expired", expired.ToUnixTimeMilliseconds());
        using var reader = select.ExecuteReader();
        return reader.Read()
            ? new StoredRequest
            {
                Key = key,
                WorkspaceId = reader.GetString(0),
                Fingerprint = reader.GetFieldValue<byte[]>(1),
                FingerprintKey = reader.GetString(2),
                BegunAt = SqliteObjects.ToTime(reader.GetInt64(3)),
                CompletedAt = reader.IsDBNull(4) ? null : SqliteObjects.ToTime(reader.GetInt64(4)),
                Result = new RequestResult(reader.GetString(5), (ulong)reader.GetInt64(6), reader.GetInt32(7)),
            }
            : null;
    }

    public static bool Complete(SqliteConnection connection, RequestKey key, RequestResult result, DateTimeOffset time)
    {
        using var update = connection.CreateCommand();
        update.CommandText = $"""
            UPDATE requests SET completed_at_ms = $completed, object_id = $object_id, object_version = $object_version, outcome = $outcome
            WHERE {OfKey} AND completed_at_ms IS NULL AND failed_at_ms IS NULL
            """;
        BindKey(update, key);
        update.Parameters.AddWithValue("$completed", time.ToUnixTimeMilliseconds());
        update.Parameters.AddWithValue("$object_id", result.ObjectId);
        update.Parameters.AddWithValue("$object_version", (long)result.ObjectVersion);
        update.Parameters.AddWithValue("$outcome", result.Outcome);
        return update.ExecuteNonQuery() == 1;
    }

    public static bool Fail(SqliteConnection connection, RequestKey key, DateTimeOffset time)
    {
        using var update = connection.CreateCommand();
        update.CommandText = $"""
            UPDATE requests SET failed_at_ms = $failed WHERE {OfKey} AND completed_at_ms IS NULL AND failed_at_ms IS NULL
            """;
        BindKey(update, key);
        update.Parameters.AddWithValue("$failed", time.ToUnixTimeMilliseconds());
        return update.ExecuteNonQuery() == 1;
    }

    private static long CountOfCaller(SqliteConnection connection, RequestKey key, DateTimeOffset expired)
    {
        using var count = connection.CreateCommand();
        count.CommandText = $"SELECT count(*) FROM requests WHERE {OfCaller} AND (failed_at_ms IS NULL OR failed_at_ms >= $expired)";
        BindCaller(count, key);
        count.Parameters.AddWithValue("$expired", expired.ToUnixTimeMilliseconds());
        return (long)count.ExecuteScalar()!;
    }

    // Those of one millisecond go together.
    private static void RemoveOldFailures(SqliteConnection connection, RequestKey key, DateTimeOffset expired, int max)
    {
        using var delete = connection.CreateCommand();
        delete.CommandText = $"""
            DELETE FROM requests WHERE {OfCaller} AND failed_at_ms <= (
              SELECT failed_at_ms FROM requests WHERE {OfCaller} AND failed_at_ms < $expired
              ORDER BY failed_at_ms DESC LIMIT 1 OFFSET $max)
            """;
        BindCaller(delete, key);
        delete.Parameters.AddWithValue("$expired", expired.ToUnixTimeMilliseconds());
        delete.Parameters.AddWithValue("$max", max);
        delete.ExecuteNonQuery();
    }

    private static void BindCaller(SqliteCommand command, RequestKey key)
    {
        command.Parameters.AddWithValue("$identity_provider", key.IdentityProvider);
        command.Parameters.AddWithValue("$issuer", key.Issuer);
        command.Parameters.AddWithValue("$subject", key.Subject);
    }

    private static void BindKey(SqliteCommand command, RequestKey key)
    {
        BindCaller(command, key);
        command.Parameters.AddWithValue("$method", key.Method);
        command.Parameters.AddWithValue("$workspace", key.Workspace);
        command.Parameters.AddWithValue("$request_id", key.RequestId);
    }
}
