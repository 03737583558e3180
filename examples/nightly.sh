#!/bin/sh
# Restocks from restock.csv, goes on with a run that the server cut off, and mails when a person is needed.

set -- restock.csv --yes --rejects rejects.csv
for pause in 60 300 900 ''; do
    sxinv -q import-csv "$@" --wait \
        -o csv --fields outcome,line,sku_code,error > rows.csv 2> trouble.txt
    code=$?
    if grep -q '^skipped' rows.csv; then
        set -- --resume-all # it was cut off: never begun again
        rm -f rejects.csv   # sxinv history RUN --rejects FILE has what failed in the end
    elif [ "$code" -ne 6 ]; then
        break # 6: the server was not there
    fi
    [ -z "$pause" ] || sleep "$pause"
done

[ "$code" -eq 0 ] && exit 0
{
    cat trouble.txt
    echo
    sxinv history --limit 1 --fields run,command,applied,failed,unknown,skipped
} | mail -s "Restock ended with exit code $code" owner@example.com
exit "$code"
