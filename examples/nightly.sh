#!/bin/sh
# Restocks from restock.csv, goes on where a run was cut off, and mails when a person is needed.
new="sxinv -q import-csv restock.csv --yes --wait --rejects rejects.csv -o json"
newest="sxinv history --limit 1 -o csv --fields run"

$new > report.json 2> trouble.txt
code=$?
for pause in 60 300 900; do
    case $code in
        6) sleep $pause; again=$new ;;                       # nothing was changed: the same again
        130 | 143) sleep $pause; again="sxinv -q import-csv --resume $($newest | tail -n 1) -o json" ;;
        *) break ;;
    esac
    $again > report.json 2> trouble.txt
    code=$?
done

case $code in
    0) exit 0 ;;
    7) subject="Restock: some rows were not applied, see rejects.csv" ;;
    8) subject="Restock: some rows are in doubt, do not import again" ;;
    *) subject="Restock: failed with exit code $code" ;;
esac
mail -s "$subject" owner@example.com < trouble.txt
exit $code
