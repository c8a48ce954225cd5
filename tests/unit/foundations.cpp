// Unit tests of what everything stands on: descriptors, errors, the channel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/call_timeout.hpp"
#include "common/channel.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"
#include "common/hints.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

TEST(UniqueFd, ClosesAtTheEndOfItsScope) {
  int number = -1;
  {
    const unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
    number = fd.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MoveAssignmentClosesWhatItHeld) {
  unique_fd one{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  unique_fd other{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const int first = one.get();
  const int second = other.get();
  one = std::move(other);
  EXPECT_FALSE(is_open(first));
  EXPECT_TRUE(is_open(second));
  EXPECT_EQ(one.get(), second);
}

TEST(UniqueFd, SelfMoveKeepsTheDescriptor) {
  unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const int number = fd.get();
  unique_fd& same = fd;
  fd = std::move(same);
  EXPECT_EQ(fd.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, ResetKeepsErrno) {
  unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  errno = ENOTTY;
  fd.reset();
  EXPECT_EQ(errno, ENOTTY);
}

TEST(UniqueFd, ReleaseGivesTheDescriptorAway) {
  unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const unique_fd other{fd.release()};
  EXPECT_FALSE(fd.ok());
  EXPECT_TRUE(is_open(other.get()));
}

TEST(UniqueFd, AMovedFromOneIsEmpty) {
  unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const int number = fd.get();
  const unique_fd other{std::move(fd)};
  EXPECT_FALSE(fd.ok());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(fd.get(), -1);
  EXPECT_EQ(other.get(), number);
}

TEST(UniqueFd, ItsEndKeepsErrno) {
  errno = ENOTTY;
  { const unique_fd nobody_has_this{1 << 20}; }
  EXPECT_EQ(errno, ENOTTY);
}

TEST(UniqueFd, NumberZeroIsADescriptor) {
  unique_fd zero{0};
  EXPECT_TRUE(zero.ok());
  EXPECT_EQ(zero.release(), 0);
  EXPECT_FALSE(unique_fd{}.ok());
}

TEST(UniqueFd, BorrowingClosesNothing) {
  const unique_fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  { EXPECT_EQ(borrowed_fd{fd}.get(), fd.get()); }
  EXPECT_TRUE(is_open(fd.get()));
}

TEST(Errors, SayWhatOnWhatWhyAndWhatToDo) {
  const Error error{EPERM, "mount proc", "/proc", "ask somebody"};
  EXPECT_STREQ(error.what(), "mount proc /proc: EPERM (Operation not permitted): ask somebody");
  EXPECT_EQ(error.status(), exit_status::container);
  EXPECT_EQ(error.code(), std::errc::operation_not_permitted);
}

TEST(Errors, TakeTheirHintFromTheTable) {
  const std::string message = Error{EPERM, "clone3", "x"}.what();
  EXPECT_NE(message.find("CAP_SYS_ADMIN"), std::string::npos);
  EXPECT_EQ(likely_cause("mount proc", EPERM).find("the host hides"), 0U);
  EXPECT_NE(likely_cause("whatever", ENOSYS), "");
  EXPECT_EQ(likely_cause("whatever", EPERM), "");
}

TEST(Errors, AreComposedOfWhatThereIs) {
  struct Row {
    Error error;
    const char* message;
  };
  const std::vector<Row> table{
      {Error{0, "think"}, "think"},
      {Error{0, "think", "hard"}, "think hard"},
      {Error{0, "think", "", "or do not"}, "think: or do not"},
      {Error{ENOTTY, "ask"}, "ask: ENOTTY (Inappropriate ioctl for device)"},
      {Error{ENOTTY, "ask", "a b"}, "ask a b: ENOTTY (Inappropriate ioctl for device)"},
  };
  for (const auto& [error, message] : table) EXPECT_STREQ(error.what(), message);
}

TEST(Errors, TheirOwnHintComesBeforeTheTable) {
  EXPECT_EQ((Error{EPERM, "mount proc", "/proc", "mine"}.hint()), "mine");
  EXPECT_EQ((Error{EPERM, "mount proc", "/proc"}.hint()), likely_cause("mount proc", EPERM));
}

TEST(Errors, TheParticularHintComesBeforeTheGeneral) {
  EXPECT_NE(likely_cause("mount proc", EPERM), likely_cause("mount", EPERM));
  EXPECT_EQ(likely_cause("mount tmpfs", EPERM), likely_cause("mount", EPERM));
  EXPECT_EQ(likely_cause("remount", EPERM), "");
  EXPECT_EQ(likely_cause("", 0), "");
}

TEST(Errors, WhatIsTheHostsFaultPointsToTheDoctor) {
  EXPECT_NE(likely_cause("mount proc", EPERM).find("'make doctor'"), std::string::npos);
  EXPECT_NE(likely_cause("whatever", ENOSYS).find("'make doctor'"), std::string::npos);
  EXPECT_EQ(likely_cause("openat2", ENOENT).find("'make doctor'"), std::string::npos);
  EXPECT_EQ(likely_cause("move_mount", EINVAL).find("'make doctor'"), std::string::npos);
}

TEST(Errors, TheSentenceIsCauseAndRemedy) {
  const Likely known = likely("clone3", EPERM);
  const std::string both = std::string{known.cause} + ": " + std::string{known.remedy};
  EXPECT_EQ(likely_cause("clone3", EPERM).find(both), 0U);
  EXPECT_TRUE(likely("whatever", EPERM).cause.empty());
}

TEST(Errors, ACheckPassesOnWhatIsNoFailure) {
  EXPECT_EQ(check(0, "count"), 0);
  EXPECT_EQ(check(-2, "count"), -2);
  errno = EBUSY;
  try {
    check(-1, "count", "peas");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.number(), EBUSY);
    EXPECT_EQ(error.operation(), "count");
    EXPECT_EQ(error.object(), "peas");
  }
}

TEST(Errors, WithoutErrnoThereIsNone) {
  EXPECT_STREQ((UsageError{"--uid", "is odd"}.what()), "--uid: is odd");
  EXPECT_EQ((UsageError{"--uid", "is odd"}.status()), exit_status::usage);
}

TEST(Errors, UnknownNumbersAreNumbers) {
  EXPECT_EQ(errno_name(EXDEV), "EXDEV");
  EXPECT_EQ(errno_name(9999), "E?9999");
}

TEST(Channel, CarriesMessagesInOrder) {
  auto [parent, child] = make_channel();
  parent.send_go();
  child.send_ready();
  EXPECT_EQ(child.receive()->kind, Message::Kind::go);
  EXPECT_EQ(parent.receive()->kind, Message::Kind::ready);
}

TEST(Channel, CarriesErrorsWhole) {
  auto [parent, child] = make_channel();
  child.send_failure(Error{ENOENT, "execve", "/no", "why", 127});
  const auto message = parent.receive();
  ASSERT_TRUE(message && message->error);
  EXPECT_EQ(message->error->status(), 127);
  EXPECT_STREQ(message->error->what(), (Error{ENOENT, "execve", "/no", "why"}.what()));
}

TEST(Channel, LendsDescriptorsByTheirNumberWithAName) {
  auto [parent, child] = make_channel();
  parent.send_go();  // the answer, in advance
  child.lend_descriptor(7, "lantern");
  const auto message = parent.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, Message::Kind::descriptor);
  EXPECT_EQ(message->descriptor, 7);
  EXPECT_EQ(message->name, "lantern");
}

TEST(Channel, WaitsUntilWhatItLentIsTaken) {
  auto [parent, child] = make_channel();
  parent.send_ready();
  EXPECT_THROW(child.lend_descriptor(7, "lantern"), Error);
}

TEST(Channel, EndOfFileIsNoMessage) {
  auto [parent, child] = make_channel();
  EXPECT_FALSE(parent.peer_gone());
  child.close();
  EXPECT_TRUE(parent.peer_gone());
  EXPECT_FALSE(parent.receive());
}

TEST(Channel, WritingToNobodyIsAnErrorAndNoSignal) {
  auto [parent, child] = make_channel();
  child.close();
  EXPECT_THROW(parent.send_go(), Error);
}

TEST(Channel, TheLastWordsOfTheDeadArrive) {
  auto [parent, child] = make_channel();
  parent.send_go();  // stays unread: the socket then reports ECONNRESET before what is queued
  child.send_failure(Error{EIO, "read", "plan"});
  child.close();
  const auto message = parent.receive();
  ASSERT_TRUE(message && message->error);
  EXPECT_EQ(message->error->number(), EIO);
  EXPECT_FALSE(parent.receive());
  EXPECT_FALSE(parent.receive());
}

TEST(Channel, ThePeerIsGoneAlsoWhenItLeftSomethingUnread) {
  auto [parent, child] = make_channel();
  parent.send_go();
  EXPECT_FALSE(parent.peer_gone());
  child.close();
  EXPECT_TRUE(parent.peer_gone());
  EXPECT_TRUE(parent.peer_gone());
  EXPECT_FALSE(parent.receive());
}

// The ends of the channel must not get into the command.
TEST(Channel, BothEndsCloseOnExec) {
  const auto [parent, child] = make_channel();
  EXPECT_EQ(fcntl(parent.fd().get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(child.fd().get(), F_GETFD), FD_CLOEXEC);
}

int open_descriptors() {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                                        std::filesystem::directory_iterator{}));
}

// Sends `bytes` with `count` descriptors, which Channel itself never does.
void send_with_descriptors(const Channel& channel, std::string bytes, unsigned count) {
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr* fds = CMSG_FIRSTHDR(&header);
  fds->cmsg_level = SOL_SOCKET;
  fds->cmsg_type = SCM_RIGHTS;
  fds->cmsg_len = CMSG_LEN(count * sizeof(int));
  for (unsigned i = 0; i < count; ++i) {
    const int fd = STDERR_FILENO;
    std::memcpy(CMSG_DATA(fds) + i * sizeof fd, &fd, sizeof fd);
  }
  ASSERT_EQ(sendmsg(channel.fd().get(), &header, 0), static_cast<ssize_t>(bytes.size()));
}

TEST(Channel, RefusedMessagesLeaveNoDescriptorsBehind) {
  const std::string go(4, '\0');
  const std::string descriptor{"\x03\0\0\0\x07\0\0\0", 8};
  for (const auto& [bytes, count] :
       {std::pair{go, 1U}, std::pair{descriptor, 1U}, std::pair{descriptor, 8U},
        std::pair{std::string{"?"}, 1U}, std::pair{descriptor + "x", 1U}}) {
    auto [parent, child] = make_channel();
    send_with_descriptors(child, bytes, count);
    const int before = open_descriptors();
    EXPECT_THROW(parent.receive(), Error) << count;
    EXPECT_EQ(open_descriptors(), before) << count;
  }
}

TEST(Channel, RefusesWhatDoesNotFit) {
  auto [parent, child] = make_channel();
  const std::string bytes(100000, '\0');
  ASSERT_EQ(send(child.fd().get(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_THROW(parent.receive(), Error);
}

// What is left of it would be a message by itself.
TEST(Channel, RefusesAMessageThatWasCut) {
  constexpr std::uint32_t longest = 16384;
  std::string bytes(longest + 1, 'x');
  const std::array<std::uint32_t, 6> head{2, EIO, 125, longest - sizeof head, 0, 0};
  std::memcpy(bytes.data(), head.data(), sizeof head);
  auto [parent, child] = make_channel();
  for (const std::size_t size : {bytes.size() - 1, bytes.size()}) {
    ASSERT_EQ(send(child.fd().get(), bytes.data(), size, 0), static_cast<ssize_t>(size));
  }
  EXPECT_EQ(parent.receive()->kind, Message::Kind::failure);
  EXPECT_THROW(parent.receive(), Error);
}

TEST(Channel, LookingForThePeerTakesNothing) {
  auto [parent, child] = make_channel();
  parent.send_ready();
  EXPECT_FALSE(child.peer_gone());
  EXPECT_EQ(child.receive()->kind, Message::Kind::ready);
}

TEST(Channel, LongErrorsAreCutAndArrive) {
  const std::string lengthy(100000, 'x');
  auto [parent, child] = make_channel();
  child.send_failure(Error{EIO, lengthy, lengthy, lengthy, 126});
  const auto message = parent.receive();
  ASSERT_TRUE(message && message->error);
  EXPECT_EQ(message->error->status(), 126);
  EXPECT_GE(message->error->object().size(), 4096U);
}

TEST(Channel, RefusesWhatIsNoMessage) {
  for (const std::string& bytes :
       {std::string{"x"}, std::string{"\x09\0\0\0", 4}, std::string{"\0\0\0\0extra", 9},
        std::string{"\x01\0\0\0extra", 9}, std::string{"\x03\0\0\0", 4},
        std::string{"\x03\0\0\0\xff\xff\xff\xffx", 9},
        std::string{"\x03\0\0\0\x07\0\0\0", 8},  // without a name
        std::string{"\x03\0\0\0\x07\0\0\0", 8} + std::string(65, 'x')}) {
    auto [parent, child] = make_channel();
    ASSERT_EQ(send(child.fd().get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    EXPECT_THROW(parent.receive(), Error);
  }
}

// What stands behind it is left from the message before, and is no part of it.
TEST(Channel, WhatIsShorterThanItsKindIsNoMessage) {
  auto [parent, child] = make_channel();
  const std::string lying =
      "\x02" + std::string(11, '\0') + "\xff\xff\xff\x7f" + std::string(8, '\0');
  for (const std::string& bytes : {lying, lying.substr(0, 3), lying.substr(0, 1)}) {
    ASSERT_EQ(send(child.fd().get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    EXPECT_THROW(parent.receive(), Error);
  }
}

TEST(Channel, FailuresAreDecodedOnlyWhole) {
  const std::string bytes = encode_failure(Error{EIO, "read", "object", "hint"});
  EXPECT_TRUE(decode_failure(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_failure(std::string_view{bytes}.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_failure(bytes + "x"));
  std::string lying = bytes;
  lying[8] = '\x7f';
  EXPECT_FALSE(decode_failure(lying));
}

TEST(Channel, AFailureMayHaveNothingToSay) {
  const auto error = decode_failure(encode_failure(Error{0, ""}));
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "");
}

TEST(Channel, LengthsThatLieAreRefused) {
  const std::string bytes = encode_failure(Error{EIO, "read", "object", "hint"});
  for (const std::size_t field : {8U, 12U, 16U}) {
    for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x7fffffffU, 100U}) {
      std::string lying = bytes;
      std::memcpy(lying.data() + field, &length, sizeof length);
      EXPECT_FALSE(decode_failure(lying)) << field << " " << length;
    }
  }
}

TEST(Channel, NulBytesInAnErrorSurvive) {
  const std::string object{"a\0b", 3};
  const auto error = decode_failure(encode_failure(Error{EIO, "read", object, "hint"}));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->object(), object);
}

TEST(Files, ReadAndWriteWhole) {
  EXPECT_EQ(read_file("/dev/null"), "");
  EXPECT_THROW(read_file("/no/such/file"), Error);
  EXPECT_THROW(write_file("/no/such/file", "x"), Error);
  EXPECT_THROW(write_file("/dev/full", "x"), Error);
  EXPECT_THROW(read_file("/"), Error);
}

TEST(Files, BigAndBinaryOnesComeBackAsTheyWere) {
  std::string text(3 * 4096, 'x');
  text[4095] = '\0';
  text += '\xff';
  const unique_fd file{memfd_create("big", MFD_CLOEXEC)};
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  write_file(path, text);
  EXPECT_EQ(read_file(path), text);
}

TEST(Files, AreNeverCreatedByWriting) {
  const std::string path = testing::TempDir() + "tincan-not-there";
  EXPECT_THROW(write_file(path, "x"), Error);
  EXPECT_EQ(access(path.c_str(), F_OK), -1);
}

TEST(Files, DescriptorsCloseOnExec) {
  EXPECT_EQ(fcntl(open_file("/dev/null", O_RDONLY).get(), F_GETFD), FD_CLOEXEC);
}

// Interrupted again and again, before there is anything to read.
TEST(Channel, ASignalInBetweenLosesNothing) {
  auto [parent, child] = make_channel();
  std::thread sender{[&channel = child] {
    std::this_thread::sleep_for(std::chrono::milliseconds{60});
    channel.send_ready();
  }};
  {
    const CallTimeout often{10};
    EXPECT_EQ(parent.receive()->kind, Message::Kind::ready);
  }
  sender.join();
}

TEST(Files, ASignalInBetweenLosesNothing) {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const unique_fd reader{ends[0]};
  std::thread writer{[end = ends[1]] {
    std::this_thread::sleep_for(std::chrono::milliseconds{60});
    (void)!write(end, "words", 5);
    ::close(end);
  }};
  {
    const CallTimeout often{10};
    EXPECT_EQ(read_all(reader, "pipe"), "words");
  }
  writer.join();
}

// A timer that goes off once only would have been heard before the call, and for nothing.
TEST(CallTimeout, InterruptsACallThatBeginsLate) {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const unique_fd reader{ends[0]};
  const unique_fd writer{ends[1]};
  const CallTimeout limit{20};
  const auto late = std::chrono::steady_clock::now() + std::chrono::milliseconds{50};
  while (std::chrono::steady_clock::now() < late) continue;
  alarm(10);  // rather than wait for ever
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), -1);
  EXPECT_EQ(errno, EINTR);
  alarm(0);
}

TEST(CallTimeout, LeavesEverythingAsItWas) {
  sigset_t blocked;
  sigset_t after;
  struct sigaction action {};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGURG);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
  {
    const CallTimeout limit{1};
    errno = ENOTTY;
  }
  EXPECT_EQ(errno, ENOTTY);
  sigprocmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGURG), 1);
  sigaction(SIGURG, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
  sigemptyset(&blocked);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

// In a child, which the limit would stay with: what is written in part was not written.
TEST(Files, HalfAWriteIsAnError) {
  const unique_fd file{memfd_create("small", MFD_CLOEXEC)};
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const pid_t child = fork();
  if (child == 0) {
    const rlimit four{4, 4};
    (void)std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &four);
    try {
      write_file(path, "12345");
    } catch (const Error& error) {
      _exit(error.number() == EIO ? 42 : 1);
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(Files, AreReadUpToALimitAndNotBeyond) {
  const unique_fd file{memfd_create("text", MFD_CLOEXEC)};
  ASSERT_EQ(write(file.get(), "12345", 5), 5);
  lseek(file.get(), 0, SEEK_SET);
  EXPECT_EQ(read_at_most(file, "text", 5), "12345");
  lseek(file.get(), 0, SEEK_SET);
  EXPECT_THROW(read_at_most(file, "text", 4), Error);
}

class SomeFiles : public testing::Test {
 protected:
  SomeFiles() {
    std::string pattern = testing::TempDir() + "some-files-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    (void)mkfifo((*this / "fifo").c_str(), 0600);
    (void)symlink("loop", (*this / "loop").c_str());
    (void)symlink("/no/such", (*this / "dangling").c_str());
    write_text("file", "text");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (*this / "socket").c_str(), sizeof address.sun_path - 1);
    const unique_fd bound{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    check(bind(bound.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
  }
  ~SomeFiles() override { std::filesystem::remove_all(directory_); }

  std::string operator/(const std::string& name) const { return directory_ + "/" + name; }
  void write_text(const std::string& name, std::string_view text) const {
    const unique_fd file = open_file(*this / name, O_WRONLY | O_CREAT, 0600);
    ASSERT_EQ(write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int refusal(const std::string& path) const {
    try {
      (void)open_text(path);
    } catch (const Error& error) {
      return error.number();
    }
    return 0;
  }

  std::string directory_;
};

TEST_F(SomeFiles, ATextIsNoDirectoryAndNoSocket) {
  EXPECT_EQ(read_all(open_text(*this / "file"), "file"), "text");
  EXPECT_EQ(read_all(open_text("/dev/null"), "null"), "");
  EXPECT_EQ(refusal(directory_), EISDIR);
  EXPECT_EQ(refusal(*this / "socket"), EINVAL);
  EXPECT_EQ(refusal(*this / "dangling"), ENOENT);
  EXPECT_EQ(refusal(*this / "loop"), ELOOP);
  EXPECT_EQ(refusal(*this / "file/below"), ENOTDIR);
  try {
    (void)open_text(*this / "dangling");
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "it is a symlink to '/no/such', which is not there");
  }
}

TEST_F(SomeFiles, WhatCannotBeLookedAtIsNotAbsent) {
  EXPECT_TRUE(exists(*this / "file"));
  EXPECT_FALSE(exists(*this / "none"));
  EXPECT_FALSE(exists(*this / "file/below"));
  EXPECT_THROW(exists(*this / "loop"), Error);
}

TEST(Files, HaveAKindInWords) {
  const std::vector<std::pair<mode_t, std::string>> table{
      {S_IFREG, "a file"},    {S_IFDIR, "a directory"},  {S_IFCHR, "a device"},
      {S_IFBLK, "a device"},  {S_IFIFO, "a named pipe"}, {S_IFSOCK, "a socket"},
      {S_IFLNK, "a symlink"}, {0, "of no known kind"}};
  for (const auto& [mode, kind] : table) EXPECT_EQ(kind_of(mode | 0644), kind);
}

bool closes_on_exec(const unique_fd& fd) {
  return (fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0;
}

TEST(Syscalls, WhatTheyOpenClosesOnExec) {
  EXPECT_TRUE(closes_on_exec(sys::openat2(AT_FDCWD, "/", O_PATH, 0)));
  EXPECT_EQ(fcntl(sys::openat2(AT_FDCWD, "/", O_PATH, 0).get(), F_GETFL) & O_PATH, O_PATH);
  if (geteuid() != 0) GTEST_SKIP() << "mounts take root";
  EXPECT_TRUE(closes_on_exec(sys::open_tree(AT_FDCWD, "/", 0)));
  EXPECT_TRUE(closes_on_exec(sys::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE)));
  EXPECT_TRUE(closes_on_exec(sys::fsopen("tmpfs")));
  EXPECT_TRUE(closes_on_exec(sys::make_mount("tmpfs", std::vector<sys::FileSystemOption>{}, 0)));
}

TEST(Syscalls, ASignalForNobodyIsToldAndOthersAreErrors) {
  const pid_t child = fork();
  if (child == 0) pause();
  const unique_fd pidfd{static_cast<int>(syscall(SYS_pidfd_open, child, 0))};
  EXPECT_TRUE(sys::pidfd_send_signal(pidfd, SIGKILL));
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(sys::pidfd_send_signal(pidfd, SIGKILL));
  EXPECT_THROW(sys::pidfd_send_signal(-1, SIGKILL), Error);
}

TEST(Syscalls, ASignalBringsANumber) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const unique_fd self{static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0))};
  siginfo_t info{};
  EXPECT_TRUE(sys::pidfd_send_signal(self, SIGUSR1, 7));
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
  EXPECT_EQ(info.si_code, SI_QUEUE);
  EXPECT_EQ(info.si_value.sival_int, 7);
  EXPECT_TRUE(sys::pidfd_send_signal(self, SIGUSR1));
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
  EXPECT_EQ(info.si_code, SI_USER);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

TEST(Files, LinksAreReadWhole) {
  EXPECT_EQ(read_link("/proc/self"), std::to_string(getpid()));
  EXPECT_THROW(read_link("/"), Error);
  EXPECT_THROW(read_link("/no/such/link"), Error);
}

}  // namespace
}  // namespace tincan
