// The switch: a number that whoever tries a mutant writes into a copy of the program, and a file for
// the places that it comes past. No variable of the environment: the program behaves as it is shipped.
#include "switch.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>

namespace {

struct Switch {
  char magic[16];
  volatile int on;
  char reached[236];  // the file's path; "": nobody asks
};

Switch state = {"tincan-mutants:", -1, ""};
unsigned char* page = nullptr;

// Shared, and mapped before anything is cloned: so it is seen from behind pivot_root(2) and setuid(2)
// too, and whatever ends by _exit(2) has written already.
__attribute__((constructor(101))) void map_page() {
  if (state.reached[0] == 0) return;
  const int fd = open(state.reached, O_RDWR | O_CLOEXEC);
  if (fd == -1) return;
  struct stat status {};
  if (fstat(fd, &status) == 0) {
    void* mapped = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) page = static_cast<unsigned char*>(mapped);
  }
  close(fd);
}

}  // namespace

bool tincan_on(int number) noexcept {
  return state.on == number;
}

bool tincan_noting() noexcept {
  return page != nullptr;
}

bool tincan_reached_if(int number, bool value) noexcept {
  if (value && page != nullptr) page[number] = 1;
  return value;
}

bool tincan_mutant(int number) noexcept {
  tincan_reached_if(number, true);
  return tincan_on(number);
}
