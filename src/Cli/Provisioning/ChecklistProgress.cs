using System.Globalization;
using OpenShell.Cli.Text;
using Spectre.Console;

namespace OpenShell.Cli.Provisioning;

/// <summary>A spinner on the step that runs, and above it the finished ones with the time each took. For terminals.</summary>
internal sealed class ChecklistProgress(TextWriter output, bool colors, TimeProvider time) : IProgressDisplay
{
    public Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = AnsiSupport.Yes,
            ColorSystem = colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
        });
        return console.Status().Spinner(Spinner.Known.Dots).StartAsync("Creating", context => RunAsync(console, context, work));
    }

    private async Task<T> RunAsync<T>(IAnsiConsole console, StatusContext context, Func<Action<string>, Task<T>> work)
    {
        string? current = null;
        var start = time.GetTimestamp();

        void Finish(string mark)
        {
            if (current is not null)
            {
                var seconds = time.GetElapsedTime(start).TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
                console.MarkupLine($"{mark} {Markup.Escape(current)} [grey]{seconds}s[/]");
            }
        }

        try
        {
            var result = await work(step =>
            {
                Finish("[green]✓[/]");
                current = SafeText.OneLine(step);
                start = time.GetTimestamp();
                context.Status(Markup.Escape(current));
            });
            Finish("[green]✓[/]");
            return result;
        }
        catch
        {
            Finish("[red]✗[/]");
            throw;
        }
    }
}
