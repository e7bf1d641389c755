using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Rpc;

/// <summary>A page of a list.</summary>
/// <param name="NextToken">Leads to the next one; empty on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string NextToken);

/// <summary>Reads lists by pages.</summary>
internal static class Pages
{
    // The most that a gateway gives at once.
    private const int LargestPage = 1000;

    /// <param name="fetch">Asks the gateway for so many from a token on.</param>
    /// <returns>The page that was asked for, or the whole list.</returns>
    public static async Task<Page<T>> ReadAsync<T>(PageRequest asked, Func<int, string, Task<Page<T>>> fetch)
    {
        if (asked != PageRequest.All)
        {
            return await fetch(asked.Size, asked.Token);
        }

        List<T> items = [];
        var token = "";
        do
        {
            var page = await fetch(LargestPage, token);
            items.AddRange(page.Items);
            token = page.NextToken;
        }
        while (token.Length > 0);

        return new Page<T>(items, "");
    }
}
