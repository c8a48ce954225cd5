// Unit tests of calls that are refused, or only pretend to have worked, to what makes the inside: chapters 05 to 08.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/capability.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "01-observe/proc_text.hpp"
#include "05-mounts/furniture.hpp"
#include "05-mounts/mounts.hpp"
#include "05-mounts/nodes.hpp"
#include "05-mounts/targets.hpp"
#include "06-user-namespace/reach.hpp"
#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/seccomp.hpp"
#include "11-rootless/can.hpp"
#include "common/capability_sets.hpp"
#include "common/files.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

constexpr Comparison with(unsigned argument, std::uint32_t value) {
  return {argument, ~0U, value};
}

// The C library has had several ways to ask for the status of a descriptor.
std::vector<Rule> no_fstat(std::vector<Rule> rules = {}) {
  rules.insert(rules.end(), {{"fstat", refused}, {"newfstatat", refused}});
  return rules;
}

// A call that only pretends returns 0: this is what it seems to have opened.
void put_on_zero(borrowed_fd file) {
  check(dup3(file.get(), 0, O_CLOEXEC), "dup3");
}

// --- chapter 05 ---

TEST(RefusedInside, ToWhoPacks) {
  Root root{open_source("/")};
  Luggage none;
  const Rule no_copy{"open_tree", refused, {{2, OPEN_TREE_CLONE, OPEN_TREE_CLONE}}};
  const Rule any_copy{"open_tree", pretended, {{2, OPEN_TREE_CLONE, OPEN_TREE_CLONE}}};
  const auto of_the_device = [] {
    open_all({{.kind = "bind", .to = "/mnt", .from = "/dev/zero"}});
  };
  const auto old = static_cast<std::uint32_t>(root.source.file.get());
  expect_said({
      {{{"open_tree", refused}}, [] { open_source("/"); }, "open_tree: EDOM"},
      {no_fstat(), of_the_device, "fstat: EDOM"},
      {{{"uname", refused}}, of_the_device, "show: ENODEV"},
      {{no_copy}, [&] { pack(root, none); }, "open_tree: EDOM"},
      {{any_copy, {"mount_setattr", refused}}, [&] { pack(root, none); }, "mount_setattr: EDOM"},
      {{{"fstat", refused, {with(0, old)}}, {"newfstatat", refused, {with(0, old)}}},
       [&] { pack_again(root, none); },
       "fstat: EDOM"},
      {no_fstat({{"fstat", allow, {with(0, old)}}, {"newfstatat", allow, {with(0, old)}}}),
       [&] { pack_again(root, none); }, "fstat: EDOM"},
  });
}

TEST(RefusedInside, ToWhoMakesNodes) {
  const std::vector<Rule> memory{
      {"fsopen", pretended}, {"fsconfig", pretended}, {"fsmount", pretended}};
  const auto but = [&](std::vector<Rule> rules) {
    rules.insert(rules.end(), memory.begin(), memory.end());
    return rules;
  };
  const auto made = [] { tell(make_nodes(0, 0).ok() ? "made" : "none"); };
  const auto borrowed = [](const char* path) {
    return [file = std::make_shared<unique_fd>(open_file(path, O_RDONLY))] {
      put_on_zero(*file);
      take_nodes({});
    };
  };
  const std::vector<Rule> others{{"mknodat", pretended},
                                 {"mknod", pretended},
                                 {"fchmodat", pretended},
                                 {"fchownat", pretended}};
  for (const auto& [call, said] : {std::pair{"mknodat", "mknod: EDOM"},
                                   {"fchmodat", "chmod: EDOM"},
                                   {"fchownat", "chown: EDOM"}}) {
    std::vector<Rule> rules = but(others);
    rules.insert(rules.begin(), {call, refused, {{0, 0, 0}}});
    EXPECT_EQ(under(rules, made), said);
    rules.front().action = refuse_with(EPERM);
    EXPECT_EQ(under(rules, made), "none") << call;
  }
  EXPECT_EQ(under(but(others), made), "made");
  const Rule lent{"open_tree", pretended};
  expect_said({
      {{{"open_tree", refused}}, [] { take_nodes({}); }, "open_tree: EDOM"},
      {no_fstat({lent}), borrowed("/dev/null"), "fstat: EDOM"},
      {{lent}, borrowed("/dev/zero"), "use the host's: ENODEV"},
      {{lent}, borrowed("/"), "use the host's: ENODEV"},
      {{lent, {"mount_setattr", refused}}, borrowed("/dev/null"), "mount_setattr: EDOM"},
      {{{"move_mount", refused}}, [] { take_nodes(unique_fd{0}); }, "move_mount: EDOM"},
      {{{"move_mount", pretended}, {"open_tree", refused}},
       [] { take_nodes(unique_fd{0}); },
       "open_tree: EDOM"},
  });
}

