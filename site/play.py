"""The pages to play with: site/play/*.md, with the rows that were tried on a kernel as a table."""
import re
import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# In this order; each with what it is good for.
PAGES = {"filter": "one system call on its way through a seccomp filter, and the ways round it",
         "id-maps": "inside, outside, on disk: whose is a file, and who can write it",
         "capabilities": "five sets, a file's own, securebits: what is left after execve"}
# The chapter that each belongs to.
CHAPTERS = {"06": "id-maps", "07": "capabilities", "08": "filter"}


def title_of(name):
    return re.search(r"^# (.*)$", (PROJECT / f"site/play/{name}.md").read_text(), re.M)[1]


def beside(number):
    """What a chapter's page leads to."""
    return [f"[{title_of(name)}](/play/{name}): {PAGES[name]}" for name in [CHAPTERS.get(number)] if name]


def rows_of(name):
    for line in (PROJECT / f"tests/calculators/{name}.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def quoted(*words):
    return " ".join(f"`{word}`" for word in words)


def case_of_ids(cells):
    """(what is asked, what the kernel says) of a row of idmap.tsv"""
    kind, *cells = cells
    if kind == "map":
        return f"the map {quoted(cells[0])}", "taken" if cells[1] == "yes" else cells[1]
    if kind == "overlap":
        return f"{quoted(cells[0])} and {quoted(cells[1])}", cells[2].replace(",", ", ")
    own, mount, who, power, file, shown, read, write, made = cells
    asked = f"map {quoted(own)}, " + (f"mount idmapped {quoted(mount)}, " if mount != "-" else "") + \
            f"{quoted(who)}{' with CAP_DAC_OVERRIDE' if power == 'override' else ''}, file {quoted(file)}"
    return asked, f"shown {shown}, read {read}, write {write}, new {made}"


def case_of_capabilities(cells):
    ids, sets, switches, change, file, caps, since, changed, after = cells
    asked = f"{quoted(ids)} {quoted(sets)}" + (f", {switches}" if switches != "-" else "") + \
        (f", changes to {quoted(change)}" if change != "-" else "") + f", file of {file.replace(',', ', ')}" + \
        (f" with {quoted(caps)}" if caps != "-" else "") + (f" (Linux {since})" if since != "-" else "")
    said = [f"{when} {quoted(state) if ' ' in state else state}" for when, state in (("changed", changed), ("execve", after)) if state != "-"]
    return asked, ", ".join(said)


CASES = {"idmap": case_of_ids, "capabilities": case_of_capabilities}
LEGENDS = {"idmap": "*new* is the owner of a new file on disk; what two maps share stands as outside:size:inside of the first:of the second.",
           "capabilities": "Ids are real:effective:saved; sets are inheritable/permitted/effective/bounding/ambient; a file's are "
                           "permitted/inheritable/effective bit."}


def table(name):
    rows = [CASES[name](cells) for cells in rows_of(name)]
    lines = [f"| {asked} | {said} |" for asked, said in rows]
    return (f"{LEGENDS[name]}\n\n<details><summary>The {len(rows)} rows</summary>\n\n| asked | the kernel says |\n| --- | --- |\n" +
            "\n".join(lines) + "\n\n</details>")


def lay_out(site, filters):
    """Writes the pages below `site`; their menu."""
    target = site / "play"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(filters, site / ".vitepress/theme/filters.txt")
    listed = []
    for name in PAGES:
        text = (PROJECT / f"site/play/{name}.md").read_text()
        text = re.sub(r"^<!-- rows: (\w+) -->$", lambda found: table(found[1]), text, flags=re.M)
        (target / f"{name}.md").write_text(text)
        listed.append({"text": re.sub(r"^An? ", "", title_of(name)).capitalize(), "link": f"/play/{name}"})
    rows = "\n".join(f"- [{item['text']}]({item['link']}): {PAGES[item['link'].rsplit('/', 1)[1]]}" for item in listed)
    (target / "index.md").write_text("# Things to play with\n\nThey reckon as the kernel does, and are held against it: the same rows are run for real "
                                     f"by the tests. Nothing that you type leaves your browser.\n\n{rows}\n")
    return listed
