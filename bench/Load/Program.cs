using System.Net.Sockets;
using System.Text.Json;
using Grpc.Core;
using OpenShell.Load;
using OpenShell.Protocol;

// openshell-load relay|sessions|exec|ssh --bin DIR [options], as LoadOptions says.
// Progress goes to stderr; the last line of stdout is one JSON object. Ends with 1 when something was not measured, and
// with 128 + the signal's number on TERM and INT.

// As the command line does.
InlineSocketCompletions.Enable();
if (LoadOptions.Parse(args, out var error) is not { } options)
{
    await Console.Error.WriteLineAsync($"openshell-load: {error}");
    return 2;
}

Until.Limit = options.Limit;
using var signals = new RunSignals();
try
{
    var figures = options.Bench switch
    {
        "relay" => await RelayBench.RunAsync(options),
        "exec" => await ExecBench.RunAsync(options),
        "ssh" => await SshBench.RunAsync(options),
        _ => await SessionsBench.RunAsync(options),
    };
    Console.WriteLine(JsonSerializer.Serialize(figures));
    return 0;
}
catch (Exception) when (signals.ExitCode is { } code)
{
    await Console.Error.WriteLineAsync($"openshell-load: {options.Bench} was ended by a signal");
    return code;
}
catch (Exception e) when (e is IOException or TimeoutException or SocketException or HttpRequestException or RpcException)
{
    await Console.Error.WriteLineAsync($"openshell-load: {options.Bench} was not measured: {e.Message}");
    return 1;
}
finally
{
    Children.EndAll();
}