TEST(RefusedInside, ToWhoMovesIn) {
  const Rule moved{"move_mount", pretended};
  const Rule entered{"fchdir", pretended};
  const Rule turned{"pivot_root", pretended};
  const auto moves = [] { move_into(0); };
  const Rule all_of_them{"mount", pretended, {with(3, MS_REC | MS_PRIVATE)}};
  const Rule at_once{"umount2", pretended, {with(1, MNT_DETACH)}};
  expect_said({
      {{{"mount", refused}}, make_mounts_private, "mount private: EDOM"},
      {{all_of_them, {"mount", refused}}, make_mounts_private, "done"},
      {{moved, entered, turned, at_once, {"umount2", refused}}, moves, "done"},
      {{{"openat", refused}}, moves, "open: EDOM"},
      {{{"move_mount", refused}}, moves, "move_mount: EDOM"},
      {{moved, {"fchdir", refused}}, moves, "fchdir: EDOM"},
      {{moved, entered, {"pivot_root", refused}}, moves, "pivot_root: EDOM"},
      {{moved, entered, turned, {"umount2", refused}}, moves, "umount2: EDOM"},
  });
}

// A directory of our own stands for memory of the container's, and nothing is mounted.
class RefusedPlaces : public testing::Test {
 protected:
  RefusedPlaces() {
    std::string name = fs::temp_directory_path() / "tincan-places.XXXXXX";
    place_ = mkdtemp(name.data());
    std::ofstream{place_ / "file"};
    fs::create_directory(place_ / "memory");
    fs::create_symlink("file", place_ / "to file");
    fs::create_symlink("memory", place_ / "to memory");
  }
  ~RefusedPlaces() override { fs::remove_all(place_); }

  Item item(const std::string& kind, const std::string& to, const std::string& from) const {
    return {{.kind = kind, .to = to}, {}, open_file(place_ / from, O_PATH)};
  }
  // What is attached is only said to be.
  static std::vector<Rule> moved(std::vector<Rule> rules = {}) {
    rules.push_back({"move_mount", pretended});
    return rules;
  }
  // Where something is put that is not there yet.
  void put(const std::string& kind, const std::string& from) const {
    Targets targets;
    targets.put(item("tmpfs", place_ / "memory", "."));
    targets.put(item(kind, place_ / "new" / "place", from));
  }
  void furnish_dev(const std::string& from) const {
    Luggage luggage;
    luggage.items.push_back(item("tmpfs", "/dev", from));
    furnish(luggage);
  }

  fs::path place_;
};

TEST_F(RefusedPlaces, ToWhoLooksForThem) {
  const auto directory = [this] { put("tmpfs", "."); };
  const auto file = [this] { put("bind", "file"); };
  expect_said({
      {{{"statx", refused}}, [] { Targets{}; }, "statx: EDOM"},
      // The C library makes up an answer then.
      {{{"statx", refuse_with(ENOSYS)}}, [] { Targets{}; }, "statx: ENOSYS"},
      {moved({{"openat2", refuse_with(EACCES)}}), directory, "openat2: EACCES"},
      {moved({{"openat2", refused}}), directory, "openat2: EDOM"},
      {moved({{"mkdirat", refused}}), directory, "make: EDOM"},
      {moved({{"fchmodat", refused}}), directory, "fchmodat: EDOM"},
      {moved({{"mknodat", refused}}), file, "make: EDOM"},
      {{{"move_mount", refused}}, directory, "move_mount: EDOM"},
      {moved(), directory, "done"},
  });
  EXPECT_TRUE(fs::is_directory(place_ / "new"));
}

// Where no link is to be followed, none is, though the kernel would take what it leads to.
TEST_F(RefusedPlaces, ToWhoPutsSomethingBehindALink) {
  const auto puts = [this](const char* kind, const fs::path& to, const char* from) {
    return [this, kind, to, from] { Targets{}.put(item(kind, place_ / to, from)); };
  };
  expect_said({
      {moved(), puts("bind", "to file", "file"), "done"},
      {moved(), puts("bind", "/proc/self/exe", "file"), "openat2: ELOOP"},
      {moved(), puts("tmpfs", "memory", "."), "done"},
      {moved(), puts("tmpfs", "to memory", "."), "openat2: ELOOP"},
      {moved(), puts("tmpfs", "/proc/self/root", "."), "openat2: ELOOP"},
  });
}

