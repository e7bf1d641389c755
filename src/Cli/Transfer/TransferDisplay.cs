using System.Globalization;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Text;
using Spectre.Console;

namespace OpenShell.Cli.Transfer;

/// <summary>Counters of a copy; written by the copy, read by its display.</summary>
internal sealed class TransferProgress
{
    private long _bytes;
    private int _files;

    /// <summary>Bytes to be copied; 0 while that is not known.</summary>
    public long TotalBytes { get; set; }

    /// <summary>Bytes of contents copied so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Files copied so far.</summary>
    public int Files => Volatile.Read(ref _files);

    public void AddBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void AddFile() => Interlocked.Increment(ref _files);
}

/// <summary>Shows how far a copy is: a bar on a terminal, now and then a line elsewhere, nothing where a program reads.</summary>
internal sealed class TransferDisplay(CliContext context, OutputFormat format)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs the copy and shows it until it ends.</summary>
    public async Task<T> ShowAsync<T>(string title, TransferProgress progress, Func<Task<T>> work)
    {
        if (format != OutputFormat.Table)
        {
            return await work();
        }

        return context.Console.ErrorIsTerminal ? await ShowBarAsync(title, progress, work) : await ShowLinesAsync(title, progress, work);
    }

    /// <summary><c>12.3 MB</c></summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
    };

    private async Task<T> ShowBarAsync<T>(string title, TransferProgress progress, Func<Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(context.Console.Display),
            Ansi = AnsiSupport.Yes,
            ColorSystem = context.Environment.NoColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Standard,
            Interactive = InteractionSupport.Yes,
        });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(SafeText.OneLine(title)));
                var working = work();
                await EveryAsync(BarInterval, working, () =>
                {
                    // A download does not know how much comes.
                    bar.IsIndeterminate = progress.TotalBytes == 0;
                    bar.MaxValue = Math.Max(1, progress.TotalBytes);
                    bar.Value = progress.Bytes;
                    bar.Description = Markup.Escape(SafeText.OneLine(Line(title, progress)));
                });
                return await working;
            });
    }

    private async Task<T> ShowLinesAsync<T>(string title, TransferProgress progress, Func<Task<T>> work)
    {
        var working = work();
        await EveryAsync(LineInterval, working, () => context.Console.Error.WriteLine(Line(title, progress)));
        return await working;
    }

    private async Task EveryAsync(TimeSpan interval, Task working, Action show)
    {
        using var done = new CancellationTokenSource();
        while (await Task.WhenAny(working, Task.Delay(interval, context.Time, done.Token)) != working)
        {
            show();
        }

        await done.CancelAsync();
    }

    private static string Line(string title, TransferProgress progress)
    {
        var total = progress.TotalBytes > 0 ? $" of {Size(progress.TotalBytes)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{title}: {progress.Files} files, {Size(progress.Bytes)}{total}");
    }
}
