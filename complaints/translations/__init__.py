r"""The catalogues. A msgid is plain English and has its Chinese in zh_Hans_CN; compiled `.mo` are not committed.

After a visible text has changed, from the root: extract, update, then translate what is new in the `.po`. Its
test says which are missing.

    .venv/bin/pybabel extract -F complaints/translations/babel.cfg -k _l -k ngettext:1,2 --no-location \
        --sort-output -o messages.pot .
    .venv/bin/pybabel update -i messages.pot -d complaints/translations -l zh_Hans_CN --no-fuzzy-matching \
        --omit-header --ignore-obsolete
    rm messages.pot
"""
