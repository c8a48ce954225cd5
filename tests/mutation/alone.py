"""A mutant that no switch turns on is built alone; and whether one makes any difference to a compiler."""
import shutil
from pathlib import Path

from slots import CPPFLAGS, PROJECT, copy_source, make, run, same
from write import planted


def plant(place, site):
    """Writes it into the place's tree: what speaks against it being a mutant, or nothing."""
    place.make_builder()
    copy_source(Path(site.file), place.tree / site.file)
    before = object_of(place, site)
    (place.tree / site.file).write_bytes(planted(site))
    if not before:
        return ""
    if not made(place, [object_name(site)]):
        return "does not compile"
    return "the same program" if same(before, place.tree / object_name(site)) else ""


def object_of(place, site):
    """What the compiler makes of the file as it is, with the flags that are used here."""
    if not site.file.endswith(".cpp"):
        return None
    before = place.root / "originals" / object_name(site)
    if not before.exists():
        (place.tree / site.file).touch()
        make(place.tree, object_name(site))
        before.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place.tree / object_name(site), before)
    return before


def made(place, targets):
    """Whether they could be; g++ 12 does not take all with a precompiled header."""
    return make(place.tree, *targets).returncode == 0 or make(place.tree, CPPFLAGS, *targets).returncode == 0


def compiles_the_same(place, site):
    """Whether a compiler that optimizes makes no difference: a value that is overwritten, a comparison that cannot be equal."""
    objects = []
    for text in ((PROJECT / site.file).read_bytes(), planted(site)) if site.file.endswith(".cpp") else ():
        (place.tree / site.file).write_bytes(text)
        if make(place.tree, CPPFLAGS, "OPT=-O2", object_name(site)).returncode != 0:
            break
        objects.append(place.root / f"optimized-{len(objects)}.o")
        run(["strip", "--strip-debug", "-o", objects[-1], place.tree / object_name(site)], check=True)
    place.restore([site.file])
    return len(objects) == 2 and same(*objects)


def object_name(site):
    return Path("build/obj", site.file).with_suffix(".o")