// A bind that its path does not lead to any more is covered; where nobody can say, nothing runs.
TEST_F(RefusedPlaces, ToWhoCoversWhatIsThere) {
  const auto covers = [this](const std::function<void()>& meanwhile) {
    return [this, meanwhile] {
      fs::remove_all(place_ / "way");
      fs::create_directory(place_ / "way");
      std::ofstream{place_ / "way" / "file"};
      Targets targets;
      targets.put(item("bind", place_ / "way" / "file", "file"));
      meanwhile();
      targets.put(item("bind", place_ / "file", "file"));
    };
  };
  const fs::path way = place_ / "way";
  expect_said({
      {moved(), covers([] {}), "done"},
      {moved(), covers([&] { fs::remove(way / "file"); }), "put on: EBUSY"},
      {moved(), covers([&] {
         fs::remove_all(way);
         std::ofstream{way};
       }),
       "put on: EBUSY"},
      {moved(), covers([&] {
         fs::remove_all(way);
         fs::create_symlink("/proc/self/root" + place_.string(), way);
       }),
       "openat2: ELOOP"},
  });
}

TEST_F(RefusedPlaces, ToWhoFillsThem) {
  // The first rule that fits counts.
  const auto made = [](std::vector<Rule> rules = {}) {
    for (const char* call : {"mkdir", "mkdirat", "symlink", "symlinkat"})
      rules.push_back({call, pretended});
    return moved(rules);
  };
  const unique_fd null = open_file("/dev/null", O_RDONLY);
  const auto fills = [&] {
    put_on_zero(null);
    furnish_dev("/dev");
  };
  // What may be there is another list of mounts' business.
  // The caller's other devices stay, and so do files.
  for (const char* path : {"/dev/zero", "/"}) {
    const unique_fd other = open_file(path, O_RDONLY);
    EXPECT_NE(under(made({{"dup2", refused}, {"dup3", refused, {with(2, 0)}}}),
                    [&] {
                      for (const int fd : {0, 1, 2})
                        check(dup3(other.get(), fd, O_CLOEXEC), "dup3");
                      furnish_dev("/dev");
                    }),
              "dup2: EDOM")
        << path;
  }
  if (under(made(), fills) != "done") GTEST_SKIP() << "there is no /dev like others";
  expect_said({
      {{{"move_mount", refused}}, fills, "move_mount: EDOM"},
      {made({{"mkdir", refused}, {"mkdirat", refused}}), fills, "mkdir: EDOM"},
      {made({{"symlink", refused}, {"symlinkat", refused}}), fills, "symlink: EDOM"},
      {no_fstat(made()), fills, "fstat: EDOM"},
      {made({{"fcntl", refused, {with(1, F_GETFL)}}}), fills, "fcntl: EDOM"},
      {made({{"openat", refused, {{2, O_CREAT | O_PATH, 0}}}}), fills, "open: EDOM"},
      {made({{"dup2", refused}, {"dup3", refused, {with(2, 0), with(1, 0)}}}), fills, "dup2: EDOM"},
      {made({{"openat", refused, {{2, O_CLOEXEC, 0}}}}), fills, "done"},
      // It is looked for in what is attached, whatever the path leads to.
      {made(),
       [&] {
         put_on_zero(null);
         furnish_dev(".");
       },
       "open: ENOENT"},
  });
}

// --- chapter 06 ---

TEST(RefusedInside, ToWhoBecomesSomebody) {
  const User same{getuid(), getgid()};
  const User other{getuid() + 1, getgid() + 1};
  const auto becomes = [](User user) { return [user] { become_user(user); }; };
  const Rule uid{"setresuid", pretended};
  const Rule gid{"setresgid", pretended};
  expect_said({
      {{{"setresgid", refused}}, becomes(same), "setresgid: EDOM"},
      {{gid, {"setresuid", refused}}, becomes(same), "setresuid: EDOM"},
      {{uid, gid, {"getresuid", refused}}, becomes(same), "getresuid: EDOM"},
      {{uid, gid, {"getresgid", refused}}, becomes(same), "getresgid: EDOM"},
      {{uid, gid}, becomes(same), "done"},
      {{uid, gid}, becomes({other.uid, same.gid}), "become user: EPERM"},
      {{uid, gid}, becomes({same.uid, other.gid}), "become user: EPERM"},
      {{{"setresgid", refused}}, [] { become_root({.own = true}); }, "setresgid: EDOM"},
      {{{"setresgid", refused}}, [] { become_root({.own = false}); }, "done"},
  });
}

