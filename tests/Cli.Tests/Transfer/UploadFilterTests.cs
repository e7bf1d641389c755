using System.Diagnostics;
using System.Text;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Tests.Transfer;

/// <summary>
/// What is uploaded of trees with real repositories in them: never what git ignores, never .git, and nothing at all where
/// git cannot be asked, or answers for another tree.
/// </summary>
internal sealed class UploadFilterTests
{
    // A work tree with a secret that it ignores.
    private const string Tree = """
        git init -q tree && cd tree && mkdir -p sub/deep && printf 'secret*\n' >.gitignore
        echo x >secret; echo x >sub/secret.txt; echo x >kept; echo x >sub/deep/kept; git add -A

        """;

    // A worktree, a submodule with a .git file, and a clone inside, each with its own ignored file; and names of all kinds.
    private const string Nest = Tree + """
        cd ..; git init -q other && cd other && echo own-secret >.gitignore && echo x >file && git add -A
        git -c user.name=me -c user.email=me@example.org commit -q -m first && cd ../tree
        git -c protocol.file.allow=always submodule --quiet add ../other sub/module; echo x >sub/module/own-secret; echo x >sub/module/new
        git clone -q ../other sub/deep/clone; echo x >sub/deep/clone/own-secret
        git init -q "$(printf 'odd \377\n dir')"; cd odd*; printf '*.key\n' >.gitignore; echo x >a.key; echo x >"$(printf 'kept \377\n')"; cd ..
        mkdir empty; ln -s secret link; mkdir "ignored-by-others"; echo x >"ignored-by-others/own-secret"

        """;

    private string _root = "";

    [SetUp]
    public void Create() => _root = Directory.CreateTempSubdirectory("openshell-git-").FullName;

    // .NET cannot remove a file whose name is not UTF-8.
    [TearDown]
    public Task RemoveAsync() => ShellAsync("cd / && chmod -R u+rwx \"$1\" && rm -rf \"$1\"", _root);

    [TestCase("tree")]
    [TestCase("tree/sub")]
    [TestCase("tree/sub/module")]
    [TestCase("tree/sub/deep/clone")]
    [TestCase(".")]
    [TestCase("link-to-tree")]
    [TestCase("worktree")]
    public async Task Upload_RepositoriesInRepositories_NothingIgnoredAndNoRepositoryArrives(string path)
    {
        await RunAsync(Nest + """
            git -c user.name=me -c user.email=me@example.org commit -q -m first && git worktree add -q ../worktree && echo x >../worktree/secret
            ln -s tree ../link-to-tree
            """);
        var directory = Path.Combine(_root, path);

        var uploaded = await ListAsync(directory);

        // What each file's own repository says of it.
        var ignored = await ShellAsync(
            """
            cd "$1"; find . -name .git -prune -o ! -type d -print0 | while IFS= read -r -d '' f; do
              if git -C "$(dirname "$f")" rev-parse --is-inside-work-tree >/dev/null 2>&1 && git -C "$(dirname "$f")" check-ignore -q -- "$(basename "$f")"; then printf '%s\0' "${f#./}"; fi
            done
            """,
            directory);
        var all = await ShellAsync("cd \"$1\"; find . -name .git -prune -o ! -type d -printf '%P\\0'", directory);
        Assert.That(
            uploaded.Select(Show),
            Is.EquivalentTo(all.Split('\0', StringSplitOptions.RemoveEmptyEntries).Except(ignored.Split('\0')).Select(Show)),
            "what is not ignored, all of it and nothing else");
        Assert.That(ignored, Is.Not.Empty, "there was something to leave out");
    }

