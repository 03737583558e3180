#!/bin/sh
# Restocks from restock.csv, tries again while that can help, and mails when a person is needed.

try() {
    sxinv -q import-csv "$@" --wait --rejects rejects.csv -o json > report.json 2> trouble.txt
    code=$?
    # The run, once one has begun. From then on it is resumed, and the file is not begun again.
    run=$(sed -n 's/^{"run":"\([^"]*\)".*/\1/p' report.json)
    skipped=$(sed -n 's/^{"run".*"skipped":\([0-9]*\).*/\1/p' report.json)
}

try restock.csv --yes
for pause in 60 300 900; do
    case $code/${skipped:-0} in
        0/* | */0) [ $code -eq 6 ] || break ;;
        6/* | 7/*) ;;
        *) break ;;
    esac
    sleep $pause
    if [ -n "$run" ]; then try --resume "$run"; else try restock.csv --yes; fi
done

case $code in
    0) exit 0 ;;
    7) subject="Restock: some rows were not applied, see rejects.csv" ;;
    8) subject="Restock: some rows are in doubt, do not import them again" ;;
    *) subject="Restock: ended with exit code $code" ;;
esac
mail -s "$subject" owner@example.com < trouble.txt
exit $code
