"""The system calls that the calculators' rows take and Python 3.11 does not have."""
import ctypes
import os
import signal
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
OPEN_TREE, MOUNT_SETATTR = 428, 442  # the same on all architectures
OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC = 1, os.O_CLOEXEC
AT_FDCWD, AT_EMPTY_PATH = -100, 0x1000
MOUNT_ATTR_IDMAP = 0x100000
CAPSET_VERSION = 0x20080522
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECUREBITS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 8, 28, 23, 24, 38, 47
PR_CAP_AMBIENT_RAISE = 2
NO_SETUID_FIXUP = 1 << 2


def call(name, *arguments):
    """A function of the C library; OSError where it returns -1."""
    # Variadic functions take whole registers: an int alone would leave the upper half open.
    whole = [ctypes.c_long(it) if isinstance(it, int) else it for it in arguments]
    result = getattr(LIBC, name)(*whole)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def unshare(flags):
    call("unshare", flags)


def open_tree(directory):
    """A mount of its own of a directory, attached nowhere."""
    return call("syscall", OPEN_TREE, AT_FDCWD, os.fsencode(directory), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)


def idmap_mount(tree, namespace):
    attributes = struct.pack("QQQQ", MOUNT_ATTR_IDMAP, 0, 0, namespace)
    call("syscall", MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, attributes, len(attributes))


def capset(effective, permitted, inheritable):
    header = struct.pack("Ii", CAPSET_VERSION, 0)
    data = b"".join(struct.pack("III", *((mask >> shift) & 0xffffffff for mask in (effective, permitted, inheritable)))
                    for shift in (0, 32))
    call("capset", header, data)


def set_file_capabilities(path, permitted, inheritable, effective):
    """As setcap(8) stores them, in version 2 of the attribute."""
    words = [0x02000000 | int(effective)]
    for shift in (0, 32):
        words += [(permitted >> shift) & 0xffffffff, (inheritable >> shift) & 0xffffffff]
    os.setxattr(path, "security.capability", struct.pack("<5I", *words))


def in_child(work):
    """What work(descriptor) writes there, or returns, from a child that may do to itself what cannot be undone."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            text = work(writer) or ""
        except BaseException as problem:  # pylint: disable=broad-exception-caught
            text = f"FAILED {problem!r}"
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


class UserNamespace:
    """A user namespace with a map, held by a process that waits. Used by `with`."""

    def __init__(self, map_text):
        self.map_text, self.pid, self.descriptor = map_text, 0, -1

    def __enter__(self):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            unshare(CLONE_NEWUSER)
            os.write(writer, b"x")
            signal.pause()
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        try:
            for name in ("uid_map", "gid_map"):
                self.write(name)
            self.descriptor = os.open(f"/proc/{self.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.__exit__()
            raise
        return self

    def write(self, name):
        text = "".join(line.replace(":", " ") + "\n" for line in self.map_text.split(","))
        # One write: the kernel takes a map whole.
        descriptor = os.open(f"/proc/{self.pid}/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    def enter(self):
        call("setns", self.descriptor, CLONE_NEWUSER)

    def __exit__(self, *_):
        if self.descriptor >= 0:
            os.close(self.descriptor)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
