"""What the attacker sees: docs/matrix.md as a page to play with. Each promise opens, and shows its attack, the wall
that holds it and the line without which it would not, its lab, its CVEs, and who keeps it."""
import html
import json
import re

from proofs import attacks, cves, labs, lines_of, walls

from matrix_results import Matrix, chapter_names  # proofs knows where it is

MARKS = "In the scripts that start an attack, `@probe@` stands for the probe, a program that lies inside."
WORDS = {"BLOCKED": "kept", "REACHED": "reached", "NOT-TESTABLE": "untestable"}


def columns(names):
    """Chapters that follow each other as "05 to 10"."""
    runs = []
    for name in names:
        if runs and name.isdigit() and runs[-1][-1].isdigit() and int(name) == int(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(" to ".join(dict.fromkeys([run[0], run[-1]])) if len(run) != 2 else ", ".join(run) for run in runs) or "nowhere"


def further_left(mistake):
    """Further left, behind the + and -, by as much as all lines have in common."""
    lines = mistake.split("\n")
    blank = min((len(line) - 1 - len(line[1:].lstrip()) for line in lines if line[1:].strip()), default=0)
    return "\n".join(line[:1] + line[1 + blank:] for line in lines)


def fenced(language, code):
    """The attacks without colours: there are hundreds, and colours would make the page three times as large."""
    return f"```{language}\n{code}\n```\n"


def noted(matrix, promise):
    """What the documentation of others says, where it is reached under them."""
    by_note = {}
    for column in matrix.where(promise, "REACHED"):
        for number in matrix.notes_for(promise, column):
            by_note.setdefault(number, []).append(column)
    return [f"- **{', '.join(where)}:** {matrix.notes[number - 1].text} ([source]({matrix.notes[number - 1].link}))" for number, where in by_note.items()]


def seen(matrix, promise, word):
    """What the probe saw, once for each answer."""
    answers = {}
    for column in matrix.where(promise, word):
        answers.setdefault(matrix.seen.get((promise, column), ""), []).append(column)
    return [f"- {columns(where)}: `{words.replace('`', '')}`" for words, where in answers.items() if words]


def details(matrix, promise, sources):
    """All that opens below a promise, as Markdown."""
    held, out = walls().get(promise, []), []
    for place in attacks(promise):
        out += [f"**The attack**: [{place.name}]({sources.link(place.path)})", "", place.why, "", fenced("txt", place.code)]
    out += [f"**The wall.** {'Each of these mistakes lets' if len(held) > 1 else 'This mistake lets'} the attack through, and a test sees it.", ""]
    for place in held:
        name = place.function()
        where = f"[{place.name}]({sources.link(place.path)})" + (f", in `{name}`" if name else "")
        out += [f"{where}. Why one makes it: {place.why}", "", fenced("diff", further_left(place.code))]
    out += [f"**Kept** by {columns(matrix.where(promise, 'BLOCKED'))}.", ""]
    for word, name in (("REACHED", "Reached"), ("NOT-TESTABLE", "Not testable"), ("", "Not asked")):
        if where := matrix.where(promise, word):
            out += [f"**{name}** in {columns(where)}.", ""]
    out += [*noted(matrix, promise), ""]
    if answers := seen(matrix, promise, "BLOCKED") + seen(matrix, promise, "REACHED"):
        out += ["**What the probe saw**", "", *answers, ""]
    links = [f"[{path.stem[:2]}: {lines_of(path)[0].lstrip('# ')}](/labs/{path.stem})" for path in labs().get(promise, [])]
    out += [f"**To watch it**: lab {', '.join(links)}.", ""] if links else []
    known = [f"[{name}](https://nvd.nist.gov/vuln/detail/{name})" for name in cves(promise)]
    return out + ([f"**It has happened**: {', '.join(known)}.", ""] if known else [])


def entry(matrix, promise, sentence, sources):
    verdicts = " ".join(f'{name}="{" ".join(matrix.where(promise, word))}"' for word, name in WORDS.items())
    body = [line.replace("{{", "&#123;&#123;") if "`" not in line else line for line in details(matrix, promise, sources)]
    heading = f"### {promise} {html.escape(sentence, quote=False)} {{#{promise.lower()}}}"
    return "\n".join([f"<AttackerPromise {verdicts}>", "<template #name>", "", heading, "", "</template>", "", *body, "</AttackerPromise>", ""])


def page(text, sources):
    """docs/matrix.md, as the site would show it, with its lists of promises in the place of its bullets."""
    matrix = Matrix()
    text = re.sub(r"^- \*\*[A-Z]+-[\w-]+\*\* .*\n(?:  .*\n)*", "", text, flags=re.M)
    text = text.replace("# What the attacker sees: every promise, in every chapter, and under other tools", "# What the attacker sees")
    names, promises = chapter_names(), [promise for promise, _, _ in matrix.promises]
    options = []
    for column in matrix.columns:
        kept, reached = (matrix.count(column, promises, word) for word in ("BLOCKED", "REACHED"))
        said = f"chapter {column}, {names[column]}" if column in names else column
        options.append({"name": column, "said": said, "kept": kept, "reached": reached, "rest": len(promises) - kept - reached})
    asked = html.escape(json.dumps(options), quote=True)
    text = text.replace("\n## In numbers", f"\n{MARKS}\n\n## In numbers", 1)
    text = text.replace("## In numbers", f"<AttackerView :places=\"{asked}\" />\n\n## In numbers", 1)
    for chapter in sorted({chapter for _, chapter, _ in matrix.promises}):
        entries = "\n".join(entry(matrix, promise, sentence, sources) for promise, first, sentence in matrix.promises if first == chapter)
        text = re.sub(rf"^(## Promised from chapter {chapter} on: .*)\n", lambda found, said=entries: f"{found[1]}\n\n{said}\n", text, count=1, flags=re.M)
    return '---\noutline: 2\npageClass: attacker\n---\n' + text
