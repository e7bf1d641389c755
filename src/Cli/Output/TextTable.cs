using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Output;

/// <summary>
/// Columns separated by two spaces, as wide as their longest cell, never wrapped or cut: rows are for people and for
/// <c>awk</c>. A style wraps a cell after it was padded, so escape sequences do not count as width.
/// </summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];
    private readonly Dictionary<int, Func<string, string>> _styles = [];

    /// <summary>Styles the cells of one column, not its header.</summary>
    public TextTable Style(int column, Func<string, string> style)
    {
        _styles[column] = style;
        return this;
    }

    /// <summary>No rows were added.</summary>
    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(SafeText.OneLine)]);

    /// <summary>Prints a list in any format: the documents, or this table, or a line where it is empty.</summary>
    /// <param name="none">"No sandboxes found."</param>
    public void WriteList(CliContext context, OutputFormat format, JsonArray documents, string none)
    {
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(context.Console.Out, documents, format);
        }
        else if (_rows.Count == 0)
        {
            context.Console.Out.WriteLine(none);
        }
        else
        {
            Write(context.Console.Out, context.OutPalette);
        }
    }

    /// <param name="indent">Stands before every line.</param>
    /// <param name="withHeader">False for rows that go on below others.</param>
    public void Write(TextWriter output, Palette palette, string indent = "", bool withHeader = true)
    {
        int[] widths = [.. headers.Select((header, i) => Math.Max(header.Length, _rows.Max(row => (int?)row[i].Length) ?? 0))];
        if (withHeader)
        {
            output.WriteLine(indent + Line(headers, widths, (_, text) => palette.Bold(text)));
        }

        foreach (var row in _rows)
        {
            output.WriteLine(indent + Line(row, widths, (column, text) => _styles.TryGetValue(column, out var style) ? style(text) : text));
        }
    }

    private static string Line(string[] cells, int[] widths, Func<int, string, string> style) =>
        string.Join("  ", cells.Select((cell, i) => style(i, cell) + Padding(i == cells.Length - 1 ? 0 : widths[i] - cell.Length))).TrimEnd(' ');

    private static string Padding(int width) => new(' ', width);
}
