using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests.Transfer;

/// <summary>Copies with a sandbox whose tools answer without an end.</summary>
internal sealed class HostileAnswerTests : GatewayTestBase
{
    [TestCase("xargs")]
    [TestCase("files")]
    public async Task Upload_ToolThatNeverStopsAnswering_EndsWithAnError(string flooding)
    {
        Gateway.Add("alpha");
        var file = Cli.WriteFile("file", "content");
        Gateway.Exec = async (start, requests, events, context) =>
        {
            var tool = start.Command.Count > 0 ? start.Command[0] : start.Subsystem;
            while (tool == flooding && !context.CancellationToken.IsCancellationRequested)
            {
                await events.WriteAsync(ExecEvents.Stdout(new string('0', 64 * 1024)));
            }

            while (tool == "tar" && await requests.MoveNext(context.CancellationToken))
            {
            }

            await events.WriteAsync(ExecEvents.Exit(tool == "test" ? 1 : 0));
        };

        var result = await Cli.RunAsync("sandbox", "upload", "alpha", file, "there/");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("the sandbox answers with more than"));
    }
}
