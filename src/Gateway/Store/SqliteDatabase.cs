using System.Reflection;
using Microsoft.Data.Sqlite;
using OpenShell.Gateway.Configuration;
using OpenShell.Linux.Files;

namespace OpenShell.Gateway.Store;

/// <summary>Opens the database file, with its mode, its pragmas and its migrations.</summary>
internal static class SqliteDatabase
{
    private const UnixFileMode OwnerOnly = DurableFile.OwnerOnly;
    private const string Remedy = "put it back from a copy, or give another file with --db-url sqlite:PATH";

    // SQLITE_FULL, SQLITE_IOERR_SHMSIZE, ENOSPC.
    private const int Full = 13;
    private const int SharedMemoryFull = 4874;
    private const int NoSpace = 28;

    /// <summary>Opens and migrates.</summary>
    /// <param name="earlier">What shows that there was a database here before, for people; null if nothing does.</param>
    /// <exception cref="StoreUnavailableException">
    /// The file cannot be used, or is gone although there was one; the message names it and says why.
    /// </exception>
    public static SqliteConnection Open(DatabaseUrl url, string? earlier)
    {
        SqliteConnection? connection = null;
        try
        {
            if (url.Path is { } path)
            {
                CheckNotLost(path, earlier);
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
            Migrate(connection, url, earlier);
            CheckWhole(connection, url);
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
                $"cannot open the database {url.Path ?? ":memory:"}: {Reason(e)}; {Remedy}", e)
            {
                IsFull = IsFull(e),
            };
        }
    }

    /// <summary>Whether the disk had no room. SQLite has no one code for it: the memory it shares is a file, too.</summary>
    public static bool IsFull(Exception e) => e is SqliteException sqlite
        ? sqlite.SqliteErrorCode == Full || sqlite.SqliteExtendedErrorCode == SharedMemoryFull
        : e is IOException && (e.HResult & 0xffff) == NoSpace;

    /// <summary>What went wrong, in one line for people.</summary>
    public static string Reason(Exception e) => e is SqliteException sqlite
        ? sqlite.SqliteErrorCode switch
        {
            5 or 6 => "another process holds it",
            8 => "it is read-only",
            11 or 26 => "it is no SQLite database, or a damaged one",
            13 => "the disk is full",
            _ when IsFull(e) => "the disk is full",
            _ => sqlite.Message,
        }
        : e.Message.TrimEnd('.');

    private static void CreateFile(string path)
    {
        if (!Path.Exists(path))
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
        foreach (var file in new[] { path, path + "-wal", path + "-shm" })
        {
            FileAccessModes.CloseToOthers(file);
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

    // Before anything is opened: SQLite throws a log away whose database is gone.
    private static void CheckNotLost(string path, string? earlier)
    {
        if (File.Exists(path) && new FileInfo(path).Length > 0)
        {
            return;
        }

        var state = File.Exists(path) ? "empty" : "missing";
        var log = path + "-wal";
        if (!Directory.Exists(path) && File.Exists(log) && new FileInfo(log).Length > 0)
        {
            throw new StoreUnavailableException(
                $"the database {path} is {state}, but its log {log} is not; put the database back from a copy, or move the log away");
        }

        if (!Directory.Exists(path) && earlier is not null)
        {
            throw Lost(path, state, earlier);
        }
    }

    private static StoreUnavailableException Lost(string path, string state, string earlier) => new(
        $"the database {path} is {state}, but {earlier}: put it back from a copy, or begin a new one with --new-database, "
        + "into which the sandboxes that the driver keeps are taken");

    // What is damaged is found now and not when somebody's sandbox is read; a database of ten thousand takes tens of milliseconds.
    private static void CheckWhole(SqliteConnection connection, DatabaseUrl url)
    {
        using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok")
        {
            throw new StoreUnavailableException($"the database {url.Path ?? ":memory:"} is damaged; {Remedy}");
        }
    }

    private static void Migrate(SqliteConnection connection, DatabaseUrl url, string? earlier)
    {
        using var version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version";
        var current = (long)version.ExecuteScalar()!;
        var migrations = Migrations().ToList();
        if (current == 0 && url.Path is { } path && earlier is not null)
        {
            throw Lost(path, "without any content", earlier);
        }

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
