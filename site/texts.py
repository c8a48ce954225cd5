"""The texts of the project as pages of the site, and pages of the sources that they lead to; site/pages writes them."""
import difflib
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from svg import figure

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"
LANGUAGES = {".cpp": "cpp", ".hpp": "cpp", ".sh": "bash", ".bash": "bash", ".bats": "bash", ".md": "markdown", ".json": "json",
             ".patch": "diff", ".yaml": "yaml", ".mjs": "js", ".css": "css"}


def read(path):
    return path.read_text()


def title_of(text, fallback):
    found = re.search(r"^# (.+)$", text, re.M)
    return re.sub(r"[`*]", "", found[1]).strip() if found else fallback


def chapters():
    return sorted(page.parent for page in (PROJECT / "chapters").glob("[0-9][0-9]-*/README.md"))


# --- where the project is --------------------------------------------------------------------------


def repository():
    """Where a browser finds the project, and `git clone` as well: REPOSITORY, or "" if that is no address for others."""
    address = os.environ.get("REPOSITORY", "").strip()
    address = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", address)
    address = re.sub(r"^(https?://)[^/@]*@", r"\1", address)  # no name and no password of whoever builds it
    return re.sub(r"(\.git)?/*$", "", address) if re.match(r"https?://", address) else ""


def with_address(start):
    """The start page with the project's address in it, if it has one for others."""
    address = repository()
    return re.sub(r"^ADDRESS .*\n", "", start, flags=re.M).replace("ADDRESS", address) if address else start


# --- what of a recipe is new -----------------------------------------------------------------------


def new_lines(comment, block):
    """Of a block from a chapter's recipe: (the chapter before, the numbers, from 1, of the lines that it has not).

    None where the comment before it names no recipe, or where all of it is new, or nothing."""
    found = re.match(r"<!-- code: chapters/((\d\d)-[\w-]+)/main\.cpp ", comment)
    before = found and next((path for path in reversed(chapters()) if path.name < found[1]), None)
    if not before or "int run_container(" not in read(before / "main.cpp"):
        return None
    old = [line.strip() for line in read(before / "main.cpp").split("\n")]
    now = [line.strip() for line in block]
    matches = difflib.SequenceMatcher(None, old, now, autojunk=False).get_matching_blocks()
    known = {match.b + number for match in matches for number in range(match.size)}
    new = [number + 1 for number in range(len(now)) if number not in known]
    # A brace and an empty line are in everything.
    kept = any(re.search(r"\w", now[number]) for number in known)
    return (before.name[:2], new) if new and kept else None


# --- sources, one page a directory -----------------------------------------------------------------


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def page_of(directory):
    """The page that shows the files of a directory of the project, as a link from the site's top."""
    relative = directory.relative_to(PROJECT)
    return "/source/" + (slug(str(relative)) or "top")


def is_text(path):
    try:
        return path.is_file() and "\0" not in path.read_text()
    except UnicodeDecodeError:
        return False


class Sources:
    """The directories that pages have linked to."""

    def __init__(self):
        self.wanted = set(chapters()) | {PROJECT / "common"}

    def link(self, path):
        """Where the site shows a file or directory of the project; None if it does not."""
        if path.is_dir():
            self.wanted.add(path)
            return page_of(path)
        if not is_text(path):
            return None
        self.wanted.add(path.parent)
        return f"{page_of(path.parent)}#{slug(path.name)}"

    def write(self, site):
        done = set()
        while self.wanted - done:
            directory = sorted(self.wanted - done)[0]
            done.add(directory)
            write(site, page_of(directory)[1:] + ".md", self.page(directory, site))

    def page(self, directory, site):
        name = str(directory.relative_to(PROJECT)) if directory != PROJECT else "the top directory"
        files = [path for path in sorted(directory.iterdir()) if is_text(path) and is_ours(path)]
        parts = [front_matter(search=False, editLink=False, aside=True), f"# {name}\n"]
        # They have pages of their own.
        files = [path for path in files if path.name != "exercises.md"]
        readme = directory / "README.md"
        if readme in files and directory != PROJECT:
            files.remove(readme)
            parts.append(Page(readme, self).text().split("\n", 1)[1])
        parts += [listing(path) for path in files]
        return "\n".join(parts)