// Real, effective, saved and for files: where one alone has stayed behind, nothing runs.
TEST(RefusedInside, ToWhoKeepsOneOfItsIds) {
  if (geteuid() != 0) GTEST_SKIP() << "changing ids takes root";
  constexpr id_t keep = static_cast<id_t>(-1);
  const std::vector<std::function<void()>> behind{[] { check(setresuid(7, keep, keep), "before"); },
                                                  [] { check(setresuid(keep, keep, 7), "before"); },
                                                  [] { check(setresuid(keep, 7, keep), "before"); },
                                                  [] { setfsuid(7); },
                                                  [] { check(setresgid(7, keep, keep), "before"); },
                                                  [] { check(setresgid(keep, keep, 7), "before"); },
                                                  [] { check(setresgid(keep, 7, keep), "before"); },
                                                  [] { setfsgid(7); }};
  // The change that was asked for happens only in words; the one before it is of other numbers.
  const std::vector<Rule> rules{{"setresuid", pretended, {with(0, 0), with(1, 0)}},
                                {"setresgid", pretended, {with(0, 0), with(1, 0)}}};
  for (std::size_t which = 0; which < behind.size(); ++which) {
    EXPECT_EQ(under(rules,
                    [&] {
                      check(setresgid(0, 0, 0), "before");
                      behind[which]();
                      become_user({0, 0});
                    }),
              "become user: EPERM")
        << which;
  }
}

// What a step holds that is nobody's parent.
void with_self(const std::function<void(const ChildProcess&)>& step) {
  ChildProcess self{getpid(), sys::pidfd_open(getpid())};
  self.let_go();
  step(self);
}

TEST(RefusedInside, ToWhoPlansAUserNamespace) {
  const unique_fd null = open_file("/dev/null", O_RDONLY);
  const IdMap one{{0, 0, 1}};
  const UserNamespace own{.uids = one, .gids = one};
  const UserNamespace callers{.packer = Packer::child, .uids = one, .gids = one};
  const UserNamespace none{.own = false, .idmapped = false};
  const auto written = [](const UserNamespace& users) {
    return [users] { with_self([&](const ChildProcess& self) { write_id_maps(users, self); }); };
  };
  const auto shown = [](const UserNamespace& users) {
    return [users] { with_self([&](const ChildProcess& self) { idmap_root(users, self, 0); }); };
  };
  expect_said({
      {{{"capget", refused}}, [] { is_privileged(); }, "cap_get_proc: EDOM"},
      {{{"write", refused}}, written(own), "write uid_map: EDOM"},
      // Not even opened by who is not root.
      {{{"write", refused}},
       written(callers),
       geteuid() == 0 ? "write setgroups: EDOM" : "write setgroups: EACCES"},
      {{{"write", refused}}, written(none), "done"},
      {{{"mount_setattr", refused}}, shown(own), "idmap: EDOM"},
      {{{"mount_setattr", refused}}, shown(none), "done"},
      {{{"pidfd_open", pretended}},
       [&] {
         put_on_zero(null);
         with_self([](const ChildProcess& self) { directory_of(self); });
       },
       "find the child in: ESRCH"},
  });
}

// Over the mounts here, too: where that cannot be asked, it is not known to be another's.
TEST(RefusedInside, ToWhoAsksForItsPrivileges) {
  const auto asks = [] {
    errno = EPERM;
    tell(is_privileged() ? "privileged" : "ordinary");
  };
  if (under({{"uname", refused}}, asks) != "privileged") GTEST_SKIP() << "it has no privileges";
  EXPECT_EQ(under({{"ioctl", refused}}, asks), "privileged");
  EXPECT_EQ(under({{"ioctl", refuse_with(EPERM)}}, asks), "ordinary");
  for (const cap_value_t lacking : {CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID}) {
    EXPECT_EQ(under({{"uname", refused}},
                    [&] {
                      const Capabilities sets = own_capabilities();
                      check(cap_set_flag(sets.get(), CAP_EFFECTIVE, 1, &lacking, CAP_CLEAR),
                            "cap_set_flag");
                      check(cap_set_proc(sets.get()), "capset");
                      asks();
                    }),
              "ordinary")
        << lacking;
  }
}

