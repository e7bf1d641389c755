using System.Text.RegularExpressions;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>What people do with a machine over ssh, with the programs that they do it with.</summary>
public sealed class DebianTests : DebianTest
{
    // A tree with a directory, an executable, a link, a name with a space, and a file of many packets.
    private const string MakeTree = """
        tree=$(mktemp -d "$PWD/tree-XXXX")
        mkdir "$tree/dir"
        head -c 3000000 /dev/urandom >"$tree/dir/many packets"
        printf '#!/bin/sh\n' >"$tree/dir/run" && chmod 0755 "$tree/dir/run"

        """;

    [Test]
    public async Task Rsync_Twice_SecondSendsNothing([Values] SshRoute route)
    {
        var output = await OnHostAsync(route, MakeTree + """
            ln -s dir/run "$tree/link"
            rsync -a "$tree/" "$HOST:rsync-$ROUTE/"
            rsync -ai "$tree/" "$HOST:rsync-$ROUTE/"
            rsync -a "$HOST:rsync-$ROUTE/" "$tree.back/"
            diff -r --no-dereference "$tree" "$tree.back"
            """);

        Assert.That(output, Is.Empty, "nothing to send the second time, and nothing differs on the way back");
    }

    [Test]
    public async Task UploadAndDownload_Matrix_IsKeptInEverything()
    {
        var output = await OnHostAsync(SshRoute.Proxy, CopyMatrix.Make + CopyMatrix.Describe + $$"""
            mkdir matrix; cd matrix; trap 'rm -rf tree back' EXIT; make tree && describe tree >before
            openshell={{TestPaths.Program("openshell")}}
            $openshell sandbox upload {{Name}} tree matrix/ 2>&1
            $openshell sandbox exec {{Name}} -- bash -c "$(declare -f describe); describe matrix/tree" </dev/null >there
            diff before there && echo there is the same
            $openshell sandbox download {{Name}} matrix/tree back/tree 2>&1
            describe back/tree | diff before - && echo back is the same
            """);

        Assert.That(output, Does.Contain("there is the same\n").And.Contain("back is the same\n"));
    }

    [Test]
    public async Task Terminal_OfExec_EqualsThatOfSsh([Values("iutf8", "-iutf8 erase ^H -ixon tostop")] string modes)
    {
        var output = await OnHostAsync(SshRoute.Proxy, $$"""
            export PATH={{TestPaths.Bin}}:$PATH TERM=vt220 COLORTERM=truecolor LANG=C.UTF-8 LC_TIME=C
            export LOOK='stty -a; echo term=$TERM colors=$COLORTERM lang=$LANG time=$LC_TIME'
            rm -f never-ends && mkfifo never-ends && exec 3<>never-ends
            try() { script -qec "stty sane cols 91 rows 37 {{modes}}; $1" /dev/null <&3 | tr -d '\r'; }
            try 'ssh -t -F $CONFIG -o SendEnv="LANG LC_* COLORTERM" $HOST "$LOOK"' >by-ssh
            try 'openshell sandbox exec -t {{Name}} -- sh -c "$LOOK"' >by-exec
            diff by-ssh by-exec && cat by-exec
            """);

        Assert.That(output, Does.Contain("rows 37; columns 91;").And.Contain("term=vt220 colors=truecolor lang=C.UTF-8 time=C"));
    }

    [Test]
    public async Task Git_CloneAndPush_OverSsh([Values] SshRoute route)
    {
        var output = await OnHostAsync(route, """
            ssh -F "$CONFIG" "$HOST" "git init -q --bare -b main $ROUTE.git"
            git clone -q "$HOST:$ROUTE.git" "git-$ROUTE" 2>/dev/null
            cd "git-$ROUTE"
            head -c 1000000 /dev/urandom >file
            git add file
            git -c user.name=me -c user.email=me@example.org commit -q -m first
            git push -q origin HEAD:main
            cd .. && git clone -q -b main "$HOST:$ROUTE.git" "git-$ROUTE-again"
            cmp "git-$ROUTE/file" "git-$ROUTE-again/file"
            git -C "git-$ROUTE-again" log --format=%s
            """);

        Assert.That(output, Is.EqualTo("first\n"));
    }

    [Test]
    public async Task Tar_ThroughSshAndBack_IsTheSameTree([Values] SshRoute route) => await OnHostAsync(route, MakeTree + """
        tar -C "$tree" -cf - . | ssh -F "$CONFIG" "$HOST" "mkdir tar-$ROUTE && tar -C tar-$ROUTE -xf -"
        mkdir "$tree.back"
        ssh -F "$CONFIG" "$HOST" "tar -C tar-$ROUTE -cf - ." </dev/null | tar -C "$tree.back" -xf -
        diff -r "$tree" "$tree.back"
        test -x "$tree.back/dir/run"
        """);

