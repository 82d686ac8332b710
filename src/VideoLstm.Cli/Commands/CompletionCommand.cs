using System.CommandLine;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm completion`: what a shell needs to complete verbs, options and values.</summary>
internal static class CompletionCommand
{
    // All ask the tool itself, through the directive [suggest:<cursor>] of System.CommandLine; file names are the shell's own affair.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # vlstm completion bash: completes vlstm's verbs, options and values. Put into ~/.bashrc:  eval "$(vlstm completion bash)"
            _vlstm_complete() {
              local word=${COMP_WORDS[COMP_CWORD]} line="vlstm${COMP_LINE#"${COMP_WORDS[0]}"}"
              local -i point=$((COMP_POINT - ${#COMP_WORDS[0]} + 5))
              COMPREPLY=()
              while IFS= read -r suggestion; do
                [[ $suggestion == "$word"* ]] && COMPREPLY+=("$suggestion")
              done < <("${COMP_WORDS[0]}" "[suggest:$point]" "${line:0:point}" 2>/dev/null)
            }
            complete -o bashdefault -o default -F _vlstm_complete vlstm
            """,
        ["zsh"] = """
            # vlstm completion zsh: completes vlstm's verbs, options and values. Put into ~/.zshrc, after compinit:  eval "$(vlstm completion zsh)"
            _vlstm() {
              local line="vlstm ${(j: :)words[2,CURRENT]}"
              local -a suggestions
              suggestions=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
              suggestions=(${suggestions:#})
              if (( ${#suggestions} )); then compadd -a suggestions; fi
              _files
            }
            compdef _vlstm vlstm
            """,
        ["fish"] = """
            # vlstm completion fish: completes vlstm's verbs, options and values. Put into ~/.config/fish/config.fish:  vlstm completion fish | source
            function __vlstm_complete
              set -l line (commandline -cp)
              vlstm "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c vlstm -a '(__vlstm_complete)'
            """,
        ["powershell"] = """
            # vlstm completion powershell: completes vlstm's verbs, options and values. Put into $PROFILE:  vlstm completion powershell | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName vlstm -ScriptBlock {
              param($word, $commandAst, $cursor)
              $line = $commandAst.ToString().PadRight($cursor).Substring(0, $cursor)
              vlstm "[suggest:$cursor]" $line 2>$null | Where-Object { $_.StartsWith($word, 'OrdinalIgnoreCase') } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
              }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = string.Join(", ", Scripts.Keys) };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Prints a script with which a shell completes verbs, options and values.") { shell };
        command.WithExamples("eval \"$(vlstm completion bash)\"                                  # in ~/.bashrc",
            "vlstm completion fish | source", "vlstm completion powershell | Out-String | Invoke-Expression");
        command.SetAction(parsed => Console.Write(Scripts[parsed.GetValue(shell)!].ReplaceLineEndings("\n") + "\n"));
        return command;
    }
}
