// Unit tests of a start, from outside: how long its child lives.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <string>

#include "03-process/launch.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

// What has become of a child of this lifetime when its launch is over.
std::string after(Lifetime lifetime) {
  return under({{"uname", refused}}, [lifetime] {
    pid_t child = 0;
    {
      Launch launch{{"/bin/sleep", "60"}};
      launch.child_lives(lifetime);
      launch.create();
      child = launch.child().pid();
    }
    const bool lives = waitpid(child, nullptr, WNOHANG) == 0;
    (void)kill(child, SIGKILL);
    tell(lives ? "it lives" : "it is gone");
  });
}

TEST(Launch, AChildLivesAsLongAsItIsTo) {
  EXPECT_EQ(after(Lifetime::launchers), "it is gone");
  EXPECT_EQ(after(Lifetime::own), "it lives");
}

}  // namespace
}  // namespace tincan
