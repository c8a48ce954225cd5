"""What was measured, as tables for a terminal and for docs/benchmarks.md, and as a plot.

The page is written by people; between <!-- measured: NAME --> and <!-- end --> stands what write_page()
puts there.
"""
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "site"))
from svg import BLUE, CLAY, INK, drawing, rect, text  # noqa: E402  the module is the site's

PAGE = PROJECT / "docs/benchmarks.md"
PLOT = PROJECT / "docs/pictures/benchmarks.svg"

CAUSES = {
    "chapter-03": "a C++ program is loaded, reads its options, and forks: page faults, and a copy of the page tables",
    "chapter-04": "clone3 makes the namespaces; most of it is the network's, which gets some hundred sysctl files and a loopback device, and of the loopback's coming up",
    "chapter-05": "six file systems and six device nodes are mounted, the root is exchanged; letting the old one go waits until no processor can be walking through it (RCU)",
    "chapter-06": "a seventh namespace, two maps to write, and an idmapped mount",
    "chapter-07": "some 250 prctl calls: the bounding set shrinks bit by bit, and every set is read back",
    "chapter-08": "some four hundred names are looked up and made a program of some 350 instructions, which the kernel checks and translates for the processor",
    "chapter-09": "a group in each hierarchy, with one in it, eight directories in all where controllers are on v1; their files, and the guard's two forks; and at the end all of it is removed before the launcher ends",
    "chapter-10": "one more fork, for the command's init, and one more process to wait for",
}


