"""What every drawing of the project is made of: its few colours, and panels.

A drawing is a list of rows, and a row is a list of panels, which are wrapped like words: `drawing()` lays them out for
a page 680 wide, and the site, which shows the panels themselves (`figure()`), anew for each screen. They are drawn for
the size at which they are seen: a unit is a pixel or a little more, and no text is below LEAST.

A panel is three things: its width, its height, and what is in it.
"""
import html
import re
import textwrap

# The colours have a second life in the dark: theme/drawings.css names each, and site/check-drawings holds it to that.
INK, GREY, PALE, BLUE, SKY, PAPER, WHITE = "#22313a", "#3c4a52", "#c9d6dc", "#2f6f8f", "#bcd8e4", "#fbfaf7", "#ffffff"
RED, ROSE, CLAY, MIST = "#a8432f", "#f0d9d2", "#dba392", "#e6eef2"
LEAST = 12
WIDTH = 680


def text(x, y, words, size=12.5, fill=GREY, **more):
    if size < LEAST:
        raise ValueError(f"'{words}' in {size}: nobody can read less than {LEAST}")
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{attributes(more)}>{html.escape(str(words), quote=False)}</text>'


def rect(x, y, width, height, fill, **more):
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"{attributes(more)}/>'


def attributes(named):
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in named.items() if value is not None)


def lines(x, y, words, columns, step=19, **more):
    """Words on several lines of so many letters."""
    return [text(x, y + step * number, line, **more) for number, line in enumerate(textwrap.wrap(words, columns))]


def wrapped(rows, width):
    """As words are wrapped: the panels that lie side by side."""
    for row in rows:
        line, used = [], 0
        for panel in row:
            if line and used + panel[0] > width:
                yield line
                line, used = [], 0
            line.append(panel)
            used += panel[0]
        yield line


def drawing(title, said, rows, width=WIDTH):
    """The file: `title` names the picture, `said` is what it says, for whoever cannot see it."""
    wide = high = 0
    parts = []
    for row in rows:
        parts.append('<g class="row">')
        for line in wrapped([row], width):
            x = 0
            for panel_width, height, content in line:
                parts += [f'<svg class="panel" x="{x:g}" y="{high:g}" width="{panel_width:g}" height="{height:g}" viewBox="0 0 {panel_width:g} {height:g}">',
                          *content, "</svg>"]
                x += panel_width
            wide, high = max(wide, x), high + max(panel[1] for panel in line)
        parts.append("</g>")
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" font-family="system-ui, sans-serif" role="img">\n'
            f"<title>{html.escape(title, quote=False)}</title>\n<desc>{html.escape(said, quote=False)}</desc>\n" + rect(0, 0, wide, high, PAPER))
    return "\n".join([head, *parts, "</svg>"]) + "\n"


# --- a drawing on a page of the site ----------------------------------------------------------------


def figure(svg, name):
    """The drawing itself in a page, so that its panels and colours can follow the page's."""
    said = [html.unescape(found) for found in re.findall(r"<(?:title|desc)>(.*?)</", svg, re.S)]
    # A row ends where the next begins, or the drawing: a panel may have groups in it.
    found = re.findall(r'<g class="row">\n(.*?)\n</g>\n(?=<g class="row">|</svg>\Z)', svg, re.S)
    rows = "\n".join(f'<div class="row">{row_of(row)}</div>' for row in found)
    kind = "house" if name.startswith("house") else "drawing"
    title, label = (html.escape(words) for words in (said[0], ". ".join(words.rstrip(".") for words in said) + "."))
    return f'<figure class="{kind}" tabindex="0" aria-label="{title}"><div class="panels" role="img" aria-label="{label}">\n{rows}\n</div></figure>\n'


def row_of(svg):
    return "\n".join(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" style="--wide: {width}; --high: {height}" font-family="system-ui, sans-serif" '
        f'aria-hidden="true">{content}</svg>'
        for width, height, box, content in re.findall(
            r'<svg class="panel" x="\S+" y="\S+" width="(\S+)" height="(\S+)" viewBox="([^"]+)">\n(.*?)\n</svg>', svg, re.S))
