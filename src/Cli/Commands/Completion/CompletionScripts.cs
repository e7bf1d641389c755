namespace OpenShell.Cli.Commands.Completion;

/// <summary>
/// The scripts only hand the words over to <c>openshell __complete</c>, so they need not change when commands do,
/// and names of sandboxes are always the current ones.
/// </summary>
internal static class CompletionScripts
{
    private const string Bash = """
        # openshell completion for bash. Load it with: source <(openshell completion bash)
        _openshell() {
            local IFS=$'\n'
            COMPREPLY=($("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
        }
        complete -o default -F _openshell openshell

        """;

    private const string Zsh = """
        #compdef openshell
        # openshell completion for zsh. Load it with: source <(openshell completion zsh)
        _openshell() {
            local -a answers
            answers=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            answers=("${(@)answers:#}")
            if (( ${#answers} )); then
                compadd -- "${answers[@]}"
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_openshell" ]; then
            _openshell "$@"
        else
            compdef _openshell openshell
        fi

        """;

    private const string Fish = """
        # openshell completion for fish. Load it with: openshell completion fish | source
        function __openshell_complete
            set -l words (commandline -opc)
            set -l last (commandline -ct)
            $words[1] __complete -- $words[2..-1] "$last" 2>/dev/null
        end
        complete -c openshell -f -a '(__openshell_complete)'

        """;

    private const string PowerShell = """
        # openshell completion for PowerShell. Load it with: openshell completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName openshell -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
            if ($wordToComplete -eq '') { $words += '' }
            openshell __complete -- @words 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;

    /// <summary>The script for a shell; null for a shell that there is none for.</summary>
    public static string? For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "powershell" => PowerShell,
        _ => null,
    };
}