def table(head, rows, texts=(0,)):
    """Markdown, in columns: fit for a terminal too. Numbers stand to the right; `texts`: the columns of words."""
    cells = [head, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        return "| " + " | ".join(cell.ljust(width) if i in texts else cell.rjust(width)
                                 for i, (cell, width) in enumerate(zip(row, widths))) + " |"

    rule = "| " + " | ".join("-" * width if i in texts else "-" * (width - 1) + ":" for i, width in enumerate(widths)) + " |"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def host(result):
    of = result["host"]
    tools = ", ".join(f"{tool} {version}" for tool, version in result["versions"].items())
    return (f"Linux {of['kernel']} on {of['machine']}, {of['processors']} processors ({of['processor']}), "
            f"{of['memory_mib']} MiB, control groups {of['cgroups']}; {tools}; {result['rounds']} rounds; "
            f"load before the first: {of['load']:.1f}.")


def starts(result):
    head = ["what is started", "median ms", "p10 ms", "p90 ms", "cpu ms", "peak KiB", "of the floor", "of crun"]
    return table(head, [[row["name"], f"{row['wall_ms']:.2f}", f"{row['p10_ms']:.2f}", f"{row['p90_ms']:.2f}",
                         f"{row['cpu_ms']:.2f}", row["peak_kib"], f"{row.get('to_floor', 0):.2f}",
                         f"{row['to_crun']:.2f}" if "to_crun" in row else ""] for row in result["starts"]])


def goals(result):
    """What was aimed at, and what came out: by medians, and in the quiet moments of a shared machine."""
    by_name = {row["name"]: row for row in result["starts"]}
    rows = []
    for one, other, most in (("chapter-10", "crun", 0.65), ("chapter-10, no filter", "crun, no filter", 0.5),
                             ("chapter-10, no filter", "bwrap, no filter", 1),
                             ("chapter-10, no filter, no limits", "bwrap, no filter", 1), ("chapter-10", "the floor", 1.8)):
        if one in by_name and other in by_name:
            median, quiet = (by_name[one][figure] / by_name[other][figure] for figure in ("wall_ms", "p10_ms"))
            rows.append([f"{one}: of {other}", most, f"{median:.2f}", f"{quiet:.2f}"])
    rows.append(["chapter-10: KiB at the peak", 2048, by_name["chapter-10"]["peak_kib"], ""])
    least = result["least_memory_kib"]
    if "crun" in least:
        rows.append(["chapter-10: KiB of memory limit above crun's", 512, least["chapter-10"] - least["crun"], ""])
    return table(["goal", "at most", "median", "p10"], rows)


def steps(result):
    """What each chapter takes above the one before, in quiet moments, and what the kernel does for it."""
    quiet = {row["name"]: row["p10_ms"] for row in result["starts"]}
    rows, before = [], quiet["fork and exec"]
    for name, cause in CAUSES.items():
        rows.append([name, f"{quiet[name] - before:+.2f}", cause])
        before = quiet[name]
    return table(["chapter", "ms more", "what for"], rows, texts=(0, 2))


def many(result):
    of = result["sequence"]
    lines = [f"{of['count']} starts of chapter-10 one after the other take {of['all_s']:.1f} s; the first hundred "
             f"{of['first_ms']:.2f} ms each, the last hundred {of['last_ms']:.2f} ms (medians).", ""]
    lines.append(table(["at once", "count", "all ended after ms", "median ms"],
                       [[row["name"], row["count"], f"{row['all_ms']:.0f}", f"{row['median_ms']:.0f}"]
                        for row in result["together"]]))
    lines += ["", table(["alive together", "count", "first 20: ms to run", "last 20: ms", "KiB of processes, each",
                         "KiB of the host, each"],
                        [[row["name"], row["count"], f"{row['first_ms']:.2f}", f"{row['last_ms']:.2f}",
                          row["processes_kib"], row["host_kib"]] for row in result["alive"]])]
    left = result["left_behind"]
    lines += ["", "Left behind by all of it: " + (", ".join(left) if left else "nothing") + "."]
    return "\n".join(lines)


def mounts(result):
    names = list(result["mounts"][0]["wall_ms"])
    return table(["mounts more on the host", *[f"{name}, ms" for name in names]],
                 [[row["mounts"], *[f"{row['wall_ms'][name]:.2f}" for name in names]] for row in result["mounts"]])


def memory(result):
    return table(["least memory limit that the command runs with", "KiB"], sorted(result["least_memory_kib"].items()))


def flags(result):
    """What was typed for each, in full."""
    return "```\n" + "\n".join(f"{name}:\n  {words}" for name, words in result["commands"].items()) + "\n```"


BLOCKS = {"host": host, "starts": starts, "goals": goals, "steps": steps, "many": many, "mounts": mounts, "memory": memory, "flags": flags}


def show(result):
    return "\n\n".join(BLOCKS[name](result) for name in ("host", "starts", "goals", "many", "mounts", "memory"))


def plot(result):
    """One bar a row, the median, with its name above it. runc, ten times as long, would make all others one length."""
    rows = [row for row in result["starts"] if not row["name"].startswith("runc")]
    most = max(row["wall_ms"] for row in rows)
    out = [text(12, 28, "From spawn to reap", 16, INK, font_weight=700), text(12, 48, "milliseconds, the median")]
    for i, row in enumerate(rows):
        top = 76 + 36 * i
        ours = row["name"].startswith("chapter")
        out += [text(12, top, row["name"], 12.5, INK), text(328, top, f"{row['wall_ms']:.2f}", 12.5, INK, text_anchor="end"),
                rect(12, top + 5, round(316 * row["wall_ms"] / most, 1), 10, BLUE if ours else CLAY)]
    said = "; ".join(f"{row['name']} {row['wall_ms']:.2f}" for row in rows)
    return drawing("Milliseconds from spawn to reap, medians", f"In milliseconds: {said}.", [[(340, 72 + 36 * len(rows), out)]])


def write_page(result):
    text = PAGE.read_text()
    for name, block in BLOCKS.items():
        marked = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.S)
        text, found = marked.subn(lambda match, made=block(result): f"{match[1]}\n{made}\n\n{match[2]}", text)
        if found != 1:
            raise SystemExit(f"bench: {PAGE} has no place for '{name}'")
    PAGE.write_text(text)
    PLOT.write_text(plot(result))
