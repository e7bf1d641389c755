namespace OpenShell.TestKit;

/// <summary>
/// A tree with everything that a copy keeps, in scripts of bash: type, mode, time, size, links, holes and names, each in all
/// its kinds; and how it is looked at, by other programs than ours.
/// </summary>
public static class CopyMatrix
{
    /// <summary>Makes <c>$1</c>, with nothing that is refused on the way back.</summary>
    public const string Make = """
        make() {
          mkdir "$1" && pushd "$1" >/dev/null
          for mode in 0000 0400 0444 0600 0644 0755 0777 1644; do echo "$mode" >"file-$mode"; mkdir "dir-$mode"; echo x >"dir-$mode/inside"; done
          mkdir dir-2775 dir-1777 empty; for size in 0 1 511 512 513 1024 65535 65536 65537 3000000; do head -c $size /dev/urandom >"size-$size"; done
          truncate -s 4M hole; echo end >>hole; truncate -s 9M hole; truncate -s 1M all-hole
          echo shared >hard; mkdir sub; ln hard hard-too; ln hard sub/hard-three
          ln -s size-512 link-relative; ln -s /etc/hostname link-absolute; ln -s /nowhere/at/all link-dangling; ln -s "$(printf 'l%.0s' {1..200})" link-long; ln -s empty link-directory
          echo x >"two
        lines \\ and spaces"; echo x >"$(printf 'bad-\377-utf8')"; echo x >-rf; echo x >"$(printf 'n%.0s' {1..255})"
          deep=$(printf '%0100d/' 1 2 3); mkdir -p "$deep"; echo x >"$deep/file"
          times=(0 1 -1 -0.000000001 -86400.5 -2000000000.25 0.000000001 1.5 1700000000.123456789 2147483648 4102444800.999999999 7258118400)
          for time in "${times[@]}"; do echo x >"time$time"; mkdir "dir-time$time"; ln -s x "link-time$time"; touch -h -d "@$time" "time$time" "dir-time$time" "link-time$time"; done
          for mode in 0000 0400 0444 0600 0644 0755 0777 1644; do chmod $mode "file-$mode" "dir-$mode"; done; chmod 2775 dir-2775; chmod 1777 dir-1777
          popd >/dev/null
        }

        """;

    /// <summary>Prints what there is to know of everything in <c>$1</c>, with find of GNU.</summary>
    public const string Describe = """
        describe() { (cd "$1" && find . -printf '%y %m %T@ %n ' \( -type f -printf '%s ' -o -type l -printf '%l ' -o -true \) -printf '%P\0' | sort -z && find . -type f -print0 | sort -z | xargs -0 sha256sum) | tr '\0' '\n'; }

        """;

    /// <summary>What is not copied, or not kept, by its name; with names that say so.</summary>
    public const string MakeRefused = """
        refused() {
          mkdir "$1" && pushd "$1" >/dev/null
          mkfifo refused-pipe; mknod refused-null c 1 3; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("refused-socket")' 2>/dev/null || mkfifo refused-socket
          for mode in 2755 4755 6711 7777; do echo x >"set-$mode"; chmod $mode "set-$mode"; done; echo x >fine
          popd >/dev/null
        }

        """;
}
