using System.CommandLine;
using OpenShell.Cli.Commands.Help;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>What holds for every command.</summary>
[TestFixture]
internal sealed class CommandTreeTests
{
    // Two habits that contradict each other, of docker exec and kubectl get -w, and of openshell exec -n and docker logs -n.
    private static readonly Dictionary<string, string[]> Exceptions = new()
    {
        ["-w"] = ["--workdir", "--watch"],
        ["-n"] = ["--name", "--lines"],
    };

    private static readonly CliHarness Harness = new();

    private static readonly RootCommand Root = CommandTree.Build(Harness.NewContext(), new GlobalOptions());

    [OneTimeTearDown]
    public void End() => Harness.Dispose();

    [Test]
    public void Options_SameLetter_HaveTheSameLongNameEverywhere()
    {
        var meanings = new Dictionary<string, HashSet<string>>();
        foreach (var option in Commands(Root).SelectMany(command => command.Options))
        {
            HashSet<string> names = [.. option.Aliases.Append(option.Name)];
            foreach (var letter in names.Where(name => name.Length == 2))
            {
                string[] longNames = [.. names.Where(name => name.StartsWith("--", StringComparison.Ordinal))];
                Assert.That(longNames, Is.Not.Empty, $"{letter} has no long name");
                if (Exceptions.TryGetValue(letter, out var two))
                {
                    Assert.That(longNames.Intersect(two), Is.Not.Empty, $"{letter} of {option.Name}");
                }
                else if (!meanings.TryGetValue(letter, out var known))
                {
                    meanings[letter] = [.. longNames];
                }
                else
                {
                    known.IntersectWith(longNames);
                    Assert.That(known, Is.Not.Empty, $"{letter} is {option.Name} here and something else elsewhere");
                }
            }
        }

        Assert.That(meanings["-l"], Does.Contain("--selector"));
        Assert.That(meanings.Keys, Is.SupersetOf(["-e", "-i", "-t", "-d", "-u", "-o", "-g", "-f"]));
    }

    [Test]
    public void Examples_EveryCommand_HasSome() => Assert.That(
        Commands(Root).Where(command => !command.Hidden).Select(UsageErrors.Path).Where(path => Examples.Of(path).Count == 0), Is.Empty);

    [Test]
    public void Examples_EveryLine_IsUnderstood()
    {
        foreach (var command in Commands(Root).Where(command => !command.Hidden))
        {
            foreach ((var line, _) in Examples.Of(UsageErrors.Path(command)))
            {
                var words = line.Split(' ');
                var parsed = Root.Parse(TrailingCommand.Separate(Root, words[1..]), CommandTree.ParserConfiguration);
                Assert.That(words[0], Is.EqualTo("openshell"), line);
                Assert.That(parsed.Errors.Select(error => error.Message), Is.Empty, line);
                Assert.That(parsed.CommandResult.Command.Action, Is.Not.Null, line);
            }
        }
    }

    [Test]
    public async Task Help_EveryCommand_ShowsItsExamples()
    {
        foreach (var command in Commands(Root).Where(command => !command.Hidden))
        {
            var path = UsageErrors.Path(command);
            var words = path.Split(' ')[1..];

            var option = await Harness.RunAsync([.. words, "--help"]);

            Assert.That(option.ExitCode, Is.Zero, path);
            Assert.That(option.Out, Does.Contain("Examples:\n  " + Examples.Of(path)[0].Line + "\n"), path);
            Assert.That(await Harness.RunAsync(["help", .. words]), Is.EqualTo(option), path);
        }
    }

    [TestCase("unrecognized subcommand 'sandbx'; did you mean 'sandbox'?", "sandbx")]
    [TestCase("'openshell sandbox list' has no subcommand 'all'", "sandbox", "list", "all")]
    public async Task Help_UnknownWord_IsAUsageError(string explanation, params string[] words)
    {
        var result = await Harness.RunAsync(["help", .. words]);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation));
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
