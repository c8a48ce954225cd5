"""What the compiler and the linker say, as a student can use it: the first error, a missing function by its name."""
import re
import subprocess

import builder
import catalog
import desk
import regions

PROJECT = catalog.PROJECT


def explained(text):
    """Of all that was said when a program could not be built, what comes first."""
    missing = re.findall(r"undefined reference to [`'](.+?)'(?:$|;)", text, re.M)
    if missing:
        return "".join(missed(name) for name in dict.fromkeys(demangled(missing)))
    twice = re.search(r"multiple definition of [`'](.+?)'; (\S+?):", text)
    if twice:
        return f"{plain(demangled([twice[1]])[0])} is defined twice. It belongs into one file: a second one with that name and those arguments has to go.\n"
    return builder.first_error(text) + "\n"


def missed(name):
    """A function that is called and not there: where it is declared, and where its body is expected."""
    short = re.split(r"[(\[]", plain(name))[0].split("::")[-1]
    said = f"{plain(name)} is called, and defined nowhere.\n"
    for header in sorted(PROJECT.glob("chapters/*/*.hpp")) + sorted(PROJECT.glob("common/*.hpp")):
        text = regions.decoded(header.read_bytes())
        found = re.search(rf"^(?!\s*//).*\b{re.escape(short)}\(", text, re.M)
        if found:
            number = text.count("\n", 0, found.start()) + 1
            home = header.with_suffix(".cpp")
            own = desk.WORK / header.parent.name / home.name
            return said + (f"  {header.relative_to(PROJECT)}:{number} declares it; its body belongs into "
                           f"{(own if own.exists() else home).relative_to(PROJECT)}.\n"
                           "  Is it there under another name, with other arguments, or outside of `namespace tincan`?\n")
    return said


def plain(name):
    """Without what every name of the project has in front, and without the standard library's inner names."""
    return re.sub(r"(std::)(__cxx11::)?basic_string<char, std::char_traits<char>, std::allocator<char> ?>", r"\1string",
                  re.sub(r"\btincan::(\(anonymous namespace\)::)?", "", name))


def demangled(names):
    """Some linkers give the names that the compiler made of them."""
    if not any(name.startswith("_Z") for name in names):
        return names
    done = subprocess.run(["c++filt", *names], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else names
