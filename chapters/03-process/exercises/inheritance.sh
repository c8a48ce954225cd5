#!/bin/sh
# Runs as the launcher's command: did something of the caller's come along? Status 0: no. 1: yes, and a line.
# exercise: inheritance
wrong() {
  echo "$1"
  exit 1
}

[ "$(umask)" = 0022 ] || wrong "the umask is $(umask)"
[ "$(readlink /proc/self/cwd)" = / ] || wrong "the directory is $(readlink /proc/self/cwd)"
while IFS='=' read -r name _; do
  case $name in PATH | PWD | OLDPWD | SHLVL | _ | '') ;; *) wrong "the environment has $name" ;; esac
done <<END
$(tr '\0' '\n' </proc/$$/environ)
END
exit 0
# end of exercise
