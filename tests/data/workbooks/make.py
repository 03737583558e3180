"""Makes the workbooks of this folder again: `python3 make.py FOLDER`, with openpyxl installed and soffice at hand.

What must come of each stands in table.csv. The bytes differ from one version of these programs to the next; what is in the
cells does not.
"""

import datetime
import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

FOLDER = Path(sys.argv[1])
PLAIN = [["SKU", "Qty"], ["PRB-SM-RED", 50], ["00123", 7]]


def book(name, rows=PLAIN, change=lambda book, sheet: None):
    """A workbook of one sheet called Stock with these rows."""
    made = Workbook()
    sheet = made.active
    sheet.title = "Stock"
    for row in rows:
        sheet.append(row)
    change(made, sheet)
    made.save(FOLDER / f"{name}.xlsx")


def cell(name, value, number_format=None):
    """A quantity that may be no number of units."""
    def change(_, sheet):
        sheet["B3"] = value
        if number_format:
            sheet["B3"].number_format = number_format
    book(name, change=change)


def formatted_code(_, sheet):
    sheet["A3"] = 123
    sheet["A3"].number_format = "00000"


def rich(_, sheet):
    bold = InlineFont(b=True)
    sheet["A2"] = CellRichText("PRB-", TextBlock(bold, "SM"), "-RED")


def mac(made, sheet):
    made.epoch = CALENDAR_MAC_1904
    sheet["C1"] = "Counted on"
    sheet["C2"] = datetime.date(2026, 11, 24)


def mac_fault(made, sheet):
    made.epoch = CALENDAR_MAC_1904
    sheet["B3"] = datetime.date(2026, 11, 24)


def title(_, sheet):
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Stock of the depot"
    sheet.merge_cells("A1:B1")


def merged_codes(_, sheet):
    sheet.append([None, 3])
    sheet.merge_cells("A3:A4")


def hidden_row(_, sheet):
    sheet.row_dimensions[3].hidden = True


def filtered(_, sheet):
    sheet.auto_filter.ref = "A1:B3"
    sheet.auto_filter.add_filter_column(0, ["PRB-SM-RED"])
    sheet.row_dimensions[3].hidden = True


def protected(_, sheet):
    sheet.protection.sheet = True
    sheet.protection.password = "hush"


def hidden_sheet(made, sheet, state="hidden"):
    other = made.create_sheet("Old", 0)
    other.append(["SKU", "Qty"])
    other.append(["PRB-SM-RED", 1])
    other.sheet_state = state
    made.active = sheet


def two_sheets(made, _):
    other = made.create_sheet("Lager's Ü")
    for row in [["SKU", "Qty"], ["PRB-LG-RED", 9], ["SUN-MD", "x"]]:
        other.append(row)


def notes_first(made, _):
    notes = made.create_sheet("Read me", 0)
    notes["A1"] = None


def decorated(_, sheet):
    sheet["B2"].comment = Comment("counted twice", "Amina")
    sheet.freeze_panes = "A2"
    sheet.column_dimensions["A"].width = 40
    sheet["D5"].number_format = "0.00"


def formula(_, sheet):
    sheet["B2"] = "=20+30"
    sheet["B3"] = "=B2-43"


def far(_, sheet):
    sheet["XFD2"] = "far off"


def libre(source, target, end):
    """LibreOffice writes a workbook again."""
    out = FOLDER / "made"
    subprocess.run(
        ["soffice", "--headless", "--convert-to", end, "--outdir", out, FOLDER / f"{source}.xlsx"],
        check=True, stdout=subprocess.DEVNULL,
    )
    (out / f"{source}.{end.split(':')[0]}").rename(FOLDER / f"{target}.{end.split(':')[0]}")
    out.rmdir()


book("plain")
book("format-00000", change=formatted_code)
book("number-code", [["SKU", "Qty"], [7610200010, 8], [7610200027.0, 9]])
book("rounded-code", [["SKU", "Qty"], [1234567890123456789, 8]])
book("text-quantities", [["SKU", "Qty"], ["PRB-SM-RED", "50"], ["00123", " 7 "]])
book("thousands", [["SKU", "Qty"], ["PRB-SM-RED", "1,200"]])
book("rich-text", change=rich)
book("mac-1904", change=mac)
book("mac-1904-date", change=mac_fault)
cell("date", datetime.date(2026, 11, 24))
cell("time", datetime.time(12, 30))
cell("percent", 0.5, "0%")
cell("percent-whole", 1, "0%")
cell("boolean", True)
cell("error", "#N/A")
cell("fraction", 12.5)
cell("negative", -3)
cell("blank", None)
book("title", change=title)
book("merged-codes", change=merged_codes)
book("hidden-row", change=hidden_row)
book("filtered", change=filtered)
book("protected", change=protected)
book("hidden-sheet", change=hidden_sheet)
book("very-hidden-sheet", change=lambda made, sheet: hidden_sheet(made, sheet, "veryHidden"))
book("two-sheets", change=two_sheets)
book("empty-sheet-first", change=notes_first)
book("decorated", change=decorated)
book("formula-uncalculated", change=formula)
book("far-cell", change=far)
book("header-alone", [["SKU", "Qty"]])
book("empty", [])
book("shopify", [["Handle", "Title", "SKU", "Location", "On hand (current)", "On hand (new)"],
                 ["rose", "Rose", "PRB-SM-RED", "Main", 25, 40], ["sun", "Sun", "00123", "Main", 32, None]])
for source, target, end in [
    ("plain", "calc", "xlsx"), ("plain", "calc", "ods"), ("plain", "calc", "xls"),
    ("format-00000", "calc-format-00000", "ods"), ("format-00000", "calc-format-00000", "xls"),
    ("formula-uncalculated", "calc-formula", "xlsx"), ("formula-uncalculated", "calc-formula", "ods"),
    ("date", "calc-date", "ods"), ("date", "calc-date", "xls"), ("percent", "calc-percent", "xls"), ("percent-whole", "calc-percent-whole", "xls"),
    ("error", "calc-error", "ods"), ("mac-1904-date", "calc-mac-1904", "ods"),
    ("hidden-sheet", "calc-hidden-sheet", "ods"), ("hidden-row", "calc-hidden-row", "ods"),
    ("merged-codes", "calc-merged-codes", "ods"), ("rich-text", "calc-rich-text", "ods"),
    ("number-code", "calc-number-code", "ods"),
]:
    libre(source, target, end)
