// Unit tests of what a container is to be: what contradicts itself is refused before anything is made.
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdint>

#include "11-rootless/can.hpp"
#include "11-rootless/spec.hpp"
#include "common/command_line.hpp"

namespace tincan {
namespace {

TEST(Spec, ANamespaceIsNewOrJoinedOnce) {
  Spec spec{.command = {"true"}, .root = "/"};
  spec.joined = {{CLONE_NEWNET, 0}};
  EXPECT_THROW(prepare(spec), UsageError);
  spec.namespaces.own &= ~std::uint64_t{CLONE_NEWNET};
  spec.joined = {{CLONE_NEWNET, 0}, {CLONE_NEWNET, 0}};
  EXPECT_THROW(prepare(spec), UsageError);
}

TEST(Spec, AnInitTakesItsOwnPidNamespace) {
  Spec spec{.command = {"true"}, .root = "/"};
  spec.namespaces.own &= ~std::uint64_t{CLONE_NEWPID};
  EXPECT_THROW(prepare(spec), UsageError);
}

TEST(Spec, AMountNamespaceTakesARoot) {
  EXPECT_THROW(prepare({.command = {"true"}}), UsageError);
}

}  // namespace
}  // namespace tincan