def is_ours(path):
    """A file of the project, and not one that an editor or a build left here."""
    return subprocess.run(["git", "-C", PROJECT, "check-ignore", "-q", path], check=False).returncode != 0


def listing(path):
    """A whole file, in a fence that is longer than any in it."""
    text = read(path)
    fence = "`" * max([3] + [len(run) + 1 for run in re.findall(r"^\s*(`{3,})", text, re.M)])
    first = text.split("\n", 1)[0]
    language = LANGUAGES.get(path.suffix) or ("bash" if "sh" in first and first.startswith("#!") else
                                              "python" if "python" in first else
                                              "make" if path.name == "Makefile" else "txt")
    return f"## {path.name} {{#{slug(path.name)}}}\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def front_matter(**values):
    return "---\n" + "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()) + "---\n"


def write(site, name, text):
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# --- one page --------------------------------------------------------------------------------------


class Page:
    """A Markdown file of the project, as the site shows it."""

    def __init__(self, path, sources):
        self.path = path
        self.sources = sources

    def text(self):
        lines, fence, all_lines = [], None, read(self.path).split("\n")
        for number, line in enumerate(all_lines, 1):
            mark = re.match(r"\s*(`{3,}|~{3,})", line)
            if mark and fence is None:
                fence = mark[1]
                comment = lines[-1] if lines else ""
                marked = new_lines(comment, list(itertools.takewhile(lambda inner: inner != mark[1], all_lines[number:])))
                lines += self.file_name(comment, marked[0] if marked else "")
                line += f" {{{','.join(map(str, marked[1]))}}}" if marked else ""
            elif mark and line.strip() == fence:
                fence = None
            elif fence is None:
                line = self.prose(line)
            lines.append(line)
        return "\n".join(lines)

    def prose(self, line):
        drawing = re.fullmatch(r"!\[(.*)\]\(([^)]+\.svg)\)", line.strip())
        if drawing:
            return self.drawing(self.path.parent / drawing[2], drawing[1])
        pieces = re.split(r"(`[^`]*`)", line)
        return "".join(piece if piece.startswith("`") else self.plain(piece) for piece in pieces)

    def plain(self, text):
        text = re.sub(r"\]\(([^)\s]+)\)", lambda found: f"]({self.target(found[1])})", text)
        return text.replace("{{", "&#123;&#123;")

    def target(self, link):
        """A link of the texts, on the site."""
        if re.match(r"[a-z]+:|#", link):
            return link
        name, _, anchor = link.partition("#")
        path = Path(os.path.normpath(self.path.parent / name))
        tail = f"#{anchor}" if anchor else ""
        if path in (PROJECT / "README.md", DOCS / "start.md"):
            return f"/{tail}"
        if path.suffix == ".md" and path.parent == DOCS:
            return f"/{path.stem}{tail}"
        if path.suffix == ".md" and path.parent == PROJECT / "labs":
            return f"/labs/{path.stem}{tail}"
        if path.name == "exercises.md":
            return f"/exercises/{path.parent.name}{tail}"
        if path == PROJECT / "labs":
            return "/labs/"
        return self.sources.link(path) or link

    def drawing(self, path, alt):
        """The drawing itself, so that its panels and colours can follow the page's."""
        if not path.exists():
            print(f"{self.path.relative_to(PROJECT)}: there is no {path.name}", file=sys.stderr)
            return f"*{alt}*"
        return figure(read(path).strip(), path.stem)

    def file_name(self, comment, before=""):
        """Above a block of code: the file that it is from, and which chapter has its grey lines already."""
        found = re.match(r"<!-- (?:code|change): (\S+)", comment)
        if not found or found[1].startswith("none") or not (PROJECT / found[1]).exists():
            return []
        name = f"[{found[1]}]({self.sources.link(PROJECT / found[1])}){{.from}}"
        number = found[1].split("/")[1][:2]
        legend = f'<span class="from">marked: new, as in [what {number} adds](/diffs/{number}); grey: there since {before}, or before</span>'
        return ["", name + legend if before else name, ""]
