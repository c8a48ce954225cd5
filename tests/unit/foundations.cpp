// Unit tests of what everything stands on: descriptors, errors, the channel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "common/channel.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"
#include "common/hints.hpp"
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

TEST(Channel, CarriesDescriptors) {
  auto [parent, child] = make_channel();
  parent.send_descriptor(open_file("/dev/null", O_RDONLY));
  const auto message = child.receive();
  ASSERT_TRUE(message && message->descriptor.ok());
  EXPECT_EQ(fcntl(message->descriptor.get(), F_GETFD), FD_CLOEXEC);
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

TEST(Channel, RefusesWhatIsNoMessage) {
  for (const std::string& bytes : {std::string{"x"}, std::string{"\x09\0\0\0", 4},
                                   std::string{"\0\0\0\0extra", 9}, std::string{"\x03\0\0\0", 4}}) {
    auto [parent, child] = make_channel();
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

TEST(Files, ReadAndWriteWhole) {
  EXPECT_EQ(read_file("/dev/null"), "");
  EXPECT_THROW(read_file("/no/such/file"), Error);
  EXPECT_THROW(write_file("/no/such/file", "x"), Error);
  EXPECT_THROW(write_file("/dev/full", "x"), Error);
}

}  // namespace
}  // namespace tincan