    [TestCase("chown -R 65534 .", "dubious ownership", TestName = "Upload_WorkTreeOfAnotherUser_CopiesNothing")]
    [TestCase("chown -R 65534 sub/deep/clone", "dubious ownership", TestName = "Upload_CloneOfAnotherUserInside_CopiesNothing")]
    [TestCase("rm .git/HEAD", "git says", TestName = "Upload_RepositoryWithoutHead_CopiesNothing")]
    [TestCase("rm -rf sub/deep/clone/.git; mkdir sub/deep/clone/.git", "another tree", TestName = "Upload_EmptyRepositoryInside_CopiesNothing")]
    [TestCase("echo 'gitdir: /nowhere' >sub/module/.git", "git says", TestName = "Upload_RepositoryFileThatLeadsNowhere_CopiesNothing")]
    [TestCase("rm -rf .git; ln -s /nowhere .git", "git says", TestName = "Upload_RepositoryLinkThatLeadsNowhere_CopiesNothing")]
    [TestCase("git config core.worktree \"$PWD/../other\"", "another tree|work tree", TestName = "Upload_ConfiguredForAnotherTree_CopiesNothing")]
    [TestCase("git config core.bare true", "work tree", TestName = "Upload_ConfiguredToHaveNoTree_CopiesNothing")]
    [TestCase("echo '[core' >>.git/config", "git says", TestName = "Upload_BrokenConfiguration_CopiesNothing")]
    [TestCase("head -c 40 /dev/urandom >.git/index", "git says", TestName = "Upload_BrokenIndex_CopiesNothing")]
    [TestCase("rm .gitignore; ln -s /etc/hostname .gitignore", "git says", TestName = "Upload_IgnoreFileThatGitDoesNotRead_CopiesNothing")]
    [TestCase("git config core.excludesFile \"$PWD/sub\"", "git", TestName = "Upload_ExcludesFileThatCannotBeRead_CopiesNothing")]
    [TestCase("rm -rf sub/module/.git", "submodule", TestName = "Upload_SubmoduleWithFilesAndNoRepository_CopiesNothing")]
    [TestCase("echo '*' >.gitignore; rm .git/index", "all of it", TestName = "Upload_AllIsIgnored_CopiesNothing")]
    public async Task Upload_GitCannotBeAsked_CopiesNothing(string damage, string reason)
    {
        await RunAsync(Nest + damage);
        await AssertRefusedAsync(Path.Combine(_root, "tree"), reason);
    }

    [Test]
    public async Task Upload_RepositoryItself_IsRefused([Values("tree/.git", "tree/.git/objects", "bare", "bare/refs")] string path)
    {
        await RunAsync(Tree + "git init -q --bare ../bare");
        await AssertRefusedAsync(Path.Combine(_root, path), "work tree");
    }

    [TestCase("GIT_DIR", "other/.git")]
    [TestCase("GIT_WORK_TREE", "other")]
    [TestCase("GIT_COMMON_DIR", "other/.git")]
    [TestCase("GIT_INDEX_FILE", "other/.git/index")]
    [TestCase("PATH", "other")]
    public async Task Upload_EnvironmentLeadsGitElsewhere_CopiesNothing(string variable, string value)
    {
        await RunAsync(Nest + "mkdir ../plain");
        await WithAsync(variable, Path.Combine(_root, value), async () =>
        {
            await AssertRefusedAsync(Path.Combine(_root, "tree"), variable == "PATH" ? "cannot be started" : variable);
            if (variable != "PATH")
            {
                await AssertRefusedAsync(Path.Combine(_root, "plain"), variable);
            }
        });
    }

