"""The index of the book: system calls, CVEs and promises, each with its pages. Nothing is marked by hand: the calls are
those of docs/syscalls.md, the promises those of tests/promises.tsv."""
import html
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
KINDS = {"call": "System calls", "cve": "CVEs", "promise": "Promises"}


def first_column(path, pattern):
    return [found[1] for line in path.read_text().split("\n") if (found := re.match(pattern, line))]


class Index:
    def __init__(self):
        calls = first_column(PROJECT / "docs/syscalls.md", r"\| \[`(\w+)`\]")
        self.promises = {row.split("\t")[0]: row.split("\t")[4] for row in (PROJECT / "tests/promises.tsv").read_text().split("\n") if re.match(r"[A-Z]", row)}
        names = "|".join(sorted(map(re.escape, calls), key=len, reverse=True))
        # A call is named by name(2), or stands alone as code; the rest are words that look like nothing else.
        self.in_prose = re.compile(rf"\b(?P<call>{names})\((?:2|\))|(?P<cve>CVE-\d{{4}}-\d{{4,}})|\b(?P<promise>{self.ids()})(?![\w-])")
        self.in_code = re.compile(rf"^(?P<call>{names})(?:\(2?\))?$|(?P<cve>CVE-\d{{4}}-\d{{4,}})|\b(?P<promise>{self.ids()})(?![\w-])")
        self.terms = {}

    def ids(self):
        return "|".join(sorted(map(re.escape, self.promises), key=len, reverse=True))

    def marked(self, text, name):
        """The text, with an anchor at each word of the index; one for each word and paragraph."""
        out, here, code, block = [], set(), False, False
        for number, token in enumerate(re.split(r"(<[^>]+>)", text)):
            if token.startswith("<"):
                if re.match(r"<(p|li|tr|pre|h\d)\b", token):
                    here = set()
                code = (code or token.startswith("<code")) and token != "</code>"
                block = (block or token.startswith("<pre")) and token != "</pre>"
                out.append(token)
                continue
            found = (self.in_code if code and not block else self.in_prose).finditer(token)
            done = 0
            for match in found:
                if match[0] not in here:
                    here.add(match[0])
                    out += [token[done:match.start()], self.mark(match, f"{name}-ix{number}-{match.start()}")]
                    done = match.start()
            out.append(token[done:])
        return "".join(out)

    def mark(self, match, anchor):
        kind = match.lastgroup
        self.terms.setdefault((kind, match[kind]), []).append(anchor)
        return f'<a id="{anchor}"></a>'

    def as_html(self, pages):
        out = ['<section id="index" class="index"><h1>Index</h1>']
        for kind, title in KINDS.items():
            out.append(f'<h2>{title}</h2><div class="terms">')
            for _, term in sorted(key for key in self.terms if key[0] == kind):
                out.append(f'<p><span class="term">{html.escape(term)}</span> {self.numbers(self.terms[kind, term], pages)}</p>')
            out.append("</div>")
        return "\n".join([*out, "</section>"])

    @staticmethod
    def numbers(anchors, pages):
        by_page = {}
        for anchor in anchors:
            by_page.setdefault(pages[anchor], anchor)
        return ", ".join(f'<a href="#{anchor}">{page}</a>' for page, anchor in sorted(by_page.items()))
