using System.Net.Sockets;
using System.Text.Json;

namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>QEMU's side of QMP on a Unix socket, for any number of clients one after the other.</summary>
internal sealed class FakeMonitor : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _loop;
    private Socket? _client;

    public FakeMonitor(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _loop = ServeAsync();
    }

    /// <summary>Called for "quit", before it is answered.</summary>
    public Action OnQuit { get; init; } = () => { };

    public List<string> Commands { get; } = [];

    /// <summary>What query-status says; "cont" makes it running.</summary>
    public string Status { get; set; } = "running";

    /// <summary>Commands are read and neither done nor answered.</summary>
    public bool IsSilent { get; set; }

    public async Task SendAsync(string line) => await _client!.SendAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"));

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _client?.Dispose();
        await _loop;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _client = await _listener.AcceptAsync();
                await ServeUntilItGoesAsync(_client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeUntilItGoesAsync(Socket client)
    {
        try
        {
            await ServeAsync(client);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // It has gone, perhaps before its answer: the next one may come.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: true);
        await SendAsync("""{"QMP": {"version": {}, "capabilities": []}}""");
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line)
        {
            using var message = JsonDocument.Parse(line);
            var command = message.RootElement.GetProperty("execute").GetString()!;
            var id = message.RootElement.GetProperty("id").GetInt64();
            Commands.Add(command);
            if (IsSilent)
            {
                continue;
            }

            if (command == "quit")
            {
                OnQuit();
            }

            Status = command == "cont" ? "running" : Status;
            await SendAsync(command switch
            {
                "nonsense" => $$"""{"error": {"class": "CommandNotFound", "desc": "The command nonsense has not been found"}, "id": {{id}}}""",
                "query-status" => $$"""{"return": {"status": "{{Status}}"}, "id": {{id}}}""",
                _ => $$"""{"return": {}, "id": {{id}}}""",
            });
        }
    }
}
