using System.Security.Cryptography;
using System.Text.Json;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>upload and download through the real command line, gateway and supervisor. Sandbox and test share a file system.</summary>
public sealed class CopyTests : FunctionalTest
{
    private string _name = "";
    private string _source = "";
    private string _inside = "";

    [SetUp]
    public async Task CreateAsync()
    {
        _name = (await Gateway.CreateReadyAsync()).Metadata.Name;
        _source = Directory.File("source dir");
        _inside = Directory.File("inside");
        System.IO.Directory.CreateDirectory(Path.Combine(_source, "empty"));
        System.IO.Directory.CreateDirectory(_inside);
        await File.WriteAllBytesAsync(Path.Combine(_source, "data"), RandomNumberGenerator.GetBytes(3_000_000));
        await File.WriteAllTextAsync(Path.Combine(_source, "-rf"), "a name with a dash first");
        await File.WriteAllTextAsync(Path.Combine(_source, "two\nlines \\ and spaces"), "odd");
        await File.WriteAllTextAsync(Path.Combine(_source, new string('n', 200)), "long");
        await ShellAsync($"cd \"$1\" && printf raw > \"$(printf 'bad-\\377-utf8')\" && : > nothing && ln -s data link && ln -s /nowhere/at/all dangling && chmod 750 data", _source);
    }

    // .NET cannot remove a file whose name is not UTF-8.
    [TearDown]
    public Task RemoveOddNamesAsync() => ShellAsync("find \"$1\" -name 'bad-*' -delete", Directory.Path);

    [Test]
    public async Task UploadThenDownload_OddNamesAndLinks_ComeBackTheSame()
    {
        var up = await RunAsync("sandbox", "upload", "-o", "json", _name, _source, _inside);
        Assert.That(up.ExitCode, Is.Zero, up.Error);
        AssertDocument(up, files: 6, unchanged: 0, links: 2);
        await AssertSameAsync(_source, Path.Combine(_inside, "source dir"));

        var back = Directory.File("back");
        var down = await RunAsync("sandbox", "download", "-o", "json", _name, Path.Combine(_inside, "source dir"), back);
        Assert.That(down.ExitCode, Is.Zero, down.Error);
        AssertDocument(down, files: 6, unchanged: 0, links: 2);
        await AssertSameAsync(_source, Path.Combine(back, "source dir"));
    }

