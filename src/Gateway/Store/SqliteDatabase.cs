using System.Reflection;
using Microsoft.Data.Sqlite;

namespace OpenShell.Gateway.Store;

/// <summary>Opens the database file, with its mode, its pragmas and its migrations.</summary>
internal static class SqliteDatabase
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens and migrates.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be used; the message names it and says why.</exception>
    public static SqliteConnection Open(DatabaseUrl url)
    {
        SqliteConnection? connection = null;
        try
        {
            if (url.Path is { } path)
            {
                CreateFile(path);
            }

            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = url.Path ?? ":memory:",
                // One connection for the whole life of the store: nothing to pool, and ":memory:" lives as long as it.
                Pooling = false,
            }.ToString());
            connection.Open();
            Configure(connection);
            Migrate(connection, url);
            return connection;
        }
        catch (StoreUnavailableException)
        {
            connection?.Dispose();
            throw;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new StoreUnavailableException(
                $"cannot open the database {url.Path ?? ":memory:"}: {Reason(e)}; give a writable file with --db-url sqlite:PATH", e);
        }
    }

    /// <summary>What went wrong, in one line for people.</summary>
    public static string Reason(Exception e) => e is SqliteException sqlite
        ? sqlite.SqliteErrorCode switch
        {
            5 or 6 => "another process holds it",
            8 => "it is read-only",
            11 or 26 => "it is no SQLite database, or a damaged one",
            13 => "the disk is full",
            _ => sqlite.Message,
        }
        : e.Message.TrimEnd('.');

    private static void CreateFile(string path)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            using var created = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            });
            return;
        }

        // SQLite gives -wal and -shm the mode of the database when it makes them; a gateway that was killed leaves them.
        foreach (var file in new[] { path, path + "-wal", path + "-shm" }.Where(File.Exists))
        {
            File.SetUnixFileMode(file, OwnerOnly);
        }

        using var writable = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    private static void Configure(SqliteConnection connection)
    {
        // NORMAL with a WAL survives a crash of the process; a power cut may lose the last commits, never the file.
        Execute(connection, """
            PRAGMA busy_timeout = 5000;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA foreign_keys = ON;
            """);
    }

    private static void Migrate(SqliteConnection connection, DatabaseUrl url)
    {
        using var version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version";
        var current = (long)version.ExecuteScalar()!;
        var migrations = Migrations().ToList();
        if (current > migrations[^1].Number)
        {
            throw new StoreUnavailableException(
                $"the database {url.Path ?? ":memory:"} has schema version {current}, and this gateway knows {migrations[^1].Number}: "
                + "it was used by a newer gateway; run that one, or give another file with --db-url sqlite:PATH");
        }

        foreach (var (number, sql) in migrations.Where(m => m.Number > current))
        {
            Execute(connection, $"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT;");
        }
    }

    private static IEnumerable<(int Number, string Sql)> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string Prefix = "OpenShell.Gateway.Store.Migrations.";
        foreach (var name in assembly.GetManifestResourceNames()
                     .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (int.Parse(name.AsSpan(Prefix.Length, 4), provider: null), reader.ReadToEnd());
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is our own: pragmas and embedded migrations.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