    [Test]
    public async Task ScpAndSftp_TreesBothWays_AreTheSame([Values] SshRoute route) => await OnHostAsync(route, MakeTree + """
        scp -q -F "$CONFIG" -rp "$tree" "$HOST:scp-$ROUTE"
        scp -q -F "$CONFIG" -rp "$HOST:scp-$ROUTE" "$tree.scp"
        diff -r "$tree" "$tree.scp"
        mkdir "$tree.sftp"
        printf 'mkdir sftp-%s\nput -Rp %s/dir sftp-%s\nget -Rp sftp-%s/dir %s.sftp\n' "$ROUTE" "$tree" "$ROUTE" "$ROUTE" "$tree" >"$tree.batch"
        sftp -q -F "$CONFIG" -b "$tree.batch" "$HOST" >/dev/null
        diff -r "$tree" "$tree.sftp"
        test -x "$tree.sftp/dir/run"
        """);

    [Test]
    public async Task ControlMaster_TenCommandsAtOnce_EachHasItsOwnBytes([Values] SshRoute route) => await OnHostAsync(route, """
        ssh -F "$CONFIG" -M -S "ctl-$ROUTE" -fN "$HOST"
        head -c 300000 /dev/urandom >"in-$ROUTE"
        running=()
        for i in $(seq 10); do
          (cat "in-$ROUTE"; echo "$i") | ssh -F "$CONFIG" -S "ctl-$ROUTE" "$HOST" cat >"out-$ROUTE-$i" &
          running+=($!)
        done
        for pid in "${running[@]}"; do wait "$pid"; done
        for i in $(seq 10); do (cat "in-$ROUTE"; echo "$i") | cmp - "out-$ROUTE-$i"; done
        ssh -F "$CONFIG" -S "ctl-$ROUTE" -O exit "$HOST" 2>/dev/null
        """);

    [Test]
    public async Task Forwards_LocalAndDynamic_ReachAWebServerOfTheGuest([Values] SshRoute route)
    {
        // A server of its own for each route: the other's may not have gone yet.
        var (port, socks) = (8000 + (int)route, LoopbackPort.FindFree());
        var output = await OnHostAsync(route, $$"""
            exec 3< <(exec ssh -F "$CONFIG" -o ExitOnForwardFailure=yes -L "$PWD/web-$ROUTE:127.0.0.1:{{port}}" -D 127.0.0.1:{{socks}} "$HOST" \
              'exec python3 -u -m http.server --bind 127.0.0.1 --directory /etc {{port}} 2>/dev/null')
            trap "kill $!" EXIT
            read -r serving <&3
            curl -sS --unix-socket "web-$ROUTE" http://localhost/os-release
            curl -sS --noproxy '' -x "socks5h://127.0.0.1:{{socks}}" http://localhost:{{port}}/os-release
            """);

        var served = (await InGuestAsync("cat /etc/os-release")).Text;
        Assert.That(served, Does.Contain("ID=debian"));
        Assert.That(output, Is.EqualTo(served + served));
    }

    [Test]
    public async Task Kill_OfTheCommandItself_IsToldAsASignal([Values] SshRoute route)
    {
        var output = await OnHostAsync(route, """ssh -F "$CONFIG" "$HOST" 'kill -TERM $$' || echo $?""");

        Assert.That(output, Is.EqualTo("255\n"), "OpenSSH's code for an exit-signal");
    }

    [Test]
    public async Task Terminal_PromptInterruptAndSize_AreThoseOfALogin([Values] SshRoute route)
    {
        // tmux has a terminal for ssh, with a size that it can change, and tells what is on it.
        await OnHostAsync(route, $"""
            tmux -S "tmux-$ROUTE" -f /dev/null new-session -d -x 100 -y 30 "{Interactive}" \; set status off \; set window-size manual
            """);
        try
        {
            await ShowsAsync(route, @"^root@\S+:~#", "a prompt in the home directory");
            await TypesAsync(route, "'sleep 1000' Enter");
            await ShowsAsync(route, "sleep 1000\n", "the command");
            await TypesAsync(route, "C-c");
            await ShowsAsync(route, @"\^C\n", "the interrupt");
            await TypesAsync(route, "'echo code $?' Enter");
            await ShowsAsync(route, "^code 130$", "the end by the interrupt");
            await OnHostAsync(route, """tmux -S "tmux-$ROUTE" resize-window -x 120 -y 40""");
            await TypesAsync(route, "'stty size' Enter");
            await ShowsAsync(route, "^40 120$", "the new size");
        }
        finally
        {
            await OnHostAsync(route, """tmux -S "tmux-$ROUTE" kill-server""");
        }
    }

    [Test]
    public async Task Clock_TwoProcessors_IsNotMadeOfLostInterrupts()
    {
        var outcome = await InGuestAsync("nproc; cat /sys/devices/system/clocksource/clocksource0/current_clocksource");

        // An emulated machine's is the counter, early or checked; KVM has its own.
        Assert.That(outcome.Text, Does.Match(@"\A2\n(tsc|tsc-early|kvm-clock)\n\z"), "a clock of jiffies loses seconds in every minute");
    }

    private Task<string> TypesAsync(SshRoute route, string keys) => OnHostAsync(route, $"""tmux -S "tmux-$ROUTE" send-keys {keys}""");

    private async Task ShowsAsync(SshRoute route, string pattern, string what)
    {
        var screen = "";
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                screen = await OnHostAsync(route, """tmux -S "tmux-$ROUTE" capture-pane -p""");
                return Regex.IsMatch(screen, pattern, RegexOptions.Multiline);
            },
            () => $"the terminal shows {what}:\n{screen}");
    }
}