TEST(RefusedInside, ToWhoLooksWhoCanReach) {
  const Source directory{"/", open_file("/", O_PATH | O_DIRECTORY)};
  const Source file{"/proc/self/exe", open_file("/proc/self/exe", O_PATH)};
  expect_said({
      {no_fstat(), [&] { require_closed(directory); }, "fstat: EDOM"},
      {{{"openat", refused}}, [&] { require_closed(directory); }, "look above: EDOM"},
      {{{"readlink", refused}, {"readlinkat", refused}},
       [&] { require_closed(file); },
       "look above: EDOM"},
      {{{"openat2", refused}}, [&] { require_closed(file); }, "look above: EDOM"},
  });
}

// A door is closed if its owner is who starts this, or who called sudo, and nobody else may pass.
TEST_F(RefusedPlaces, ThatOthersCanReachAreOpen) {
  const auto reached = [this](mode_t mode, const char* sudo) {
    return under({{"uname", refused}}, [&] {
      check(chmod(place_.c_str(), mode), "chmod");
      if (sudo != nullptr) setenv("SUDO_UID", sudo, 1);
      for (const char* name : {".", "file"})
        require_closed({place_ / name, open_file(place_ / name, O_PATH)});
    });
  };
  for (const mode_t mode : {0700U, 0500U, 0766U}) EXPECT_EQ(reached(mode, nullptr), "done") << mode;
  for (const mode_t mode : {0710U, 0701U, 0755U})
    EXPECT_EQ(reached(mode, nullptr), "keep from other users: EACCES") << mode;
  if (geteuid() != 0) return;
  // Who may go through it need not be able to read it.
  check(chown(place_.c_str(), 7, 7), "chown");
  check(chmod(place_.c_str(), 0300), "chmod");
  EXPECT_EQ(under({{"uname", refused}},
                  [&] {
                    check(setresuid(7, 7, 7), "setresuid");
                    require_closed({place_ / "file", open_file(place_ / "file", O_PATH)});
                  }),
            "done");
  check(chown(place_.c_str(), 4294967294U, 0), "chown");
  EXPECT_EQ(reached(0700, "4294967294"), "done");
  for (const char* sudo : {"4294967293", "4294967295", "", "x"})
    EXPECT_EQ(reached(0700, sudo), "keep from other users: EACCES") << sudo;
}

// --- chapters 07 and 08 ---

std::uint64_t now(const std::string& set) {
  const auto text = observation::status_value(read_file("/proc/self/status"), "Cap" + set);
  return std::stoull(text.value(), nullptr, 16);
}

CapabilitySets sets_now() {
  return {.inheritable = now("Inh"),
          .permitted = now("Prm"),
          .effective = now("Eff"),
          .bounding = now("Bnd"),
          .ambient = now("Amb")};
}

TEST(RefusedInside, ToWhoLimitsCapabilities) {
  const Rule no_bits{"prctl", pretended, {with(0, PR_SET_SECUREBITS)}};
  const auto drop = [](Action action, int number) {
    return Rule{
        "prctl", action, {with(0, PR_CAPBSET_DROP), with(1, static_cast<std::uint32_t>(number))}};
  };
  const Rule dropped{"prctl", pretended, {with(0, PR_CAPBSET_DROP)}};
  EXPECT_EQ(
      under({{"prctl", refused, {with(0, PR_SET_SECUREBITS)}}}, [] { limit_capabilities(0); }),
      "prctl: EDOM");
  // Each that is not kept is dropped, the first and the last too; and none that is.
  for (const int number : {CAP_CHOWN, CAP_KILL, CAP_CHECKPOINT_RESTORE}) {
    EXPECT_EQ(under({no_bits, drop(refused, number), dropped}, [] { limit_capabilities(0); }),
              "prctl PR_CAPBSET_DROP: EDOM")
        << number;
    EXPECT_EQ(under({no_bits, drop(refused, number), dropped},
                    [&] { limit_capabilities(capability_bit(number)); }),
              "done")
        << number;
  }
}

