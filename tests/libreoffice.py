"""LibreOffice Calc without a window: what it makes of a file, and how it saves one."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

PROGRAMS = ("soffice", "libreoffice", "localc")
REMEDY = (
    "No LibreOffice Calc found, which opens our files in tests: install it (Debian: `sudo apt-get "
    "install libreoffice-calc`)."
)
_NAMESPACE = re.compile(r"\{[^}]*\}")


def find_libreoffice() -> str:
    """The path of the program; RuntimeError with the remedy where there is none."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise RuntimeError(REMEDY)
    return found


def convert(path: Path, kind: str, folder: Path, read_as: str = "") -> Path:
    """The file as LibreOffice saves it: `kind` is fods, xlsx ...; `read_as` an import filter."""
    return convert_all([path], kind, folder, read_as)[0]


def convert_all(paths: list[Path], kind: str, folder: Path, read_as: str = "") -> list[Path]:
    """The same of several files, for which it starts once."""
    command = [
        find_libreoffice(),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",  # nobody else's settings or lock
        *("--headless", "--norestore", *([f"--infilter={read_as}"] if read_as else [])),
        *("--convert-to", kind, "--outdir", str(folder / "out"), *map(str, paths)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    made = [folder / "out" / f"{path.stem}.{kind.partition(':')[0]}" for path in paths]
    assert all(map(Path.exists, made)), done.stdout + done.stderr
    return made


def read_flat(path: Path) -> tuple[list[list[str]], int]:
    """The texts of the first sheet of a .fods file, and how many formulas all sheets have."""
    root = ET.parse(path).getroot()
    cells = [element for element in root.iter() if _plain(element.tag) == "table-cell"]
    formulas = sum("formula" in map(_plain, cell.attrib) for cell in cells)
    table = next(element for element in root.iter() if _plain(element.tag) == "table")
    rows = [
        [_text(cell) for cell in row if _plain(cell.tag) == "table-cell"]
        for row in table.iter()
        if _plain(row.tag) == "table-row"
    ]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows, formulas


def _plain(name: str) -> str:
    return _NAMESPACE.sub("", name)


def _text(cell: ET.Element) -> str:
    """The text of a cell: its paragraphs as lines, with what stands for blanks and tabs."""
    return "\n".join(_inner(part) for part in cell if _plain(part.tag) == "p")


def _inner(element: ET.Element) -> str:
    text = element.text or ""
    for part in element:
        name = _plain(part.tag)
        if name == "s":
            count = next((n for key, n in part.items() if _plain(key) == "c"), "1")
            text += " " * int(count)
        elif name == "tab":
            text += "\t"
        elif name == "line-break":
            text += "\n"
        else:
            text += _inner(part)
        text += part.tail or ""
    return text
