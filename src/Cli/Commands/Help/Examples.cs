namespace OpenShell.Cli.Commands.Help;

/// <summary>What help shows below the options of a command: lines to type, and what they do.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, (string Line, string Meaning)[]> OfCommands = new(StringComparer.Ordinal)
    {
        ["openshell"] =
        [
            ("openshell run -it --rm debian", "A shell in a new sandbox, which is deleted when the shell ends"),
            ("openshell ps", "The sandboxes that there are"),
            ("openshell exec box ls -la", "A command in a sandbox"),
            ("openshell help sandbox create", "The help of a command"),
        ],
        ["openshell status"] =
        [
            ("openshell status", "Whether the gateway answers; the exit code says so, too"),
        ],
        ["openshell whoami"] =
        [
            ("openshell whoami", "Who the gateway takes you for"),
        ],
        ["openshell help"] =
        [
            ("openshell help sandbox exec", "The same as openshell sandbox exec --help"),
        ],
        ["openshell completion"] =
        [
            ("openshell completion bash", "A script for bash: source <(openshell completion bash)"),
        ],
        ["openshell sandbox"] =
        [
            ("openshell sandbox create --name box", "A sandbox with a login shell"),
            ("openshell sandbox list", "All of them"),
        ],
        ["openshell sandbox create"] =
        [
            ("openshell sandbox create --name box --from debian --cpu 2 --memory 2Gi", "A sandbox of an image, and of a size"),
            ("openshell sandbox create --no-keep -- make test", "A command in a sandbox of its own, which is deleted afterwards"),
            ("openshell sandbox create --name job --detach --restart-policy on-failure -- ./job.sh", "A job that goes on alone, and again when it fails"),
        ],
        ["openshell sandbox list"] =
        [
            ("openshell sandbox list -w", "The list, live"),
            ("openshell sandbox list -l team=a -o json", "Those with a label, for a program"),
        ],
        ["openshell sandbox get"] =
        [
            ("openshell sandbox get box", "What it is, its conditions and its latest events"),
            ("openshell sandbox get", "The same of the one that was used last"),
        ],
        ["openshell sandbox delete"] =
        [
            ("openshell sandbox delete box", "The sandbox and its disk are gone"),
            ("openshell sandbox delete --all", "All of the workspace"),
        ],
        ["openshell sandbox stop"] =
        [
            ("openshell sandbox stop box", "Powered off; its disk is kept"),
        ],
        ["openshell sandbox start"] =
        [
            ("openshell sandbox start box", "On the disk it had; its command runs anew"),
        ],
        ["openshell sandbox restart"] =
        [
            ("openshell sandbox restart box", "Stopped and started, and waited for"),
        ],
        ["openshell sandbox wait"] =
        [
            ("openshell sandbox wait job", "Waits for the end of its main process; prints its exit code and ends with it"),
        ],
        ["openshell sandbox exec"] =
        [
            ("openshell sandbox exec box ls -la /", "Options behind the first word of the command are its own"),
            ("openshell sandbox exec -it box bash", "On a terminal"),
            ("openshell sandbox exec -e CI -e LEVEL=3 -w /src box -- make", "A variable of your environment, another one, and a directory"),
            ("openshell sandbox exec -d box sleep 1000", "Left running; prints its process id"),
        ],
        ["openshell sandbox shell"] =
        [
            ("openshell sandbox shell box", "A new login shell"),
            ("openshell sandbox shell -u root box", "As another user"),
        ],
        ["openshell sandbox attach"] =
        [
            ("openshell sandbox attach box", "Its main process, from the last MiB of its output on; Ctrl-P Ctrl-Q detaches"),
            ("openshell sandbox attach --read-only box", "Only to watch"),
        ],
        ["openshell sandbox connect"] =
        [
            ("openshell sandbox connect box", "Its main process, over ssh; Ctrl-P Ctrl-Q or Ctrl-D detaches"),
            ("openshell sandbox connect box -- uptime", "A command over ssh"),
            ("openshell sandbox connect box --editor vscode", "An editor on it"),
        ],
        ["openshell sandbox ssh-config"] =
        [
            ("openshell sandbox ssh-config --install box", "From then on: ssh openshell-box"),
        ],
        ["openshell sandbox ssh-access"] =
        [
            ("openshell sandbox ssh-access create box", "A token that lets others in"),
        ],
        ["openshell sandbox ssh-access create"] =
        [
            ("openshell sandbox ssh-access create box --expires-in 8h", "A token that lets new connections in for eight hours"),
        ],
        ["openshell sandbox ssh-access list"] =
        [
            ("openshell sandbox ssh-access list", "The tokens that are good, without the tokens"),
        ],
        ["openshell sandbox ssh-access revoke"] =
        [
            ("openshell sandbox ssh-access revoke --sandbox box", "Every token of a sandbox, and what it let in"),
        ],
        ["openshell sandbox upload"] =
        [
            ("openshell sandbox upload box src", "Into the home directory, without what git ignores"),
            ("openshell sandbox upload box data.csv /srv", "Into a directory"),
        ],
        ["openshell sandbox download"] =
        [
            ("openshell sandbox download box out results", "What is in the directory out, into results"),
        ],
        ["openshell ps"] =
        [
            ("openshell ps", "The sandboxes of the workspace"),
            ("openshell ls --names", "Their names only"),
        ],
        ["openshell rm"] =
        [
            ("openshell rm box", "As openshell sandbox delete box"),
        ],
        ["openshell exec"] =
        [
            ("openshell exec -it box bash", "As openshell sandbox exec"),
            ("openshell exec box ls -la", "Options behind the first word of the command are its own"),
        ],
        ["openshell attach"] =
        [
            ("openshell attach box", "As openshell sandbox attach; Ctrl-P Ctrl-Q detaches"),
        ],
        ["openshell start"] =
        [
            ("openshell start box", "As openshell sandbox start"),
        ],
        ["openshell stop"] =
        [
            ("openshell stop box", "As openshell sandbox stop"),
            ("openshell stop --force box", "As docker kill"),
        ],
        ["openshell restart"] =
        [
            ("openshell restart box", "As openshell sandbox restart"),
        ],
        ["openshell wait"] =
        [
            ("openshell wait job", "As openshell sandbox wait"),
        ],
        ["openshell run"] =
        [
            ("openshell run -it --rm debian", "A shell, and nothing left afterwards"),
            ("openshell run -d --name job -e TOKEN debian ./job.sh --fast", "A job that goes on alone, with a variable of your environment"),
            ("openshell run --rm debian uname -a", "A command"),
        ],
        ["openshell cp"] =
        [
            ("openshell cp box:/etc/os-release .", "A file from a sandbox"),
            ("openshell cp src box:/srv", "A directory into one that is there, or to become it"),
            ("openshell cp . box:/srv/src", "What is in the current directory"),
        ],
        ["openshell inspect"] =
        [
            ("openshell inspect box", "Everything about it, as JSON"),
        ],
        ["openshell logs"] =
        [
            ("openshell logs box", "The last 200 lines"),
            ("openshell logs -f -n 20 box", "The last 20, and what comes"),
            ("openshell logs --since 5m --source main --level warn box", "Of five minutes, of its main process, what matters"),
        ],
        ["openshell forward"] =
        [
            ("openshell forward start box 8080", "http://localhost:8080 is port 8080 of the sandbox"),
        ],
        ["openshell forward start"] =
        [
            ("openshell forward start box 8080", "Port 8080 here is port 8080 there, until Ctrl-C"),
            ("openshell forward start -d box 9000:80", "In the background, with another port here"),
        ],
        ["openshell forward stop"] =
        [
            ("openshell forward stop 8080", "The one that listens on port 8080"),
        ],
        ["openshell forward list"] =
        [
            ("openshell forward list", "Those that run"),
        ],
        ["openshell forward service"] =
        [
            ("openshell forward service box --target-port 80 --local 8080", "One port, until Ctrl-C"),
        ],
        ["openshell ssh-proxy"] =
        [
            ("openshell ssh-proxy box", "For ssh: ssh -o ProxyCommand='openshell ssh-proxy box' box"),
        ],
        ["openshell workspace"] =
        [
            ("openshell workspace create team-a", "A workspace"),
            ("openshell ps --workspace team-a", "The sandboxes in it"),
        ],
        ["openshell workspace create"] =
        [
            ("openshell workspace create team-a --label owner=ann", "A workspace with a label"),
        ],
        ["openshell workspace get"] =
        [
            ("openshell workspace get team-a", "One of them"),
        ],
        ["openshell workspace list"] =
        [
            ("openshell workspace list", "Those that you may use"),
        ],
        ["openshell workspace delete"] =
        [
            ("openshell workspace delete team-a", "One that is empty"),
        ],
        ["openshell workspace member"] =
        [
            ("openshell workspace member list --workspace team-a", "Who may use a workspace"),
        ],
        ["openshell workspace member add"] =
        [
            ("openshell workspace member add --workspace team-a --subject ann --role admin", "Ann administers it from now on"),
        ],
        ["openshell workspace member remove"] =
        [
            ("openshell workspace member remove --workspace team-a --subject ann", "Ann is out"),
        ],
        ["openshell workspace member list"] =
        [
            ("openshell workspace member list --workspace team-a", "Its members"),
        ],
        ["openshell ssh-key"] =
        [
            ("openshell ssh-key list", "The keys that may come in"),
        ],
        ["openshell ssh-key add"] =
        [
            ("openshell ssh-key add id_ed25519.pub", "The owner of this key may come in with plain ssh"),
        ],
        ["openshell ssh-key list"] =
        [
            ("openshell ssh-key list -o json", "For a program"),
        ],
        ["openshell ssh-key remove"] =
        [
            ("openshell ssh-key remove SHA256:AbC", "A key, as list shows it"),
        ],
        ["openshell gateway"] =
        [
            ("openshell gateway list", "The gateways that are configured"),
        ],
        ["openshell gateway add"] =
        [
            ("openshell gateway add unix:/run/user/1000/gateway.sock", "A gateway of this machine, which knows who calls"),
            ("openshell gateway add http://127.0.0.1:17670 --token-file admin.token --send-token-in-clear --select", "By port, and with a token; SDKs find it, too"),
        ],
        ["openshell gateway remove"] =
        [
            ("openshell gateway remove far", "It is forgotten here, with its token"),
        ],
        ["openshell gateway list"] =
        [
            ("openshell gateway list", "* is the one that is used"),
        ],
        ["openshell gateway select"] =
        [
            ("openshell gateway select far", "The one that is used when none is named"),
        ],
        ["openshell gateway info"] =
        [
            ("openshell gateway info", "How it is configured, and what it says of itself"),
        ],
        ["openshell gateway upgrade-check"] =
        [
            ("openshell gateway upgrade-check --to 0.2.0", "What stands in the way; the exit code is 1 if something does"),
        ],
    };

    public static IReadOnlyList<(string Line, string Meaning)> Of(string path) => OfCommands.GetValueOrDefault(path, []);
}
