"""`python -m tools.show_papers FOLDER`: the pages of its .docx and .pdf as pictures."""

import sys
from pathlib import Path
from subprocess import check_call

for paper in Path(sys.argv[1]).glob("*.docx"):
    check_call(["soffice", "--convert-to", "pdf", "--outdir", paper.parent / "word", paper])
for paper in Path(sys.argv[1]).rglob("*.pdf"):
    check_call(["pdftoppm", "-r", "90", "-png", paper, paper.with_suffix("")])
