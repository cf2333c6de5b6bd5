"""The process that draws: a program of its own, which `drawing.py` starts and speaks to.

It reads one JSON object a line from stdin and answers each with one line on stdout, until stdin
ends. {"spec": Vega-Lite} is answered by {"svg": text}; {"svg": text, "scale": n} by {"png":
base64}; {"has_chinese": fonts} by {"has_chinese": whether a font has Chinese letters}; what fails
by {"error": text}. It imports nothing of ours, so that it starts quickly.
"""

import base64
import json
import os
import sys
from typing import Any

import vl_convert

SAMPLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<text x="4" y="30" font-size="24" font-family="%s">%s</text></svg>'
)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    if "spec" in question:
        # No URL may be read from, whatever a spec says.
        svg = vl_convert.vegalite_to_svg(question["spec"], allowed_base_urls=[])
        return {"svg": svg}
    if "svg" in question:
        png = vl_convert.svg_to_png(question["svg"], scale=question["scale"])
        return {"png": base64.b64encode(png).decode()}
    # Without a font both letters are the same empty box
    fonts = question["has_chinese"]
    first, second = (vl_convert.svg_to_png(SAMPLE % (fonts, letter)) for letter in "中国")
    return {"has_chinese": first != second}


def main() -> None:
    # Whatever a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except ValueError as error:  # all that vl_convert raises
            said = {"error": str(error)}
        print(json.dumps(said), file=answers, flush=True)


if __name__ == "__main__":
    main()