    [TestCase("exit 0", "work tree", TestName = "Upload_GitThatSaysNothing_CopiesNothing")]
    [TestCase("kill -9 $$", "code 137", TestName = "Upload_GitThatIsKilled_CopiesNothing")]
    [TestCase("case $* in *ls-files*) printf 'kept\\0sec';; *) exec /usr/bin/git \"$@\";; esac", "cut off", TestName = "Upload_GitWhoseAnswerIsCutOff_CopiesNothing")]
    public async Task Upload_GitMisbehaves_CopiesNothing(string script, string reason)
    {
        await RunAsync(Tree + "mkdir ../bin");
        await File.WriteAllTextAsync(Path.Combine(_root, "bin/git"), "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(Path.Combine(_root, "bin/git"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await WithAsync("PATH", Path.Combine(_root, "bin") + ":/usr/bin:/bin", () => AssertRefusedAsync(Path.Combine(_root, "tree"), reason));
    }

    [Test]
    public async Task Upload_EnvironmentThatOnlyLimitsTheSearch_DoesNotHideTheWorkTree()
    {
        await RunAsync(Tree);
        await WithAsync("GIT_CEILING_DIRECTORIES", Path.Combine(_root, "tree"), async () =>
            Assert.That(await ListAsync(Path.Combine(_root, "tree/sub")), Is.EquivalentTo(new[] { "deep/kept" })));
    }

    [Test]
    public async Task Upload_ConfigurationNamesPrograms_NoneIsStarted()
    {
        await RunAsync(Tree + """
            touch=$(command -v touch)
            git config core.fsmonitor "$touch $PWD/../started; false"; git config core.hooksPath "$PWD/.git/hooks"
            printf '#!/bin/sh\n%s %s/../started\n' "$touch" "$PWD" >.git/hooks/post-index-change; chmod +x .git/hooks/post-index-change; touch kept
            """);
        Assert.That(await ListAsync(Path.Combine(_root, "tree")), Has.Member("kept"));
        Assert.That(File.Exists(Path.Combine(_root, "started")), Is.False);
    }

    [Test]
    public async Task Upload_NoRepositoryAnywhere_EverythingGoesWithoutGit()
    {
        await RunAsync("mkdir -p plain/dir && echo x >plain/dir/file && echo dir >plain/.gitignore");
        await WithAsync("PATH", "/nowhere", async () =>
            Assert.That(await ListAsync(Path.Combine(_root, "plain")), Is.EquivalentTo(new[] { ".gitignore", "dir/file" })));
    }

    private static async Task<IReadOnlyList<string>> ListAsync(string directory)
    {
        using var tree = LocalTree.Open(RawPath.FromText(directory));
        var entries = await new UploadFilter(tree, directory).ListAsync(CancellationToken.None);
        foreach (var above in entries.Select(entry => RawPath.Split(entry.Path).Directory).Where(above => above.Length > 0))
        {
            Assert.That(entries.Any(entry => entry.Path == above && entry.Kind == EntryKind.Directory), $"'{above}' comes, too");
        }

        return [.. entries.Where(entry => entry.Kind != EntryKind.Directory).Select(entry => entry.Path)];
    }

    private static async Task AssertRefusedAsync(string directory, string reason)
    {
        using var tree = LocalTree.Open(RawPath.FromText(directory));
        CliException? refused = null;
        try
        {
            await new UploadFilter(tree, directory).ListAsync(CancellationToken.None);
        }
        catch (CliException e)
        {
            refused = e;
        }

        Assert.That(refused, Is.Not.Null, "it was not refused");
        Assert.That(refused!.Error.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Message, Does.StartWith("nothing was copied").And.Match(reason).And.Contain("--no-git-ignore"));
    }

    private static string Show(string raw) => RawPath.Show(raw);

    private static async Task WithAsync(string variable, string value, Func<Task> action)
    {
        var before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            await action();
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }

    private Task<string> RunAsync(string script) => ShellAsync("set -e; cd \"$1\"\n" + script, _root);

    // Raw output; whoever runs the tests has a configuration of git that does not count.
    private static async Task<string> ShellAsync(string script, string argument)
    {
        using var shell = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/bash", ["-c", script, "sh", argument])
            {
                RedirectStandardOutput = true,
                StandardOutputEncoding = Encoding.Latin1,
                Environment = { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_SYSTEM"] = "/dev/null" },
            },
        };
        shell.Start();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.That(shell.ExitCode, Is.Zero, script);
        return output;
    }
}
