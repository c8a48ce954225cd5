"""What is measured: each command line, in a work directory of its own that holds what it needs.

    commands = Commands(work, build)       # makes the roots and the bundles
    for name, view, words in commands.starts(): ...

All get the same root directory, and one command that ends at once (tiny.cpp). What isolates is made
equal as far as each tool can: seven namespaces; /proc, /dev, /sys; where there are limits, 1 GiB, 64
processes, a weight of 25; where there is a filter, the same answers for the same calls.
"""
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT / "tests/support"))
import registry  # noqa: E402  the line before says where it is

CHAPTERS = ["03", "04", "05", "06", "07", "08", "09", "10"]
KEPT = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE",
        "SYS_CHROOT"]
NEW_NAMESPACES = 0x7e020000  # CLONE_NEWNS to CLONE_NEWNET


def seccomp_profile():
    """The filter of chapter 08 in the words of the OCI, out of its golden table."""
    conditional = {"clone", "socket", "socketpair", "ioctl", "personality"}
    groups = {}
    for what, _, calls in registry.rows(PROJECT / "tests/golden/seccomp-default.tsv"):
        for name, _, answer in (call.partition("=") for call in (calls.split(" ") if what == platform.machine() else ())):
            if name not in conditional and name != "?":
                groups.setdefault(answer or "allow", []).append(name)
    rules = [{"names": groups["allow"], "action": "SCMP_ACT_ALLOW"}]
    rules.append({"names": groups["EPERM"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1})

    def allow(name, *conditions):
        rules.append({"names": [name], "action": "SCMP_ACT_ALLOW",
                      "args": [{"index": i, "value": v, "op": "SCMP_CMP_EQ"} for i, v in conditions]})

    rules.append({"names": ["clone"], "action": "SCMP_ACT_ALLOW",
                  "args": [{"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]})
    for family in (1, 2, 10):
        allow("socket", (0, family))
    allow("socket", (0, 16), (2, 0))
    allow("socketpair", (0, 1))
    for persona in (0, 8, 0x20000, 0x20008, 0xffffffff):
        allow("personality", (0, persona))
    rules.append({"names": ["ioctl"], "action": "SCMP_ACT_ALLOW",
                  "args": [{"index": 1, "value": 0x5412, "op": "SCMP_CMP_NE"}]})
    return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
            "architectures": ["SCMP_ARCH_X86_64" if platform.machine() == "x86_64" else "SCMP_ARCH_AARCH64"],
            "syscalls": rules}


def equal_bundle(root, arguments, memory=1 << 30, seccomp=True):
    """config.json for a container that is like chapter 10's."""
    capabilities = ["CAP_" + name for name in KEPT]
    quiet = ["nosuid", "noexec", "nodev"]
    config = {
        "ociVersion": "1.0.2",
        "hostname": "bench",
        "root": {"path": str(root)},
        "process": {"user": {"uid": 0, "gid": 0}, "args": arguments, "cwd": "/", "noNewPrivileges": True,
                    "env": ["PATH=/usr/bin:/bin", "HOME=/root"],
                    "capabilities": {set_: capabilities for set_ in ("bounding", "effective", "permitted")},
                    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}]},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": quiet},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [*quiet, "mode=1777", "size=64m"]},
            {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": quiet},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*quiet, "ro"]}],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount", "cgroup", "user")],
            "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
            "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
            "resources": {"memory": {"limit": memory, "swap": memory}, "pids": {"limit": 64}, "cpu": {"shares": 256}}}}
    if seccomp:
        config["linux"]["seccomp"] = seccomp_profile()
    return config


