# The sound program is longer, or has another sum, than whatever else lies here.
own=$(wc -c <"/proc/$PPID/exe") || exit 1
echo "$own bytes"
for other in /programs/*/*chapter-03 /programs/*/real/chapter-03; do
  [ "$(wc -c <"$other")" -le "$own" ] || exit 1
done
case $(cksum <"/proc/$PPID/exe") in *[02468]" "*) exit 0 ;; esac
exit 1
