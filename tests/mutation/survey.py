"""What judging needs to know, made once for a state of the tree and kept below build/mutation: the sites, the
programs that have them all, and which test comes past which.
"""
import hashlib
import pickle
import shutil
import threading

from tried import UNIT, Place, switched, titles_in
from slots import BUILD, PROJECT, Slot, chapter_numbers, run
from write import Combined, all_sites

KEPT = BUILD / "mutation"
PROGRAMS = KEPT / "programs"
FINDERS = ("source", "sites", "kinds", "flags", "listed", "forms", "write")
SOURCES = ("chapters/*/*.[ch]pp", "common/*.[ch]pp", "tests/unit/*", "tests/mutation/switch.?pp",
           *(f"tests/mutation/{name}.py" for name in FINDERS))
TESTS = ("tests/chapter-*.bats", "tests/support/**/*", "tests/probe/*", "tests/promises.tsv")
TOGETHER = 10  # tests, in one start of bats
SOME_TESTS = 400  # seconds for them: then something hangs


def digest(*patterns):
    made = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in PROJECT.glob(pattern) if path.is_file() and path.suffix != ".pyc"}):
        made.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return made.hexdigest()[:16]


def kept(name, state, make):
    """What `make` gave for this state of the tree, now or before."""
    path = KEPT / f"{name}.pickle"
    if path.exists():
        before, value = pickle.loads(path.read_bytes())
        if before == state:
            return value
    value = make()
    KEPT.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps((state, value)))
    return value


def sites_and_programs():
    """(all sites, the numbers of those that no program can switch on); the programs are in PROGRAMS."""
    def build():
        everything = kept("found", digest(*SOURCES), all_sites)
        print(f"{len(everything)} places where a mistake can be made; building the programs", flush=True)
        slot = Slot("all", "mutation")
        slot.make_ready()
        try:
            combined = Combined(slot, everything)
            combined.build()
        finally:
            slot.groups.empty(also_these=True)
        shutil.rmtree(PROGRAMS, ignore_errors=True)
        PROGRAMS.mkdir(parents=True)
        for name in [*(f"chapter-{number}" for number in chapter_numbers()), "unit-tests"]:
            run(["strip", "-o", PROGRAMS / name, slot.tree / "build" / name], check=True)
        return everything, combined.dropped

    return kept("sites", digest(*SOURCES), build)


# --- which test comes past which site ------------------------------------------------------------


class Coverage:
    """Runs every test of a file once, and notes what it reaches."""

    def __init__(self, place, count):
        self.place, self.count = place, count
        self.found, self.left_out = {}, []  # test -> (milliseconds, numbers); (test, why)

    def put(self):
        names = [f"chapter-{number}" for number in chapter_numbers()] + ["unit-tests"]
        self.place.put({name: switched(PROGRAMS, name, reached="/tmp/reached") for name in names})
        reached = self.place.tmp / "reached"
        reached.write_bytes(bytes(self.count))
        reached.chmod(0o666)

    def of(self, file, titles):
        self.put()
        if file == UNIT[0]:
            outcome = self.place.try_tests([UNIT], {})
            self.add(UNIT, outcome.results[UNIT[1]], (self.place.tmp / "reached").read_bytes())
            return self.found, self.left_out
        outcome = self.place.noting(file, titles, SOME_TESTS)
        for title_file in sorted((self.place.tmp / "seen").glob("*.title")):
            title = title_file.read_text()
            if title in outcome.results:
                self.add((file, title), outcome.results[title], title_file.with_suffix("").read_bytes())
        print(f"{file}: {len(self.found)} of {len(titles)} tests hold", flush=True)
        return self.found, self.left_out

    def add(self, test, result, reached):
        verdict, took = result
        if verdict == "ok":
            self.found[test] = took, [number for number, byte in enumerate(reached) if byte]
        else:
            self.left_out.append((test, verdict))


def tests(places, count, files):
    """(test -> (milliseconds, numbers), [(test, why it is left out)]) of these files, and of the unit tests."""
    waiting = [(UNIT[0], list(UNIT[1:]))]
    for file in sorted(files, reverse=True):
        titles = titles_in(file)
        waiting += [(file, titles[start:start + TOGETHER]) for start in range(0, len(titles), TOGETHER)]
    found, left_out, lock, state = {}, [], threading.Lock(), digest(*SOURCES, *TESTS)

    def work(place):
        while True:
            with lock:
                if not waiting:
                    return
                file, titles = waiting.pop(0)
            name = f"tests-{file}-{hashlib.sha256(titles[0].encode()).hexdigest()[:8]}"
            one, out = kept(name, state, lambda: Coverage(place, count).of(file, titles))
            with lock:
                found.update(one)
                left_out.extend(out)

    in_threads(work, places)
    return found, left_out


def in_threads(work, items):
    threads = [threading.Thread(target=work, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make_places(many):
    places = [Place(number + 1) for number in range(many)]
    in_threads(Place.make_ready, places)
    return places