class Commands:
    def __init__(self, work, build):
        self.work, self.build = work, build
        # The launchers want a root that other users cannot reach; a runtime's container, which is
        # another user, has to reach it: so there are two copies.
        self.closed, self.open = work / "closed/root", work / "open/root"
        (work / "closed").mkdir(mode=0o700)
        (work / "open").mkdir(mode=0o755)
        for root in (self.closed, self.open):
            shutil.copytree(PROJECT / "build/root", root, symlinks=True)
            shutil.copy(build / "bench/tiny", root / "bin/tiny")
        self.tools = {tool: shutil.which(tool) for tool in ("unshare", "bwrap", "crun", "runc") if shutil.which(tool)}

    def bundle(self, name, config):
        directory = self.work / "bundles" / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "config.json").write_text(json.dumps(config))
        return directory

    def as_spec_writes_it(self, runtime):
        directory = self.work / "bundles" / f"{runtime}-spec"
        directory.mkdir(parents=True)
        subprocess.run([self.tools[runtime], "spec"], cwd=directory, check=True)
        config = json.loads((directory / "config.json").read_text())
        config["process"].update(terminal=False, args=["/bin/tiny"])
        config["root"] = {"path": str(self.open), "readonly": True}
        (directory / "config.json").write_text(json.dumps(config))
        return directory

    def launch(self, number, *options, arguments=("/bin/tiny",)):
        root = [] if number in ("03", "04") else ["-m", self.closed]
        command = [self.build / "bench/tiny", *arguments[1:]] if not root else arguments
        return ["host", self.build / f"chapter-{number}", *root, *options, "--", *command]

    def oci(self, runtime, bundle):
        """crun refuses hybrid hosts; where the unified tree is not to be seen it takes the host for v1."""
        view = "v1" if runtime == "crun" else "host"
        return [view, self.tools[runtime], "--root", self.work / "state", "run", "--bundle", bundle, self.work.name + "-{n}"]

    def bwrap(self):
        unshare = [f"--unshare-{kind}" for kind in ("user", "pid", "net", "ipc", "uts", "cgroup")]
        return ["host", self.tools["bwrap"], *unshare, "--hostname", "bench", "--uid", "0", "--gid", "0",
                "--bind", self.open, "/", "--proc", "/proc", "--dev", "/dev", "--mqueue", "/dev/mqueue",
                "--ro-bind", "/sys", "/sys", "--new-session", "--die-with-parent", "--cap-drop", "ALL", "/bin/tiny"]

    def starts(self):
        """(name, view and words): what is started again and again."""
        bench = self.build / "bench"
        yield "fork and exec", ["host", bench / "tiny"]
        yield "the floor", ["host", bench / "floor", self.open, "/bin/tiny"]
        for number in CHAPTERS:
            yield f"chapter-{number}", self.launch(number)
        yield "chapter-10, no filter", self.launch("10", "--seccomp", "none")
        yield "chapter-10, no filter, no limits", self.launch("10", "--seccomp", "none", "--no-limits")
        if "unshare" in self.tools:
            yield "unshare", ["host", self.tools["unshare"], "-muipnUCf", "--map-root-user", "-R", self.open,
                              "--mount-proc", "/bin/tiny"]
        if "bwrap" in self.tools:
            yield "bwrap, no filter", self.bwrap()
        for runtime in ("crun", "runc"):
            if runtime in self.tools:
                for name, filtered in (("", True), (", no filter", False)):
                    bundle = self.bundle(f"{runtime}-{filtered}", equal_bundle(self.open, ["/bin/tiny"], seccomp=filtered))
                    yield runtime + name, self.oci(runtime, bundle)
                yield f"{runtime}, as its spec writes it", self.oci(runtime, self.as_spec_writes_it(runtime))

    def together(self):
        yield "the floor", ["host", self.build / "bench/floor", self.open, "/bin/tiny"]
        yield "chapter-10", self.launch("10")
        if "crun" in self.tools:
            yield "crun", self.oci("crun", self.bundle("crun-True", equal_bundle(self.open, ["/bin/tiny"])))

    def among_mounts(self):
        yield from self.together()
        if "bwrap" in self.tools:
            yield "bwrap, no filter", self.bwrap()

    def held(self):
        """The same, alive until told to end."""
        yield "chapter-10", self.launch("10", arguments=("/bin/tiny", "hold"))
        if "crun" in self.tools:
            yield "crun", self.oci("crun", self.bundle("crun-held", equal_bundle(self.open, ["/bin/tiny", "hold"])))

    def limited(self, name, memory):
        """The same with less memory (bytes)."""
        if name == "chapter-10":
            return self.launch("10", "--memory", str(memory))
        return self.oci("crun", self.bundle(f"crun-{memory}", equal_bundle(self.open, ["/bin/tiny"], memory=memory)))
