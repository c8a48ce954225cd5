"""Words that came from a submission, made harmless before anybody or anything reads them.

Names, a compiler's output, what a test saw, a student's sentence: each passes one of these on its way to a
terminal, Markdown, CSV, JSON, XML or a file's name. What a reader cannot see is "?".
"""
import hashlib
import os
import posixpath
import re
import socket
import unicodedata
from pathlib import Path

from catalog import PROJECT

# Controls, overrides of the direction of writing, halves of pairs, and what has no meaning: escapes for a terminal,
# and characters that XML 1.0 does not know, are among them.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
OURS = {"grades.csv", "moodle.csv", "canvas.csv", "class.md", "base"}  # beside the students' reports


def line(text, most=160):
    """One line. Bytes that are not UTF-8 are read as Latin-1, which older systems wrote."""
    text = str(text)[: 4 * most]
    if re.search("[\udc80-\udcff]", text):
        text = re.sub("[\udc80-\udcff]", lambda byte: chr(ord(byte[0]) & 0xFF), text)
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if letter == "\t" else "?" if unicodedata.category(letter) in UNSEEN else letter for letter in text)
    text = re.sub(r"([\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20ff]{2})[\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20ff]+", r"\1", text).strip()
    return text if len(text) <= most else text[: most - 4] + " ..."


def text(words, lines=12, most=160):
    """Several lines, with their margins, and no more than `lines` of them."""
    found = [" " * min(8, len(one) - len(one.lstrip(" "))) + line(one, most) for one in str(words)[: 40 * lines * most].splitlines()]
    found = [one for one in found if one.strip()]
    return "\n".join(found if len(found) <= lines else [*found[: lines - 1], "..."])


def markdown(words, most=600):
    """No markup: neither emphasis nor links, no images, no HTML, no heading, no table, and no address that becomes a link."""
    words = re.sub(r"([\\`*_{}\[\]<>()#!|~&$])", r"\\\1", line(words, most))
    return re.sub(r"^([-+=]|\d+[.)])", r"\\\1", re.sub(r"://", r":\\/\\/", re.sub(r"\b(www)\.", r"\1\\.", words, flags=re.I)))


def cell(words, most=1000):
    """For a spreadsheet, which must take no student's words for a formula; nor find a second cell in them, whichever sign it parts cells by."""
    words = line(words, most).replace(";", ",")
    return "'" + words if words[:1] in tuple("=+-@|%\uff1d\uff0b\uff0d\uff20") else words


def slug(name):
    """A name for a file: a plain name is that itself; any other keeps what is plain of it, and gets a mark of its own."""
    plain = re.sub(r"[^\w ,.'()+@-]", "_", unicodedata.normalize("NFC", line(name, 80))).strip(" .").lstrip("-")
    if plain and plain == name and plain not in OURS and not plain.endswith((".new", ".json")):
        return plain
    return f"{plain or 'nameless'}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


# --- nothing of this machine --------------------------------------------------------------------


def of_this_machine():
    """Words that tell where this runs, the longest first."""
    words = {str(PROJECT): ".", str(Path.home()): "~", socket.gethostname(): "HOST"}
    return {word: instead for word, instead in sorted(words.items(), key=lambda pair: -len(pair[0])) if len(word) > 4 and word != "localhost"}


def without_machine(words):
    """Without the paths and the name of this machine, and without what looks like a line of its password files."""
    for word, instead in of_this_machine().items():
        words = re.sub(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])", instead, words)
    return re.sub(r"[\w.-]+:[^:\s]{0,200}:\d*:\d*:[^\n]*", "(a line of another file, not shown)", words)


def compiler(words, own):
    """A compiler's words, without those about files that are neither the student's (`own`), the project's nor the compiler's:
    a file that is included shows its content in the message."""
    kept, hiding = [], False
    for one in words.splitlines():
        found = re.match(r"(?:it does not compile: |In file included from |\s+from )?([^\s:][^:]*):(\d+)[:,]", one)
        if found and not is_known(found[1], own):
            if not hiding:
                kept.append(f"(an error in a file that it includes, {posixpath.basename(found[1])}: not shown)")
            hiding = True
        elif found or not one.startswith(" "):
            hiding = False
        if not hiding:
            kept.append(one)
    prefix = "it does not compile: "
    said = "\n".join(kept)
    return said if said.startswith(prefix) or not words.startswith(prefix) else prefix + said


def is_known(path, own):
    path = posixpath.normpath(path)
    if path.startswith(("/usr/include/", "/usr/lib/gcc/", "/usr/lib/llvm")) or re.match(r"[/\w.+-]*/?(ld|c\+\+|g\+\+\S*|clang\S*|cc1plus|collect2|as)$", path):
        return True
    return posixpath.basename(path) in own or path.startswith(("chapters/", "common/", "{standard input}", "<")) or path.endswith(".o")
