#!/bin/sh
# Restocks from restock.csv, goes on with a run that the server cut off, and mails when a person is needed.
# restock.csv says how many there are. A file of adjustments would be applied again every night: see docs/cron.md.

began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
set -- restock.csv --yes
for pause in 60 300 900 ''; do
    sxinv -q import-csv "$@" --wait --rejects rejects.csv \
        -o csv --fields outcome,line,sku_code,error > rows.csv 2> trouble.txt
    code=$?
    if grep -q '^skipped' rows.csv; then
        set -- --resume-all # it was cut off: never begun again
    elif [ "$code" -ne 6 ]; then
        break # 6: the server was not there
    fi
    [ -z "$pause" ] || sleep "$pause"
done

[ "$code" -eq 0 ] && exit 0
{
    cat trouble.txt
    echo
    # Those of this night: the newest one may be another night's, and says nothing about this one.
    runs=$(sxinv -q history --since "$began" --fields run,command,applied,failed,unknown,skipped)
    echo "${runs:-No run began, and nothing was changed.}"
} | mail -s "Restock ended with exit code $code" owner@example.com
exit "$code"