    [Test]
    public async Task Again_OneFileChanged_OnlyThatIsCopied()
    {
        await RunAsync("sandbox", "upload", _name, _source + "/", _inside);
        await File.WriteAllTextAsync(Path.Combine(_source, "nothing"), "something");

        var up = await RunAsync("sandbox", "upload", "-o", "json", _name, _source + "/", _inside);
        Assert.That(up.ExitCode, Is.Zero, up.Error);
        AssertDocument(up, files: 1, unchanged: 5, links: 2);

        await File.WriteAllTextAsync(Path.Combine(_inside, "nothing"), "changed there");
        var down = await RunAsync("sandbox", "download", "-o", "json", _name, _inside + "/", _source);
        Assert.That(down.ExitCode, Is.Zero, down.Error);
        AssertDocument(down, files: 1, unchanged: 5, links: 2);
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_source, "nothing")), Is.EqualTo("changed there"));
    }

    [Test]
    public async Task Upload_File_BecomesTheNameGiven()
    {
        var up = await RunAsync("sandbox", "upload", _name, Path.Combine(_source, "data"), Path.Combine(_inside, "other"));
        Assert.That(up.ExitCode, Is.Zero, up.Error);
        var down = await RunAsync("sandbox", "download", _name, Path.Combine(_inside, "other"), Directory.File("third"));
        Assert.That(down.ExitCode, Is.Zero, down.Error);
        Assert.That(await File.ReadAllBytesAsync(Directory.File("third")), Is.EqualTo(await File.ReadAllBytesAsync(Path.Combine(_source, "data"))));
    }

    [TestCase(false, 2)]
    [TestCase(true, 3)]
    public async Task Upload_WorkTree_LeavesOutWhatGitIgnores(bool all, int atLeast)
    {
        var tree = Directory.File("tree");
        await ShellAsync("mkdir \"$1\" && cd \"$1\" && git init -q && echo ignored > .gitignore && echo x > ignored && echo y > kept", tree);

        string[] option = all ? ["--no-ignore"] : [];
        var up = await RunAsync(["sandbox", "upload", "-o", "json", .. option, _name, tree, _inside]);

        Assert.That(up.ExitCode, Is.Zero, up.Error);
        Assert.That(File.Exists(Path.Combine(_inside, "tree/ignored")), Is.EqualTo(all));
        Assert.That(JsonDocument.Parse(up.Out).RootElement.GetProperty("files").GetInt32(), Is.AtLeast(atLeast));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Upload_WorkTreeThatGitDoesNotTrust_CopiesNothingUnlessTold(bool all)
    {
        var tree = Directory.File("tree");
        await ShellAsync("mkdir \"$1\" && cd \"$1\" && git init -q && echo secret > .gitignore && echo x > secret && echo y > kept && chown -R 65534 .", tree);

        string[] option = all ? ["--no-ignore"] : [];
        var up = await RunAsync(["sandbox", "upload", .. option, _name, tree, _inside]);

        Assert.That(up.ExitCode, Is.EqualTo(all ? 0 : 1), up.Error);
        Assert.That(System.IO.Directory.Exists(Path.Combine(_inside, "tree")), Is.EqualTo(all));
        Assert.That(up.Error, all ? Does.Contain("verified") : Does.Contain("dubious ownership").And.Contain("nothing was copied").And.Contain("--no-ignore"));
    }

    [Test]
    public async Task Download_LinkInTheWay_IsNotFollowed()
    {
        await ShellAsync("mkdir -p \"$1/d\" && echo evil > \"$1/d/file\"", _inside);
        var back = Directory.File("back");
        await ShellAsync("mkdir -p \"$1\" \"$1-outside\" && ln -s \"$1-outside\" \"$1/d\"", back);

        var down = await RunAsync("sandbox", "download", _name, _inside + "/", back);

        Assert.That(down.ExitCode, Is.EqualTo(1));
        Assert.That(System.IO.Directory.GetFileSystemEntries(back + "-outside"), Is.Empty);
    }

    [Test]
    public async Task Download_NotThere_FailsAndSaysSo()
    {
        var down = await RunAsync("sandbox", "download", _name, Path.Combine(_inside, "missing"), Directory.File("back"));
        Assert.That(down.ExitCode, Is.EqualTo(1));
        Assert.That(down.Error, Does.Contain("missing"));
    }

    private static void AssertDocument(CliOutcome outcome, int files, int unchanged, int links)
    {
        var root = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.That(
            (root.GetProperty("files").GetInt32(), root.GetProperty("unchanged").GetInt32(), root.GetProperty("links").GetInt32(), root.GetProperty("verified").GetBoolean()),
            Is.EqualTo((files, unchanged, links, true)),
            outcome.Error);
    }

    private static Task AssertSameAsync(string one, string other) => ShellAsync(
        "diff -r --no-dereference \"$1\" \"$2\" && [ \"$(cd \"$1\" && find . | sort | od -c)\" = \"$(cd \"$2\" && find . | sort | od -c)\" ]", one, other);

    private static async Task ShellAsync(string script, params string[] arguments)
    {
        using var shell = System.Diagnostics.Process.Start("/bin/sh", ["-c", script, "sh", .. arguments]);
        await shell.WaitForExitAsync();
        Assert.That(shell.ExitCode, Is.Zero, script);
    }

    private Task<CliOutcome> RunAsync(params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, [], arguments);
}