TEST(RefusedInside, ToWhoKeepsCapabilities) {
  const CapabilitySets sets = sets_now();
  const Rule set{"capset", pretended};
  const Rule sealed{"prctl", pretended, {with(0, PR_SET_NO_NEW_PRIVS)}};
  const auto keeps = [](const CapabilitySets& wanted) {
    return [wanted] { keep_capabilities(wanted, false); };
  };
  const auto no = [](int option) {
    return Rule{"prctl", refused, {with(0, static_cast<std::uint32_t>(option))}};
  };
  expect_said({
      {{{"capset", refused}}, keeps(sets), "capset: EDOM"},
      {{set, no(PR_SET_NO_NEW_PRIVS)}, keeps(sets), "prctl: EDOM"},
      {{set, no(PR_GET_SECUREBITS)}, keeps(sets), "prctl: EDOM"},
      {{set, no(PR_GET_NO_NEW_PRIVS)}, keeps(sets), "prctl: EDOM"},
      {{{"capget", refused}}, keeps(sets), "cap_get_proc: EDOM"},
      {{set},
       [&] {
         check(prctl(PR_SET_KEEPCAPS, 1), "prctl");
         keep_capabilities(sets, false);
       },
       "securebits: EPERM"},
      {{set}, keeps(sets), "done"},
  });
  if (geteuid() == 0) {
    EXPECT_EQ(under({set, sealed}, keeps(sets)), "no_new_privs: EPERM");
  }
  EXPECT_EQ(under({set},
                  [&] {
                    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
                    keep_capabilities(sets, true);
                  }),
            "no_new_privs: EPERM");
}

TEST(RefusedInside, ToWhoRaisesTheAmbientSet) {
  CapabilitySets wanted = sets_now();
  wanted.inheritable = wanted.ambient = 1;
  const Rule set{"capset", pretended};
  const auto no = [](std::uint32_t part) {
    return Rule{"prctl", refused, {with(0, PR_CAP_AMBIENT), with(1, part)}};
  };
  const auto raises = [&] { raise_ambient(wanted); };
  expect_said({
      {{no(PR_CAP_AMBIENT_CLEAR_ALL)}, raises, "prctl: EDOM"},
      {{{"capget", refused}}, raises, "cap_get_proc: EDOM"},
      {{{"capset", refused}}, raises, "capset: EDOM"},
      {{set, no(PR_CAP_AMBIENT_RAISE)}, raises, "prctl: EDOM"},
      // Without an inheritable set there is nothing to do.
      {{{"capset", refused}, {"prctl", refused}}, [] { raise_ambient({.ambient = 1}); }, "done"},
  });
}

// Each of the five sets is read back: one capability more or less in it, and nothing runs.
TEST(RefusedInside, ToWhoHasOtherSetsThanItWanted) {
  const std::vector<std::pair<const char*, std::uint64_t CapabilitySets::*>> five{
      {"inheritable", &CapabilitySets::inheritable},
      {"permitted", &CapabilitySets::permitted},
      {"effective", &CapabilitySets::effective},
      {"bounding", &CapabilitySets::bounding},
      {"ambient", &CapabilitySets::ambient}};
  for (const auto& [name, set] : five) {
    for (const int number : {CAP_CHOWN, CAP_CHECKPOINT_RESTORE}) {
      CapabilitySets wanted = sets_now();
      wanted.*set ^= capability_bit(number);
      const auto error = Trial{}.of(
          {{"capset", pretended},
           {"prctl", pretended, {with(0, PR_CAP_AMBIENT), with(1, PR_CAP_AMBIENT_RAISE)}}},
          [&] { keep_capabilities(wanted, false); });
      ASSERT_TRUE(error) << name;
      EXPECT_EQ(error->operation() + " " + error->object(),
                "keep capabilities in the " + std::string{name} + " set");
    }
  }
}

TEST(RefusedInside, ToWhoLoadsAFilter) {
  const Filter filter = compile({allow}, native_architecture());
  expect_said({
      {{{"seccomp", refused}}, [&] { load_filter(filter); }, "seccomp: EDOM"},
      {{{"seccomp", refused}}, [] { load_filter({}); }, "done"},
      {{{"seccomp",
         pretended,
         {with(0, SECCOMP_SET_MODE_FILTER), with(1, SECCOMP_FILTER_FLAG_TSYNC)}},
        {"seccomp", refused}},
       [&] { load_filter(filter); },
       "done"},
      {{{"uname", refused}}, [&] { load_filter(filter); }, "done"},
  });
}

}  // namespace
}  // namespace tincan
