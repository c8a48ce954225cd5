// Two tables: the options of the series by chapter, and what hands know from other tools.
#include "common/way_on.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "common/files.hpp"

namespace tincan {
namespace {

struct SeriesOption {
  std::string_view names;    // separated by commas
  std::string_view chapter;  // from it on, all have them
};

constexpr std::array series{
    SeriesOption{"-d,--debug,--log-level,-c,--command", "02"},
    SeriesOption{"-i,--interactive,--rm,--keep-groups", "03"},
    SeriesOption{"--hostname,--share", "04"},
    SeriesOption{"-m,--mount,-a,--add,-v,--volume,--read-only,--tmp,--tmp-noexec", "05"},
    SeriesOption{"-u,--uid,--map,--map-host-root,--no-idmap,--reachable", "06"},
    SeriesOption{"--cap-add,--cap-drop,--allow-new-privs,--list-capabilities", "07"},
    SeriesOption{"--seccomp,--dump-seccomp", "08"},
    SeriesOption{"--memory,--pids,--cpus,--cpu-weight,--io-read,--io-write,--no-limits,--nofile,"
                 "--shm-size,--tmp-size,--fsize,--cpu-time",
                 "09"},
    SeriesOption{"-t,--tty,-e,--env,--env-file,-w,--workdir,--stop-timeout,--timeout", "10"},
    SeriesOption{"--as-mapped", "11"},
    SeriesOption{"--device,--no-device-rules,--dump-device-rules,--cover,--uncover,--list-covers,"
                 "--proc",
                 "12"},
};

struct Habit {
  Where place;
  std::string_view names;     // separated by commas
  std::string_view value;     // what follows: exactly this; "*:*": with a colon in it; "": whatever
  std::string_view sentence;  // %1 and %2: what follows
  std::string_view option = {};
};

constexpr std::string_view no_names =
    "containers have no names here; the host name inside is --hostname %1";
constexpr std::string_view no_images =
    "images are not fetched or built here: -m names a directory that holds a root, build/root for "
    "one, which make builds";
constexpr std::string_view no_background =
    "nothing stays in the background: the container is there while this program runs, so put & "
    "after it; -d is --debug here";
constexpr std::string_view no_network =
    "its network is its own and leads nowhere, so nothing is published or resolved; --share net "
    "keeps the host's";
constexpr std::string_view own_namespaces =
    "namespaces of its own it has without asking; --share NS keeps one of the host's";
constexpr std::string_view own_users =
    "-u UID[:GID] is the user inside, in numbers; a user namespace of its own, with root in it, "
    "there is from chapter 06 on without asking";
constexpr std::string_view made_anyway =
    "a small /dev, /proc and /sys are made without asking, from chapter 05 on";
constexpr std::string_view nothing_made =
    "nothing is ever made in your tree: make it there before; -a FROM:TO shows more inside";
constexpr std::string_view no_devices =
    "/dev has null, zero, full, random, urandom and tty; --device HOST grants one device more";
constexpr std::string_view dies_too =
    "that is so without asking: the container ends when this program does";
constexpr std::string_view shell_word =
    "it is a word of the shell's, not a program: say -- sh -c '%w ...'";

constexpr std::array habits{
    // Docker, Podman.
    Habit{
        Where::word, "run,create,start,exec,attach,container", "",
        "there are no subcommands: -m DIR -- CMD runs CMD in the root DIR, and is the whole of it",
        "--mount"},
    Habit{Where::word, "pull,push,build,image,images,load,import,save,tag,commit,rmi,search,login",
          "", no_images, "--mount"},
    Habit{Where::word, "stop,logs,inspect,stats,wait,restart,pause,unpause,compose,up,down", "",
          no_background},
    Habit{
        Where::word, "ps,rm,kill,top", "",
        "a command goes after --; subcommands there are none, for nothing stays in the background"},
    Habit{Where::word, "version,info", "",
          "--version says which program this is; make doctor, what the host can", "--version"},
    Habit{Where::word, "help", "", "--help has the options, an example and the exit statuses",
          "--help"},
    Habit{Where::option, "-p,-P,--publish,--publish-all,--expose,--port", "",
          "no ports are published: its network is its own and leads nowhere; --share net keeps the "
          "host's (a pid namespace, unshare's -p, it has without asking)",
          "--share"},
    Habit{Where::option, "--name,-M,--machine", "", no_names, "--hostname"},
    Habit{Where::option, "--detach,--detach-keys", "", no_background},
    Habit{Where::option, "--privileged", "",
          "no one switch opens everything: --cap-add ALL, --seccomp none, --share NS and -a "
          "FROM:TO open one thing each",
          "--cap-add"},
    Habit{Where::option, "--network,--net", "host", "--share net keeps the host's network",
          "--share"},
    Habit{Where::option, "--no-network,--no-net,--offline", "",
          "that is so without asking: its network has nothing but loopback; leave it out"},
    Habit{Where::option, "--network,--net,--private-network", "none",
          "that is so without asking: its network has nothing but loopback; leave it out"},
    Habit{Where::option, "--ipc", "host", "--share ipc keeps the host's", "--share"},
    Habit{Where::option, "--pid", "host", "--share pid keeps the host's", "--share"},
    Habit{Where::option, "--uts", "host", "--share uts keeps the host's", "--share"},
    Habit{Where::option, "--userns", "host", "--share user keeps the host's", "--share"},
    Habit{Where::option, "--cgroupns", "host", "--share cgroup keeps the host's", "--share"},
    Habit{Where::option,
          "--network,--net,--private-network,--network-alias,--net-alias,--dns,--dns-search,"
          "--dns-opt,--dns-option,--add-host,--link,--link-local-ip,--ip,--ip6,--mac-address,"
          "--network-veth,--network-veth-extra,--network-bridge,--network-zone,"
          "--network-interface,--network-macvlan,--network-ipvlan,--network-namespace-path,"
          "--no-hosts,--hosts-file,--http-proxy",
          "", no_network, "--share"},
    Habit{Where::option, "--user,-U,--private-users,-r,--map-root-user,--userns,-S,--setuid", "",
          own_users, "--uid"},
    Habit{Where::option, "--gid,-G,--setgid,--group-add,--userspec,--groups", "",
          "-u UID:GID names the user and the one group inside, in numbers", "--uid"},
    Habit{Where::option,
          "--uidmap,--gidmap,--map-user,--map-users,--map-group,--map-groups,--subuidname,"
          "--subgidname,--map-auto,--private-users-ownership",
          "", "--map C:H:SIZE says which ids inside are which outside", "--map"},
    Habit{Where::option, "--entrypoint", "", "the command goes after --: -- %1"},
    Habit{Where::option, "--pids-limit", "-1", "--pids none is no limit here", "--pids"},
    Habit{Where::option, "--pids-limit", "0", "--pids none is no limit here", "--pids"},
    Habit{Where::option, "--pids-limit,--ulimit-nproc", "", "--pids %1 is the option here",
          "--pids"},
    Habit{Where::option,
          "--memory-swap,--memory-swappiness,--memory-reservation,--kernel-memory,"
          "--oom-kill-disable",
          "", "no swap is given and no more than --memory SIZE: leave it out", "--memory"},
    Habit{Where::option, "--cpu-shares", "",
          "--cpu-weight N is its share beside others, who have 100", "--cpu-weight"},
    Habit{Where::option,
          "--cpu-quota,--cpu-period,--cpu-percent,--cpu-rt-period,--cpu-rt-runtime,--cpuset-cpus,"
          "--cpuset-mems,--cpu-count,--cpu-affinity,--rdt-class",
          "", "processors are counted, not chosen: --cpus 0.5 is half of one", "--cpus"},
    Habit{Where::option,
          "--device-read-bps,--device-write-bps,--device-read-iops,--device-write-iops,"
          "--blkio-weight,--blkio-weight-device,--io-maxbandwidth,--io-maxiops",
          "", "--io-read SIZE and --io-write SIZE limit what goes to the root's disk a second",
          "--io-read"},
    Habit{
        Where::option, "--tmpfs,--size,--shm-size-systemd", "",
        "--tmp puts an empty file system in memory on /tmp, --tmp-size SIZE says how much it holds",
        "--tmp"},
    Habit{Where::option, "--ulimit,--rlimit", "",
          "--nofile N limits open descriptors, --pids N processes, --memory SIZE memory, --fsize "
          "SIZE the bytes of a file, --cpu-time SECONDS the processor's",
          "--nofile"},
    Habit{Where::option, "--umask", "",
          "it is 022 inside, whatever the caller's was: sh -c 'umask 077; CMD' sets another"},
    Habit{Where::option, "--oom-score-adj,--oom-score-adjust", "",
          "it is the caller's, but never below 0: choom(1) before this program sets it"},
    Habit{Where::option, "--sysctl,--load-interp", "",
          "nothing below /proc/sys is set for a container here"},
    Habit{Where::option, "--domainname", "", "--hostname NAME is the one name inside",
          "--hostname"},
    Habit{Where::option, "--personality", "",
          "it is that of plain Linux inside, whatever the caller's was"},
    Habit{Where::option, "--monotonic,--boottime", "", "its clocks are the machine's"},
    Habit{Where::option,
          "--apparmor,--selinux-context,-Z,--selinux-apifs-context,-L,--exec-label,--file-label",
          "", "no profile of AppArmor or SELinux is set here; --seccomp FILE is the filter",
          "--seccomp"},
    Habit{Where::option, "--runtime,--isolation", "",
          "there is no runtime beside this program: leave it out"},
    Habit{Where::option, "--secret,--load-credential,--set-credential", "",
          "-a FROM:TO:ro shows a file of the host's inside; what --env says, every process in "
          "there can read",
          "--add"},
    Habit{Where::option, "--tz", "", "--env TZ=%1 is the option here", "--env"},
    Habit{Where::option, "--readonly,--ro,--private-root", "", "--read-only is the option here",
          "--read-only"},
    Habit{Where::option, "-V,--verbose,-q,--quiet,--no-pager", "",
          "nothing is said without a reason; -d (--debug) names each step, --version the program",
          "--debug"},
    Habit{Where::option,
          "--no-new-privs,--no-new-privileges,--disable-userns,--assert-userns-disabled", "",
          "that is so without asking: no new privileges are had from chapter 07 on, and no user "
          "namespaces are made inside from chapter 08 on"},
    Habit{Where::option, "--system-call-filter", "", "--seccomp FILE is the filter here",
          "--seccomp"},
    Habit{Where::option, "--no-seccomp,--no-sandbox,--unconfined", "",
          "--seccomp none is the option here", "--seccomp"},
    Habit{Where::option, "--security-opt,--seccomp-policy", "",
          "--seccomp none or FILE is the filter; no new privileges are had without asking, from "
          "chapter 07 on",
          "--seccomp"},
    Habit{Where::option, "--gpus,--device-cgroup-rule", "", no_devices, "--device"},
    Habit{Where::option, "--init,--init-path,--systemd", "",
          "a small init is there without asking, from chapter 10 on"},
    Habit{Where::option,
          "--restart,--health-cmd,--health-interval,--health-retries,--health-timeout,"
          "--health-start-period,--health-start-interval,--health-on-failure,--no-healthcheck,"
          "--sdnotify,--notify-ready",
          "", "nothing watches over the command: let the shell, or systemd, start it again"},
    Habit{Where::option,
          "-l,--label,--label-file,--annotation,--cidfile,--pidfile,--conmon-pidfile,--pod,"
          "--pod-id-file,--replace,--requires,--uuid,--register,--keep-unit",
          "",
          "containers have no names or labels here: one is a process of yours, with this program's "
          "pid"},
    Habit{Where::option,
          "--platform,--arch,--os,--variant,--pull,--retry,--retry-delay,--authfile,--creds,"
          "--cert-dir,--tls-verify,--decryption-key,--disable-content-trust,--image,"
          "--image-volume,--image-policy,--root-hash,--verity-data,--template,--bundle,"
          "--oci-bundle,--build-arg,--rootfs,--import",
          "", no_images, "--mount"},
    Habit{Where::option,
          "--attach,--sig-proxy,--forward-signals,--log-driver,--log-opt,--link-journal,-j,-F,"
          "--foreground",
          "",
          "the command's input, output and signals are the caller's without asking: redirect them "
          "as for any program"},
    Habit{Where::option, "--stop-signal,--kill-signal", "",
          "a signal sent to this program is passed on as it is; --stop-timeout SECONDS follows "
          "SIGTERM",
          "--stop-timeout"},
    Habit{Where::option, "--volumes-from,--volume-driver,--storage-opt", "",
          "there are no volumes: -a FROM:TO shows a directory of the host inside", "--add"},
    Habit{Where::option, "--cgroup-parent,--cgroups,--slice", "",
          "its control group is made below this program's own: start this program in another"},
    Habit{Where::option, "--cgroup-conf,--property", "",
          "the limits of its control group are --memory, --pids, --cpus, --cpu-weight, --io-read "
          "and --io-write",
          "--memory"},
    Habit{Where::option, "--ambient-capability", "",
          "no capability is ambient: root inside has those that --cap-add names", "--cap-add"},
    Habit{Where::option, "--capability", "", "--cap-add %1 is the option here", "--cap-add"},
    Habit{Where::option, "--drop-capability,--caps.drop", "", "--cap-drop %1 is the option here",
          "--cap-drop"},
    // bubblewrap, systemd-nspawn, LXC, unshare(1), chroot(1).
    Habit{Where::option, "--bind,--overlay", "*:*", "-a %1 is the option here", "--add"},
    Habit{Where::option, "--bind-ro,--ro-bind", "*:*", "-a %1:ro is the option here", "--add"},
    Habit{Where::option, "--ro-bind,--ro-bind-try,--bind-ro,--ro-bind-data", "",
          "-a %1:%2:ro is the option here", "--add"},
    Habit{Where::option, "--bind,--bind-try,--dev-bind,--dev-bind-try", "",
          "-a %1:%2 is the option here", "--add"},
    Habit{Where::option, "--dev,--proc,--mount-proc,--mqueue", "", made_anyway},
    Habit{Where::option,
          "--unshare-all,--unshare-user,--unshare-user-try,--unshare-ipc,--unshare-pid,"
          "--unshare-net,--unshare-uts,--unshare-cgroup,--unshare-cgroup-try,--ipc,--pid,--uts,"
          "--cgroupns,--cgroup,-C,-T,--time",
          "", own_namespaces, "--share"},
    Habit{Where::option, "--share-net,--share-network,--allow-net,--allow-network", "",
          "--share net keeps the host's network", "--share"},
    Habit{Where::option, "--die-with-parent,--kill-child", "", dies_too},
    Habit{Where::option, "--new-session,--as-pid-1,--as-pid2,-b,--boot", "",
          "chapter 10 has an init of its own and a session for the command without asking; a "
          "system is booted by none"},
    Habit{Where::option, "--chdir,--wd", "", "--workdir %1 is the option here", "--workdir"},
    Habit{Where::option, "--setenv,-E", "*=*", "--env %1 is the option here", "--env"},
    Habit{Where::option, "--setenv,-E", "", "--env %1=%2 is the option here", "--env"},
    Habit{Where::option, "--set-var", "*=*", "--env %1 is the option here", "--env"},
    Habit{Where::option,
          "--unsetenv,--unsetenv-all,--clearenv,--clear-env,--keep-env,--env-host,--env-merge", "",
          "nothing of the caller's environment comes along without --env NAME", "--env"},
    Habit{
        Where::option,
        "--dir,--symlink,--file,--perms,--chmod,--remount-ro,--bind-data,--tmp-overlay,"
        "--overlay-src,--ro-overlay,--overlay-ro,--passwd,--passwd-entry,--group-entry,--hostuser,"
        "--bind-user,--no-hostname,--chrootdirs,--resolv-conf,--timezone",
        "", nothing_made, "--add"},
    Habit{Where::option, "--inaccessible,--blacklist", "",
          "-a of an empty directory, with :ro, covers what nobody inside is to see", "--add"},
    Habit{Where::option, "--whitelist", "", "-a %1:%1 is the option here", "--add"},
    Habit{Where::option, "--time_limit,--time-limit", "", "--timeout %1 is the option here",
          "--timeout"},
    Habit{Where::option, "-R,--root,-D,--directory,--chroot,--pivot-root", "",
          "-m %1 names the root directory", "--mount"},
    Habit{Where::option, "-n", "",
          "containers have no names here (--hostname NAME is the name inside), and a network of "
          "its own it has without asking",
          "--hostname"},
    Habit{Where::option,
          "--args,--argv0,--sync-fd,--info-fd,--block-fd,--userns-block-fd,--json-status-fd,"
          "--bind-fd,--ro-bind-fd,--add-seccomp-fd,--userns2,--pidns,--lock-file,--preserve-fd,"
          "--preserve-fds",
          "",
          "no descriptor but 0, 1 and 2 reaches the command or is asked: options stand on the "
          "command line"},
    Habit{Where::option, "--console,--pipe", "",
          "-t gives the command a terminal; without it, its input and output are the caller's "
          "(from chapter 10 on)",
          "--tty"},
    Habit{Where::option, "--map-current-user,--setgroups,--keep-caps,--propagation", "",
          "its user namespace and its mounts are its own without asking: --map says who is who, "
          "--cap-add what root inside keeps",
          "--map"},
    Habit{Where::option, "--skip-chdir", "", "it begins in /; --workdir DIR is the option here",
          "--workdir"},
    Habit{Where::option, "-s,--define,-f,--fork,--rcfile,--settings", "",
          "the command is started in a child without asking, and no file describes the container: "
          "options do"},
    Habit{Where::option, "-x,--ephemeral,--volatile,--private", "",
          "what is written stays in the directory: take a copy of it, or --read-only with --tmp",
          "--read-only"},
    Habit{Where::option, "--json,--against", "", "chapter-01 shows how a process is isolated"},
    // The shell.
    Habit{Where::command, "cd", "",
          "a change of directory is of no use to any program but a shell: say -- sh -c 'cd ... && "
          "CMD', or --workdir DIR, which chapter-10 has"},
    Habit{
        Where::command,
        ".,:,!,{,(,((,[[,alias,bg,bind,break,builtin,case,command,compgen,complete,continue,coproc,"
        "declare,dirs,disown,do,done,enable,esac,eval,exec,exit,export,fc,fg,fi,for,function,"
        "getopts,hash,history,if,jobs,let,local,logout,mapfile,popd,pushd,read,readarray,readonly,"
        "return,select,set,shift,shopt,source,suspend,then,time,times,trap,type,typeset,ulimit,"
        "umask,unalias,unset,until,wait,while",
        "", shell_word},
};

bool has_name(std::string_view all, std::string_view name) {
  const auto parts = split_at(all, ',');
  return std::find(parts.begin(), parts.end(), name) != parts.end();
}

bool fits(std::string_view pattern, std::string_view value) {
  if (pattern.size() == 3 && pattern.front() == '*') return value.find(pattern[1]) != value.npos;
  return pattern.empty() || pattern == value;
}

std::string filled(std::string_view sentence, const std::string& word,
                   const std::vector<std::string>& following) {
  std::string text{sentence};
  const auto replace = [&](std::string_view mark, const std::string& by) {
    for (std::size_t place = 0; (place = text.find(mark, place)) != std::string::npos;) {
      text.replace(place, mark.size(), by);
      place += by.size();
    }
  };
  replace("%2", following.size() > 1 ? following[1] : "...");
  replace("%1", following.empty() || following[0].empty() ? "..." : following[0]);
  replace("%w", word);
  return text;
}

Advice from_table(Where place, const std::string& word, const std::vector<std::string>& following) {
  const std::string value = following.empty() ? "" : following.front();
  for (const Habit& habit : habits) {
    if (habit.place == place && has_name(habit.names, word) && fits(habit.value, value)) {
      return {filled(habit.sentence, word, following), habit.option};
    }
  }
  return {};
}

// The value of the first of `keys` in "type=bind,source=/a,readonly"; a key alone has the value "".
std::optional<std::string> value_in(std::string_view text, const std::vector<std::string>& keys) {
  for (const std::string_view part : split_at(text, ',')) {
    const std::string key{part.substr(0, part.find('='))};
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    return std::string{part.substr(std::min(key.size() + 1, part.size()))};
  }
  return std::nullopt;
}

// Docker's and Podman's --mount, as -a says it.
std::string as_add(std::string_view mount) {
  const auto from = value_in(mount, {"source", "src"});
  const auto to = value_in(mount, {"target", "dst", "destination"});
  const std::string type = value_in(mount, {"type"}).value_or("volume");
  if (type == "tmpfs") {
    return "--tmp puts an empty file system in memory on /tmp, --tmp-size SIZE says how much it "
           "holds";
  }
  if (!from || !from->starts_with('/') || !to) {
    return "there are no volumes: -a FROM:TO[:ro] shows a directory of the host inside";
  }
  const auto read_only = value_in(mount, {"readonly", "ro"});
  const bool writable = !read_only || *read_only == "false" || *read_only == "0";
  return "say -a " + *from + ":" + *to + (writable ? "" : ":ro");
}

// 512m, 1.5g, 512MiB.
bool is_size(std::string_view text) {
  const std::size_t unit = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view letters = text.substr(unit);
  return unit > 0 && text.front() != '.' && letters.size() <= 3 &&
         letters.find_first_not_of("bkmgtiBKMGTI") == std::string_view::npos;
}

Advice instead_of_root(const std::string& value) {
  if (value_in(value, {"type", "source", "src", "target", "dst", "destination"})) {
    return {"Docker's --mount is another option here: " + as_add(value), "--add"};
  }
  if (is_size(value)) {
    return {"a limit on memory is --memory " + value + " (from chapter 09 on)", "--memory"};
  }
  if (value.starts_with('/') || value.starts_with('.')) return {};
  return {std::string{no_images}, "--mount"};
}

// As hands write it from memory: --cap_add, --readonly, --mem.
std::string letters_of(std::string_view option) {
  std::string letters;
  for (const char c : option) {
    if (c != '-' && c != '_')
      letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return letters;
}

Advice written_otherwise(const std::string& option) {
  const std::string letters = letters_of(option);
  if (!option.starts_with("--") || letters.size() < 3) return {};
  for (const SeriesOption& known : series) {
    for (const std::string_view name : split_at(known.names, ',')) {
      if (!name.starts_with("--") || !letters_of(name).starts_with(letters)) continue;
      return {"it is written " + std::string{name} + " here", name};
    }
  }
  return {};
}

bool is_assignment(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != 0 && equals < word.find('/') && word.front() != '-';
}

// What was typed for a command, and cannot be one.
Advice instead_of_command(const std::string& word) {
  if (word.find_first_of(" \t\n;|&") != std::string::npos) {
    return {
        "it is one word with blanks or signs of the shell's in it: quote less, -- CMD ARGS; or "
        "let a shell read it, -- sh -c '...'"};
  }
  if (word.starts_with('-')) {
    return {
        "it looks like an option: this program's stand before --, and the command comes first "
        "after it"};
  }
  if (is_assignment(word)) {
    return {"a variable is set by --env " + word +
            ", which chapter-10 has, or by a shell: -- sh -c '" + word + " CMD'"};
  }
  return {};
}

}  // namespace

Advice way_on(Where place, const std::string& word, const std::vector<std::string>& following) {
  if (place == Where::root) return instead_of_root(word);
  if (place == Where::command) {
    if (Advice advice = instead_of_command(word); !advice.sentence.empty()) return advice;
  }
  if (place == Where::word && word.find(':') != std::string::npos && !word.starts_with('/')) {
    return {std::string{no_images}, "--mount"};
  }
  Advice advice = from_table(place, word, following);
  // -p8080:80 is -p 8080:80
  if (advice.sentence.empty() && place == Where::option && word.size() > 2 && word[1] != '-') {
    advice = from_table(place, word.substr(0, 2), {word.substr(2)});
  }
  if (advice.sentence.empty() && place == Where::option) return written_otherwise(word);
  return advice;
}

std::string_view chapter_with(std::string_view name) {
  for (const SeriesOption& option : series) {
    if (has_name(option.names, name)) return option.chapter;
  }
  return {};
}

}  // namespace tincan
