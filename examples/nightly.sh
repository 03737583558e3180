#!/bin/sh
# Restocks from restock.csv, tries again while that can help, and mails when a person is needed.

restock() {
    sxinv -q import-csv "$@" --wait --rejects rejects.csv \
        -o csv --fields outcome,line,sku_code,error > rows.csv 2> trouble.txt
    code=$?
}

restock restock.csv --yes
for pause in 60 300 900; do
    if grep -q '^skipped' rows.csv; then
        set -- --resume-all # the run was cut off: go on with it, never begin it again
    elif [ $code -eq 6 ]; then
        set -- restock.csv --yes # the server was not there, and no run has begun
    else
        break
    fi
    sleep $pause
    restock "$@"
done

[ $code -eq 0 ] && exit 0
{
    cat trouble.txt
    echo
    sxinv history --limit 1
} | mail -s "Restock ended with exit code $code" owner@example.com
exit $code
