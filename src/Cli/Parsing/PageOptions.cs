using System.CommandLine;
using System.CommandLine.Parsing;

namespace OpenShell.Cli.Parsing;

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Size">0 if it was not given.</param>
/// <param name="Token">Empty for the first page.</param>
internal sealed record PageRequest(int Size, string Token)
{
    /// <summary>The whole list.</summary>
    public static readonly PageRequest All = new(0, "");
}

/// <summary><c>--page-size</c> and <c>--page-token</c>; without either the whole list is meant.</summary>
internal sealed class PageOptions
{
    private readonly CountOption _size = new("--page-size", "List one page of so many, 1000 at the most [default: all]", "N");
    private readonly TextOption _token = new("--page-token", "List the page that this token, of the page before, leads to", "TOKEN");

    public void AddTo(Command command)
    {
        command.Options.Add(_size);
        command.Options.Add(_token);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_size)?.Tokens is [{ Value: "0" }])
            {
                result.AddError("--page-size must be 1 or more; leave it out to list all");
            }
        });
    }

    /// <summary>Whether one page is asked for.</summary>
    public bool IsGiven(CommandResult result) => result.GetResult(_size) is not null || result.GetResult(_token) is not null;

    public PageRequest Of(ParseResult parsed) => new((int)Math.Min(_size.Of(parsed), int.MaxValue), parsed.GetValue(_token) ?? "");
}
