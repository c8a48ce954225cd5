#!/bin/sh
# Makes a small root directory to run containers in: busybox, its links, and the mount points that a
# container needs. Usage: make-root.sh DIR
# With BUSYBOX=FILE it is made for another processor: FILE goes in, and has the names that ours has.
#
# DIR is a link into a directory that is closed to other users (mode 0700): what a container's root
# writes can belong to the host's root on disk, and a set-uid file made inside must be out of the
# reach of others on this host.
set -eu
# Whoever is somebody else inside has to get at it, whatever the umask here.
umask 022

root=$1
closed=$(dirname "$root")/closed
busybox=$(command -v busybox) || {
  echo "make-root.sh: no busybox here: make deps (Debian's busybox-static)" >&2
  exit 1
}

inside=$(readlink -f "${BUSYBOX:-$busybox}")

mkdir -p "$closed"
chmod 700 "$closed"
real=$closed/$(basename "$root")
rm -rf "$real.new"
mkdir -m 755 "$real.new"
cd "$real.new"
mkdir -p bin dev etc home lib lib64 mnt proc root sbin sys usr/bin usr/sbin var
mkdir -m 1777 tmp
chmod 700 root
# Files can be mounted only on files: here the tests put their probe.
: >probe

cp "$inside" bin/busybox
for name in $("$busybox" --list); do
  [ "$name" = busybox ] || ln -s /bin/busybox "bin/$name"
done

echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false' >etc/passwd
echo 'root:x:0:
tty:x:5:
nogroup:x:65534:' >etc/group
echo 'A tin can: what is in here is all there is.' >etc/motd

cd - >/dev/null
rm -rf "$root" "$real"
mv "$real.new" "$real"
ln -s "closed/$(basename "$root")" "$root"
