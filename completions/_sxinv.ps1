
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'sxinv' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'sxinv'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'sxinv' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List products with their total stock')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List products with their total stock')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one product with its variants')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set absolute quantities of one product''s variants')
            [CompletionResult]::new('adjust', 'adjust', [CompletionResultType]::ParameterValue, 'Adjust the stock of one variant up or down')
            [CompletionResult]::new('import-csv', 'import-csv', [CompletionResultType]::ParameterValue, 'Set or adjust many variants from a CSV file')
            [CompletionResult]::new('export-csv', 'export-csv', [CompletionResultType]::ParameterValue, 'Write every variant to a CSV file that import-csv takes back')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what this machine wrote, run by run')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take a run back')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Remember the whole store''s stock')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what changed between two moments, and how much of it was ours')
            [CompletionResult]::new('reorder', 'reorder', [CompletionResultType]::ParameterValue, 'Show what to order, by minimum and target levels')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Keep the credentials of stores')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that credentials, scopes and connection are in order')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive, verify, keep and print webhooks')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run the built-in shop that has the same API')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write manual pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;list' {
            [CompletionResult]::new('--page', '--page', [CompletionResultType]::ParameterName, 'Which page, from 1')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Products a page, 1 to 250')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order: updated_at, name or total_quantity, then :asc or :desc [default: updated_at:desc]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only products with this stock status')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only products whose name contains this')
            [CompletionResult]::new('--below', '--below', [CompletionResultType]::ParameterName, 'Only stock under N units, over the whole store; with --variants, of each variant')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every product exactly once, not just one page, also while others write')
            [CompletionResult]::new('--variants', '--variants', [CompletionResultType]::ParameterName, 'A row a variant instead of a product')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 9 when anything is listed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;ls' {
            [CompletionResult]::new('--page', '--page', [CompletionResultType]::ParameterName, 'Which page, from 1')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Products a page, 1 to 250')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order: updated_at, name or total_quantity, then :asc or :desc [default: updated_at:desc]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only products with this stock status')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only products whose name contains this')
            [CompletionResult]::new('--below', '--below', [CompletionResultType]::ParameterName, 'Only stock under N units, over the whole store; with --variants, of each variant')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every product exactly once, not just one page, also while others write')
            [CompletionResult]::new('--variants', '--variants', [CompletionResultType]::ParameterName, 'A row a variant instead of a product')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 9 when anything is listed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;set' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and send nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;adjust' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, at most 255 characters')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and send nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;import-csv' {
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with a run that was cut off; its file is not needed')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'What the rows do; by default set where there is a quantity, adjust where there is an adjustment')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'Read a header of theirs as a column of ours; may be repeated')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only rows whose cell under this header is this; may be repeated')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Leave a column out, whatever its header says; may be repeated')
            [CompletionResult]::new('--header-line', '--header-line', [CompletionResultType]::ParameterName, 'The line that the header is on, where titles or notes stand above it')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'What separates cells, where it isn''t recognised: a character, or tab')
            [CompletionResult]::new('--quote', '--quote', [CompletionResultType]::ParameterName, 'What its quotes are: none where they are part of the texts, ''"'' where they are right although they look odd')
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'The file''s encoding, where it isn''t UTF-8 or UTF-16, such as windows-1252')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a spreadsheet, where it isn''t the first with a header')
            [CompletionResult]::new('--thousands', '--thousands', [CompletionResultType]::ParameterName, 'What groups thousands in its numbers, such as . or ,')
            [CompletionResult]::new('--buffer', '--buffer', [CompletionResultType]::ParameterName, 'Set so many fewer than the file says, but never below 0, as a reserve; needs a file without expected quantities')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Reason for adjustments without one, at most 255 characters')
            [CompletionResult]::new('--on-conflict', '--on-conflict', [CompletionResultType]::ParameterName, 'A row whose expected quantity is not the stock')
            [CompletionResult]::new('--on-error', '--on-error', [CompletionResultType]::ParameterName, 'After a row that failed')
            [CompletionResult]::new('--max-drop', '--max-drop', [CompletionResultType]::ParameterName, 'Refuse to take the total stock of the file''s variants down by more than this, with ten or more changing')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests under way at once, 1 to 64')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write every row with its outcome to this CSV file, or workbook where its name ends in .xlsx')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows that surely were not applied to this CSV file or .xlsx workbook, to be mended and imported again')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--resume-all', '--resume-all', [CompletionResultType]::ParameterName, 'Go on with every run of this store that was cut off, the oldest first')
            [CompletionResult]::new('--resend-unknown', '--resend-unknown', [CompletionResultType]::ParameterName, 'With --resume: send rows in doubt again whose stock is still what it was before')
            [CompletionResult]::new('--negative-as-zero', '--negative-as-zero', [CompletionResultType]::ParameterName, 'Read a quantity below 0 as 0')
            [CompletionResult]::new('--again', '--again', [CompletionResultType]::ParameterName, 'Apply adjustments that were applied in the last 20 hours once more')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another bulk run on the same store to end')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and send no write')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;export-csv' {
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only products with this stock status')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only products whose name contains this')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests under way at once, 1 to 64')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file although it was edited, or is not one of ours')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'For Excel: byte order mark, CRLF, and an apostrophe before what it would run or change; import-csv takes it off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;history' {
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows of RUN that surely were not applied to this CSV file, to be mended and imported again')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many runs, newest first; 0 for all')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only runs since then: 2026-11-24, 2026-11-24T02:15, or how long ago, such as 7d or 12h')
            [CompletionResult]::new('--sku', '--sku', [CompletionResultType]::ParameterName, 'Only runs with a row about this SKU code or sku id; with RUN, only those rows')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--give-up', '--give-up', [CompletionResultType]::ParameterName, 'Take note that nobody is to go on with RUN; what is in doubt stays in doubt')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;undo' {
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests under way at once, 1 to 64')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'The newest run on this store that applied something and was not taken back')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another bulk run on the same store to end')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and send no write')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;snapshot' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Forget snapshots that are older than this, such as 400d; the last one always stays')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests under way at once, 1 to 64')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the snapshots, newest first, and take none')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;diff' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 9 when anything differs')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;reorder' {
            [CompletionResult]::new('--supplier', '--supplier', [CompletionResultType]::ParameterName, 'Only what this supplier delivers')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 9 when anything is to be ordered')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a profile, or replace one with --replace')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile, without its secrets')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make a profile the default')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a profile')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove a profile')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the profile file is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;profile;add' {
            [CompletionResult]::new('--token-command', '--token-command', [CompletionResultType]::ParameterName, 'A command that prints the access token, such as ''pass show selorax/token''')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'Client id, sx_app_…; the secret is asked for')
            [CompletionResult]::new('--store-id', '--store-id', [CompletionResultType]::ParameterName, 'The store that the app is installed on')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('--token-stdin', '--token-stdin', [CompletionResultType]::ParameterName, 'Read an access token from standard input')
            [CompletionResult]::new('--client-secret-stdin', '--client-secret-stdin', [CompletionResultType]::ParameterName, 'Read the client secret from standard input')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Make every write an error before it is sent')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Replace the profile of that name')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Save the credentials without trying them')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;list' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;ls' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;use' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;remove' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;rm' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;path' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;profile;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a profile, or replace one with --replace')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile, without its secrets')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make a profile the default')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a profile')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the profile file is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;profile;help;add' {
            break
        }
        'sxinv;profile;help;list' {
            break
        }
        'sxinv;profile;help;show' {
            break
        }
        'sxinv;profile;help;use' {
            break
        }
        'sxinv;profile;help;remove' {
            break
        }
        'sxinv;profile;help;path' {
            break
        }
        'sxinv;profile;help;help' {
            break
        }
        'sxinv;check' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;listen' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port; 0 takes a free one')
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'Listen on this address instead of loopback alone')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run this for each event: the event on its standard input, and in SXINV_* variables')
            [CompletionResult]::new('--forward-to', '--forward-to', [CompletionResultType]::ParameterName, 'Hand each event on to this server, with its original bytes and headers')
            [CompletionResult]::new('--below', '--below', [CompletionResultType]::ParameterName, 'Print only what leaves a variant with fewer units than this')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;sandbox' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the sandbox until interrupted; the first line of output says where')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Bring the shop back as it was, or make one of another size')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the sandbox keeps its store')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;sandbox;serve' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port on loopback; 0 takes a free one')
            [CompletionResult]::new('--latency', '--latency', [CompletionResultType]::ParameterName, 'Answer each request this much later, such as 50ms')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'Refuse more requests than this with 429, such as 120/min')
            [CompletionResult]::new('--faults', '--faults', [CompletionResultType]::ParameterName, 'Go wrong on purpose: kind=probability,… (lost-request, lost-answer, 500-before, 500-after, 503, 429, truncated, garbage, slow; writes-only or reads-only)')
            [CompletionResult]::new('--webhook-url', '--webhook-url', [CompletionResultType]::ParameterName, 'Send inventory.updated webhooks there')
            [CompletionResult]::new('--webhook-secret', '--webhook-secret', [CompletionResultType]::ParameterName, 'Sign webhooks with this; the sandbox''s own, not a store''s secret')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Keep the store in this file instead of the state folder')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;sandbox;reset' {
            [CompletionResult]::new('--products', '--products', [CompletionResultType]::ParameterName, 'So many products')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Don''t ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;sandbox;path' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;sandbox;help' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the sandbox until interrupted; the first line of output says where')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Bring the shop back as it was, or make one of another size')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the sandbox keeps its store')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;sandbox;help;serve' {
            break
        }
        'sxinv;sandbox;help;reset' {
            break
        }
        'sxinv;sandbox;help;path' {
            break
        }
        'sxinv;sandbox;help;help' {
            break
        }
        'sxinv;completions' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page into this folder')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which profile; sandbox is built in [env: SELORAX_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The profile file [env: SELORAX_CONFIG]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Another server [env: SELORAX_API_URL]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are written [env: SXINV_OUTPUT] [default: table]')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Which fields, in which order; the names are the API''s')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a request may take, such as 30s [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Further attempts after the first [default: 4]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes and no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Every request with its status and time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'sxinv;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List products with their total stock')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one product with its variants')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set absolute quantities of one product''s variants')
            [CompletionResult]::new('adjust', 'adjust', [CompletionResultType]::ParameterValue, 'Adjust the stock of one variant up or down')
            [CompletionResult]::new('import-csv', 'import-csv', [CompletionResultType]::ParameterValue, 'Set or adjust many variants from a CSV file')
            [CompletionResult]::new('export-csv', 'export-csv', [CompletionResultType]::ParameterValue, 'Write every variant to a CSV file that import-csv takes back')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what this machine wrote, run by run')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take a run back')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Remember the whole store''s stock')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what changed between two moments, and how much of it was ours')
            [CompletionResult]::new('reorder', 'reorder', [CompletionResultType]::ParameterValue, 'Show what to order, by minimum and target levels')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Keep the credentials of stores')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that credentials, scopes and connection are in order')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive, verify, keep and print webhooks')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run the built-in shop that has the same API')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write manual pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sxinv;help;list' {
            break
        }
        'sxinv;help;show' {
            break
        }
        'sxinv;help;set' {
            break
        }
        'sxinv;help;adjust' {
            break
        }
        'sxinv;help;import-csv' {
            break
        }
        'sxinv;help;export-csv' {
            break
        }
        'sxinv;help;history' {
            break
        }
        'sxinv;help;undo' {
            break
        }
        'sxinv;help;snapshot' {
            break
        }
        'sxinv;help;diff' {
            break
        }
        'sxinv;help;reorder' {
            break
        }
        'sxinv;help;profile' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a profile, or replace one with --replace')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile, without its secrets')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make a profile the default')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a profile')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the profile file is')
            break
        }
        'sxinv;help;profile;add' {
            break
        }
        'sxinv;help;profile;list' {
            break
        }
        'sxinv;help;profile;show' {
            break
        }
        'sxinv;help;profile;use' {
            break
        }
        'sxinv;help;profile;remove' {
            break
        }
        'sxinv;help;profile;path' {
            break
        }
        'sxinv;help;check' {
            break
        }
        'sxinv;help;listen' {
            break
        }
        'sxinv;help;sandbox' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the sandbox until interrupted; the first line of output says where')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Bring the shop back as it was, or make one of another size')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the sandbox keeps its store')
            break
        }
        'sxinv;help;sandbox;serve' {
            break
        }
        'sxinv;help;sandbox;reset' {
            break
        }
        'sxinv;help;sandbox;path' {
            break
        }
        'sxinv;help;completions' {
            break
        }
        'sxinv;help;man' {
            break
        }
        'sxinv;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
