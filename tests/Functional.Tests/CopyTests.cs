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
        await AssertSameAsync(_source, back);
    }

    [Test]
    public async Task Cp_FilesAndDirectories_HasTheMeaningOfCp()
    {
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, """
            set -e
            cd "$3"
            openshell cp "$2/data" "$1:$4/renamed"
            openshell cp "$2/data" "$1:$4"
            openshell cp "$2" "$1:$4/new"
            openshell cp "$2" "$1:$4"
            (cd "$2" && openshell cp . "$1:$4/content")
            openshell cp "$1:$4/new" back
            openshell cp "$1:$4/new" back
            openshell cp "$1:$4/new/." plain
            openshell cp "$1:$4/renamed" .
            """, _name, _source, Directory.Path, _inside);

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        foreach (var file in (string[])[Path.Combine(_inside, "renamed"), Path.Combine(_inside, "data"), Directory.File("renamed")])
        {
            Assert.That(await File.ReadAllBytesAsync(file), Is.EqualTo(await File.ReadAllBytesAsync(Path.Combine(_source, "data"))), file);
        }

        foreach (var directory in (string[])["new", "source dir", "content"])
        {
            await AssertSameAsync(_source, Path.Combine(_inside, directory));
        }

        await AssertSameAsync(_source, Directory.File("plain"));
        await AssertSameAsync(_source, Path.Combine(Directory.File("back"), "new"));
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
    public async Task Upload_File_ComesIntoTheDirectoryGiven()
    {
        var up = await RunAsync("sandbox", "upload", _name, Path.Combine(_source, "data"), Path.Combine(_inside, "other"));
        Assert.That(up.ExitCode, Is.Zero, up.Error);
        var down = await RunAsync("sandbox", "download", _name, Path.Combine(_inside, "other", "data"), Directory.File("third"));
        Assert.That(down.ExitCode, Is.Zero, down.Error);
        Assert.That(await File.ReadAllBytesAsync(Directory.File("third")), Is.EqualTo(await File.ReadAllBytesAsync(Path.Combine(_source, "data"))));
    }

    [Test]
    public async Task Matrix_ThereAndBack_IsKeptInEverything()
    {
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, CopyMatrix.Make + CopyMatrix.Describe + """
            cd "$2" && make tree && describe tree >before
            openshell sandbox upload "$1" tree "$2/there/" && describe there/tree >there.list
            diff before there.list && echo there is the same
            mkdir back && (cd back && openshell sandbox download "$1" "$2/there/tree") && describe back/tree >back.list
            diff before back.list && echo back is the same
            du -k back/tree/hole back/tree/all-hole
            # Once more, with other modes and times only.
            chmod 0640 tree/size-1 && touch -d @5.5 tree/size-2 tree/size-513 tree/empty && chmod 0711 tree/empty && describe tree >before
            openshell sandbox upload "$1" tree "$2/there/" && describe there/tree | diff before - && echo there again
            mkdir there/tree/new && chmod 0700 there/tree/new && touch -d @7.5 there/tree/new there/tree && describe there/tree >before
            (cd back && openshell sandbox download "$1" "$2/there/tree") && describe back/tree | diff before - && echo back again
            """, _name, Directory.Path);

        Assert.That(outcome.Text, Does.Match(@"^there is the same\nback is the same\n\d{1,2}\tback/tree/hole\n0\tback/tree/all-hole\nthere again\nback again\n$"), outcome.Error);
    }

    [Test]
    public async Task Matrix_WhatIsNotKept_IsNamedAndTheExitCodeIsOne()
    {
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, CopyMatrix.MakeRefused + """
            cd "$2" && refused tree
            openshell sandbox upload "$1" tree "$2/there/" 2>up; echo $?
            (cd there/tree && stat -c '%a %n' *)
            cp -a tree/refused-* there/tree/
            openshell sandbox download "$1" "$2/there/tree" "$2/back/tree" 2>down; echo $?
            (cd back/tree && stat -c '%a %n' *)
            for name in refused-pipe refused-null refused-socket; do grep -c "tree/$name" up down; done
            for name in set-2755 set-4755 set-6711 set-7777; do grep -c "tree/$name' did not keep" down; done
            """, _name, Directory.Path);

        Assert.That(
            outcome.Text,
            Is.EqualTo(
                "1\n644 fine\n2755 set-2755\n4755 set-4755\n6711 set-6711\n7777 set-7777\n"
                + "1\n644 fine\n755 set-2755\n755 set-4755\n711 set-6711\n1777 set-7777\n"
                + "up:1\ndown:1\nup:1\ndown:1\nup:1\ndown:1\n1\n1\n1\n1\n"),
            outcome.Error);
    }

    [TestCase(false, 2)]
    [TestCase(true, 3)]
    public async Task Upload_WorkTree_LeavesOutWhatGitIgnores(bool all, int atLeast)
    {
        var tree = Directory.File("tree");
        await ShellAsync("mkdir \"$1\" && cd \"$1\" && git init -q && echo ignored > .gitignore && echo x > ignored && echo y > kept", tree);

        string[] option = all ? ["--no-git-ignore"] : [];
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

        string[] option = all ? ["--no-git-ignore"] : [];
        var up = await RunAsync(["sandbox", "upload", .. option, _name, tree, _inside]);

        Assert.That(up.ExitCode, Is.EqualTo(all ? 0 : 1), up.Error);
        Assert.That(System.IO.Directory.Exists(Path.Combine(_inside, "tree")), Is.EqualTo(all));
        Assert.That(up.Error, all ? Does.Contain("verified") : Does.Contain("dubious ownership").And.Contain("nothing was copied").And.Contain("--no-git-ignore"));
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
