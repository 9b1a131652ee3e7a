"""Every finding that there is: by its code, what is wrong and what would be right, and whether it refuses a study.

Braces hold what differs from one finding to the next; a list is shown with commas, ``{codes:or}`` with "or". These are
the English words; ``locale/nb/findings.po`` holds those in bokmål. Nothing decides by words, so they can be changed.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

__all__ = ["MESSAGES", "PHRASES", "Message"]


@dataclass(frozen=True)
class Message:
    """What a finding says: both sides of it, and whether it is only a notice, told by a check and refusing nothing."""

    wrong: str
    right: str
    notice: bool = False

    @cached_property
    def places(self) -> frozenset[str]:
        """Names of what differs from one finding to the next."""
        parts = (part for text in (self.wrong, self.right) for part in string.Formatter().parse(text))
        return frozenset(name for _, name, _, _ in parts if name)


_NO_COLUMN = "column is missing"
_NO_YEAR, _NO_NUMBER, _NO_FLAG, _NO_COUNTRY = "no year", "no number", "no flag", "no country code"
_COUNTRY = "two capital letters (ISO 3166-1), or blank"
_CONTROL = "control character"
_NAME = "a name without control characters such as NUL"
_ZONE = "a ring, 'not_relevant', or a zone named in study.yaml"
_ONE_OF = "one of {choices}"
_SO_MANY = "one of {choices}, or blank"
_ORGNR = "no organisation number (its check digit does not fit)"
_DIGITS = "nine digits, or blank"
_LINES = "lines of 'key: value'"
_ONE_SCOPE = "one scope under one name"

MESSAGES: Mapping[str, Message] = {
    # tables
    "no_column_name": Message("no column name", "a name in every header cell"),
    "column_twice": Message("column name used twice", "each column name once"),
    "header_merged": Message(
        "header cells {cells} are merged", "one header row with a name of its own in every column"
    ),
    "cells_merged": Message("cells {cells} are merged and only the first holds the value", "one value in every cell"),
    "too_many_cells": Message(
        "{cells} cells in a table of {width} columns", "one cell per column; quote a cell with commas"
    ),
    "column_missing": Message(_NO_COLUMN, "a column '{name}'"),
    # cells of a study
    "control_character": Message(_CONTROL, "text without control characters such as NUL"),
    "control_in_name": Message(_CONTROL, _NAME),
    "control_in_zone": Message(_CONTROL, _ZONE),
    "blank_name": Message("blank", _NAME),
    "blank_zone": Message("blank", _ZONE),
    "no_year": Message(_NO_YEAR, "a year as four digits, such as 2004, or blank"),
    "no_number": Message(_NO_NUMBER, "a number from 0 up with a decimal point, or blank"),
    "no_flag": Message(_NO_FLAG, "1, 0 or blank"),
    "no_country": Message(_NO_COUNTRY, _COUNTRY),
    "unknown_kind": Message("unknown kind", _ONE_OF),
    "unknown_ring": Message("unknown ring", _ONE_OF),
    "unknown_layer": Message("unknown layer", "one of {choices}, or a name under 'layers' in study.yaml"),
    "unknown_confidence": Message("unknown confidence", _ONE_OF),
    "unknown_flow": Message("unknown flow", _ONE_OF),
    "unknown_unit": Message("unknown unit", _ONE_OF),
    "unknown_ownership": Message("unknown kind of ownership", _ONE_OF),
    "unknown_topic": Message("unknown topic", _ONE_OF),
    "unknown_measure": Message("unknown measure", _ONE_OF),
    "unknown_quantity": Message("unknown quantity", _ONE_OF),
    "unknown_voice": Message("unknown voice", _ONE_OF),
    "no_amount": Message(_NO_NUMBER, "a number with a decimal point, below 0 for a credit, or blank"),
    "no_currency": Message("no currency", "three capital letters (ISO 4217), or blank"),
    "unknown_zone": Message(
        "unknown ring or zone", "one of {choices}, or a name under zones: own_zone_names in study.yaml"
    ),
    # between the cells of a study
    "actor_twice": Message("actor already stands in row {row}", "one row per actor"),
    "no_such_actor": Message("no such actor in {table}", "an id from its column 'actor'"),
    "self_tie": Message("an actor tied to itself", "two different actors; only a category may have a tie to itself"),
    "years_reversed": Message("before {column} {year}", "a year not before '{column}', or blank"),
    # study.yaml
    "no_yaml": Message("no YAML: {problem}", _LINES),
    "no_mapping": Message("no mapping", _LINES),
    "no_layers": Message("no list", "names of layers of the study's own"),
    "no_layer_name": Message(
        "no name for a layer", "a name on one line, without commas, none of ours, all or customer"
    ),
    "no_reference_year": Message(_NO_YEAR, "a whole number such as 2005"),
    "no_coverage": Message("no mapping", "a layer and 'of:' in each line"),
    "unknown_coverage": Message("unknown coverage", "'of:' and one of {choices}, or a list of actors"),
    "told_in_text": Message(
        "'{where}' tells what has a column of its own (rows of this kind: {rows}); understood as {to} {told}",
        "'{told}' in a column '{to}'",
        notice=True,
    ),
    "unknown_ring_in_zone": Message("unknown ring", "rings separated by commas: {rings}"),
    # decisions, ledgers and lists
    "no_decision": Message("no decision", "one of same, different, ask"),
    "ledger_amount": Message(_NO_NUMBER, "a number such as 1 234,50 or 1234.50, or blank"),
    "ledger_date": Message("no date", "a date such as 2024-05-31 or 31.05.2024, a year, or blank"),
    "no_direction": Message("neither purchase nor sale", "kjøp or purchase, salg or sale"),
    "no_supplier": Message("no supplier is named", "a name or an organisation number"),
    "no_buyer": Message("no buyer is named", "a name or an organisation number"),
    "check_digit": Message("no organisation number: the check digit (MOD11) does not fit", _DIGITS),
    "self_trade": Message(
        "supplier and buyer are the same actor", "two actors; if they are two, write 'different' in matches.csv"
    ),
    # introductions
    "blank_actor": Message("blank", "the id of an actor"),
    "no_such_member": Message("no such actor in the study", "its id"),
    "a_group": Message("a group", "an actor with a name"),
    "with_itself": Message("an actor with itself", "two different actors"),
    "unknown_state": Message("unknown state", _ONE_OF),
    "no_date": Message("no date", "a day such as 2006-03-01"),
    # evidence
    "unknown_indicator": Message("unknown indicator", _ONE_OF),
    "unknown_sign": Message("unknown sign", _ONE_OF),
    "unknown_status": Message("unknown status", _ONE_OF),
    "blank_statement": Message("blank", "what is said, and where"),
    "data_silent": Message("data say nothing of {indicator}", "survey, interview, document or judgement"),
    # survey files
    "variable_unknown": Message(
        "the structure has no such variable",
        "the column's full name in the data, or both names under 'aliases' in the codebook",
    ),
    "variable_cut": Message(
        "the structure has no such variable; in its order here stands '{full}'",
        "the column's full name in the data, or both names under 'aliases' in the codebook",
    ),
    # respondents
    "not_completed": Message("not completed", "{codes:or}"),
    "blank_respondent": Message("blank", "an id that no other respondent has"),
    "number_twice": Message("this organisation number already stands in row {row}", "one row per organisation number"),
    "name_twice": Message(
        "this name already stands in row {row}",
        "one row per organisation; two of one name are told apart by their place or organisation number",
    ),
    "respondent_twice": Message("respondent already stands in row {row}", "one row per respondent"),
    "no_weight": Message("no weight", "a number above 0, or blank"),
    "broken_name": Message("a line break or control character within a name", "the name on one line"),
    "respondent_employees": Message(_NO_NUMBER, "a number from 0 up, or blank"),
    "respondent_founded": Message(_NO_YEAR, "a year as four digits, or blank"),
    "unknown_head_office": Message("unknown head office", _SO_MANY),
    "respondent_country": Message(_NO_COUNTRY, _COUNTRY),
    "organisation_number": Message(_ORGNR, _DIGITS),
    "company_number": Message(
        "no organisation number of a country that is told",
        "nine digits, a number with its country beside it or in front, or blank",
    ),
    "digits_cut": Message(
        "a spreadsheet has cut the digits of an organisation number", "all nine digits, in a cell that is text"
    ),
    # answers
    "not_asked": Message(
        "answered, although '{column}' says that the question was not asked",
        "no answer here, or '{column}' = {codes:or}",
    ),
    "code_unknown": Message("code outside the labels", _SO_MANY),
    "not_relevant_and_place": Message("'not relevant' together with a place", "one or the other"),
    "no_tick": Message("neither ticked nor not", "1 (ticked), 0 or blank (not ticked)"),
    "no_tick_count": Message("neither ticked nor not", "the number of links, from 0 up"),
    "not_relevant_ticked": Message(
        "'not relevant' is ticked together with {places}", "either 'not relevant' or places"
    ),
    "partner_nameless": Message("a partner without a name", "a name, or the whole group blank"),
    "partner_self": Message(
        "a respondent that names itself", "another actor; if they are two, say 'different' of the pair in matches.csv"
    ),
    "names_nobody": Message("names nobody ({cells} cells)", "a name, or blank"),
    "partner_ring": Message("unknown ring", _SO_MANY),
    "partner_year": Message(_NO_YEAR, "a year as four digits"),
    "no_share": Message("no share", "a number from 0 to {total}"),
    "shares_off": Message("shares add up to {sum}", "shares that add up to {total}, give or take {tolerance}"),
    "answer_no_number": Message("no number, or outside its limits", "a number, or blank"),
    "answer_outside": Message("no number, or outside its limits", "a number from {low} to {high}, or blank"),
    # codebooks
    "no_such_column": Message("{survey} has no such column", "the name of a column of the file, or an alias"),
    "no_such_column_near": Message("{survey} has no such column", "perhaps '{near}'"),
    "no_such_column_doubt": Message(
        "{survey} has no such column (the name is a placeholder, not documented)",
        "the name of a column of the file, or an alias",
    ),
    "no_such_column_doubt_near": Message(
        "{survey} has no such column (the name is a placeholder, not documented)", "perhaps '{near}'"
    ),
    "nobody_told_apart": Message("nobody can be told apart", "a column for id, name or organisation_number"),
    "book_year": Message(_NO_YEAR, "a whole number such as 2004"),
    "no_question": Message("no question", "lines of 'key: value', among them 'kind'"),
    "unknown_question": Message("unknown kind of question", _ONE_OF),
    "ring_of_code": Message("nobody says which ring a code means", "'codes:', such as 1: local"),
    "no_slots": Message("nobody says how many partners can be named", "'slots:' with their number"),
    "no_items": Message("no items", "lines of 'item: text'"),
    "no_layer": Message("nobody says which layer these links are in", "'layer:', one of {choices}"),
    "unknown_role": Message("unknown role", _ONE_OF),
    "partners_nameless": Message("partners without names", "'name:' with its column"),
    "no_columns": Message("no columns", "'columns:' or 'column:'"),
    "nothing_to_fill": Message("nothing to put for {part}", "a name or pattern that fits the kind"),
    "no_codes": Message("no codes", "lines of 'code: meaning'"),
    "unknown_meaning": Message("unknown meaning", _ONE_OF),
    "no_missing_codes": Message("no missing codes", "lines of 'kind: [codes]', kinds one of {choices}"),
    "unknown_missing": Message("unknown kind of missing answer", _ONE_OF),
    "code_twice": Message("the code already means {other}", "one meaning per code"),
    "no_condition": Message("no condition", "'column:' and 'codes:', such as {example}"),
    "no_aliases": Message("no aliases", "lines of 'name: [other names]'"),
    "no_groups": Message("no groups", "lines of 'group: number of respondents'"),
    "block_missing": Message("'{key}' is missing or empty", "a block '{key}:'"),
    "unknown_key": Message("unknown key", _ONE_OF),
    "unknown_key_near": Message("unknown key", "perhaps '{near}'"),
    "unknown_names": Message("unknown names", _ONE_OF),
    "unknown_partner_kind": Message("unknown partner_kind", _ONE_OF),
    "unknown_blank": Message("unknown blank", _ONE_OF),
    "book_number": Message(_NO_NUMBER, "a number from 0 up"),
    "column_of_two": Message(
        "the column already stands in question '{question}'", "one question, item and ring per column"
    ),
    # published tables, each alone
    "rule_broken": Message("does not follow: {formula} is {values}", "figures that agree ({about})"),
    "sum_broken": Message("does not follow: the sum of its rows is {values}", "figures that agree ({about})"),
    "row_off_hundred": Message("{first} to {last} add to {sum}", "shares that add to 100 ({about})"),
    "column_off_hundred": Message(
        "the column adds to {sum}", "shares that add to 100 (rounding of {count} figures explains up to {slack})"
    ),
    "rate_misnamed": Message(
        "the head says closed, but the figures follow founded less closed",
        "a head that says net, or the rate of closed firms",
    ),
    "rate_off": Message("the other rates of the row give a stock of {stock} and so {rates:or}", "{rates:or} ({about})"),
    "no_stock": Message("no stock at the start gives all rates of the row", "rates on one stock ({about})"),
    "open_balance": Message(
        "less founded plus closed it gives {start} at the start, the rates {stock} ({about}); so in {off} of {tested} "
        "rows",
        "one stock at the start, printed; units that move in or out or change industry told apart",
    ),
    "codes_shifted": Message(
        "{count} of {all} answers stand here and none under {usual}; {others} other rows have it the other way round",
        "the codes of the answers; they look shifted ({about})",
    ),
    "share_of_no_count": Message("{misses} of {all} shares are no count out of {numbers:or}", "one number for all"),
    "share_of_another": Message(
        "{misses} of {all} shares are no count out of {numbers:or}",
        "the number that they are shares of; all fit counts out of {better}",
    ),
    "zones_off": Message("the {count} zones of '{item}' add to {sum}", "zones that add to {whole}"),
    "out_of_order": Message("stands below {above} in a table ranked by it", "rows in falling order ({about})"),
    "impossible_rank": Message("no ranking with ties gives this row of ranks", "{rank} ({about})"),
    "title_count": Message("the table has {count} rows", "{said} rows, or another title"),
    "nation_missing": Message(
        "the title promises the nation's figures; no column or row has them",
        "the nation's figures, or a title without them",
    ),
    "told_twice": Message("the same is said to be {others}", "one value ({about})"),
    # published tables, against each other
    "other_scope": Message(
        "{file} has {figure} for the same, and differs in {off} of {all} rows of '{quantity}'", _ONE_SCOPE
    ),
    "told_differently": Message("the same is {others}", "one figure ({about})"),
    "group_redrawn": Message(
        "in {kept} of {all} areas the group is {parts} of {file}, which here gives {sum}",
        "one scope under one name ({about})",
    ),
    "respondents_differ": Message(
        "respondents of {survey} in {area}: {others}",
        "one number of respondents, or the number that answered beside each table",
    ),
    "bands_differ": Message(
        "the shares are those of classes cut at {cuts:and} in {file}", "heads that tell the classes of the figures"
    ),
}

PHRASES: Mapping[str, str] = {  # parts of what a finding says
    "figure_in_row": "{figure} in {file} (row {row})",
    "figure_in_file": "{figure} in {file}",
    "figure_of_row": "{figure} (row {row})",
    "span": "{first} to {last}",
}
