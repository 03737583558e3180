_sxinv() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(
        COMPLETE=bash _SXINV_LINE="${COMP_LINE:0:COMP_POINT}" _SXINV_BREAKS="$COMP_WORDBREAKS" \
            sxinv -- 2>/dev/null
    )
}
# Each candidate brings the blank behind it, where there is one. The order is the program's.
complete -o nospace -o bashdefault -o nosort -F _sxinv sxinv 2>/dev/null ||
    complete -o nospace -o bashdefault -F _sxinv sxinv
