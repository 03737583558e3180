complete --keep-order --exclusive --command sxinv --arguments "(COMPLETE=fish sxinv -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor))"
