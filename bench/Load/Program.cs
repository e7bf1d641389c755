using System.Text.Json;
using OpenShell.Load;

// openshell-load relay|sessions|exec --bin DIR [--seconds N] [--sessions N] [--storm N]
// Progress goes to stderr; the last line of stdout is one JSON object.
if (LoadOptions.Parse(args, out var error) is not { } options)
{
    await Console.Error.WriteLineAsync($"openshell-load: {error}");
    return 2;
}

var figures = options.Bench switch
{
    "relay" => await RelayBench.RunAsync(options),
    "exec" => await ExecBench.RunAsync(options),
    _ => await SessionsBench.RunAsync(options),
};
Console.WriteLine(JsonSerializer.Serialize(figures));
return 0;
