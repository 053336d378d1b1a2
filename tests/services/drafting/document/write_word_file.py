#!/usr/bin/python3
# Writes a BUCP template as somebody completed it in Word, with python-docx: its styles, settings and numbering,
# split runs, merged cells, a nested table, check boxes and a drop-down list.
#
# usage: write_word_file.py FILE
import copy
import sys

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Inches

W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def add_lines(cell, lines):
    """Replaces the cell's empty paragraph by lines, each in several runs as Word saves edited text."""
    for index, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        style = "List Bullet" if line.startswith("* ") else None
        line = line.removeprefix("* ")
        if style:
            paragraph.style = style
        middle = len(line) // 2
        paragraph.add_run(line[:middle])
        paragraph.add_run(line[middle:]).italic = index % 2 == 1


def check_box(checked):
    return (
        f"<w:sdt {nsdecls('w')} {W14}><w:sdtPr><w14:checkbox><w14:checked w14:val=\"{int(checked)}\"/></w14:checkbox>"
        f"</w:sdtPr><w:sdtContent><w:r><w:t>{'☒' if checked else '☐'}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def control(text, prompt, choices=()):
    items = "".join(f'<w:listItem w:displayText="{each}" w:value="{each}"/>' for each in choices)
    return (
        f"<w:sdt {nsdecls('w')}><w:sdtPr>{'<w:showingPlcHdr/>' if prompt else ''}"
        f"{'<w:dropDownList>' + items + '</w:dropDownList>' if choices else '<w:text/>'}</w:sdtPr>"
        f"<w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def add_run_xml(paragraph, xml):
    paragraph._p.append(parse_xml(xml))


def add_elements(cell):
    """The Data Field Definitions with other headings, a group row, merged cells and a column of one's own."""
    table = cell.add_table(rows=6, cols=5)
    table.style = "Table Grid"
    rows = [
        ["Data Element", "Description", "Data Type", "Required?", "Steward"],
        ["Household", "", "", "", ""],
        ["Residence County Code", "County of residence, FIPS", "String", "Y", "Program Integrity"],
        ["Aid Code", "Code of the aid category", "varchar(4)", "☒ Yes ☐ No", ""],
        ["Income", "Gross monthly income in dollars", "Currency", "No", "Fiscal"],
        ["Enrolled since", "", "Date", "Y", ""],
    ]
    for row, texts in zip(table.rows, rows):
        for at, text in enumerate(texts):
            row.cells[at].text = text
    table.rows[1].cells[0].merge(table.rows[1].cells[4]).text = "Household"
    table.cell(4, 1).merge(table.cell(5, 1)).text = "Gross monthly income in dollars"
    cell.add_paragraph()


def checklist(document):
    table = document.add_table(rows=4, cols=4)
    table.style = "Table Grid"
    texts = [
        ["Task Name", "Task Description", "Data Recipient*", "Data Provider*"],
        ["", "", "CalFresh Branch, CDSS", "Calif. Dept. of Health Care Services"],
        ["Draft BUCP", "", "Date BUCP Draft Finalized: 11/02/2026", "N/A"],
        ["BUCP Start Date", "", "1/4/27", "1/4/27"],
    ]
    for row, cells in zip(table.rows, texts):
        for cell, text in zip(row.cells, cells):
            cell.text = text


FIELDS = [
    ("Use Case Name", ["CalFresh outreach to Medi-Cal households"]),
    (
        "Contact Information",
        [
            "Data Recipient Contacts",
            "Data Coordinator Contact",
            "Name: Ana Ruiz",
            "Division/Department: CalFresh Branch / California Department of Social Services",
            "Email: ana.ruiz@example.org",
            "Phone: 916-555-0188",
            "Executive Sponsor Contact",
            "Name: Bo Lee",
            "Email: bo.lee@example.org",
            "Phone:",
            "Data Provider Contacts",
            "Data Coordinator Contact",
            "Name: Cy Tran",
            "Division/Department: Data Office, Health Care Services, Department of",
            "Email: cy.tran@example.org",
            "Phone: 916-555-0177",
        ],
    ),
    ("Use Case Description/Purpose", ["To find households that are eligible and not enrolled.", "Benefits", "Fewer hungry children."]),
    ("Data types/categories", ["Personal information (names, addresses), program usage; demographics", "Education records are among them: No"]),
    ("Output/Use", ["* A mailing list", "* Counts per county", "Any product becomes public: No"]),
    ("Data elements", None),
    ("Data users", ["Six analysts of the CalFresh Branch.", "Contractors have access: No – staff only"]),
    ("Data transfer/management", ["Secure file transfer, encrypted at rest."]),
    ("Destruction and/or Return", ["Destroyed 90 days after receipt.", "Products are included: No"]),
    ("Anticipated risks", ["N/A"]),
    ("Legal authority", ["CDSS – Welfare and Institutions Code 18901.", "DHCS: Welfare and Institutions Code 14100.2 permits the disclosure."]),
    ("Transfer of Funds", None),
    ("Possible alternatives", None),
    ("Critical dates", ["Start date: January 4, 2027. End date: 12/31/2029. Ongoing, monthly."]),
    ("Re-disclosure/further disclosure", ["Not permitted."]),
    ("Research (see Appendix A)", ["No – program operations"]),
    ("Privacy Requirements", ["CDSS: minimum necessary.", "DHCS: HIPAA applies."]),
    ("Security Requirements", ["CDSS: SAM 5300.", "DHCS: SAM 5300 and HIPAA."]),
    ("Approvals", ["Both departments agree."]),
    ("Departments’ positions", ["N/A"]),
]


def main(path):
    document = Document()
    document.core_properties.title = "BUCP"
    document.add_heading("Business Use Case Proposal (BUCP)", 0)
    document.sections[0].footer.paragraphs[0].text = "Confidential draft of the CalFresh Branch"
    checklist(document)
    document.add_page_break()
    table = document.add_table(rows=1, cols=3)
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, ["BUCP Form Fields", "Required or Disputed Only", "Field Description"]):
        cell.text = text
        cell.width = Inches(2)
    for title, lines in FIELDS:
        row = table.add_row()
        row.cells[0].text = title
        row.cells[1].text = "Required"
        cell = row.cells[2]
        if lines is not None:
            add_lines(cell, lines)
        elif title == "Data elements":
            add_elements(cell)
        elif title == "Transfer of Funds":
            add_run_xml(cell.paragraphs[0], check_box(False))
            cell.paragraphs[0].add_run(" Yes  ")
            add_run_xml(cell.paragraphs[0], check_box(True))
            cell.paragraphs[0].add_run(" No")
        else:
            add_run_xml(cell.paragraphs[0], control("Click or tap here to enter text.", True))
    # The row of Critical dates continues in a second row, whose title is merged with the first.
    dates = next(row for row in table.rows if row.cells[0].text == "Critical dates")
    more = copy.deepcopy(dates._tr)
    dates._tr.addnext(more)
    for cell in (dates.cells[0],):
        cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:vMerge {nsdecls("w")} w:val="restart"/>'))
    following = next(row for row in table.rows if row._tr is more)
    following.cells[0].text = ""
    following.cells[2].text = "The first file is due before the open enrollment."
    more.tc_lst[0].get_or_add_tcPr().append(parse_xml(f'<w:vMerge {nsdecls("w")}/>'))
    document.add_paragraph("Please return it to the CalFresh Branch.")
    document.save(path)


main(sys.argv[1])
