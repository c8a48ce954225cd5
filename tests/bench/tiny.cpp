// The smallest command there is, without a C library: what a start costs must not be what the
// command costs. Without an argument it ends at once, like true(1). With one it says that it runs,
// and ends when its standard input does: a container that is alive and does nothing.
#include <sys/syscall.h>

namespace {

long call(long number, long a, long b, long c) {
  long returned;
#if defined(__x86_64__)
  asm volatile("syscall"
               : "=a"(returned)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  returned = x0;
#endif
  return returned;
}

}  // namespace

// The kernel enters at _start with argc on top of the stack, execve(2).
#if defined(__x86_64__)
asm(".globl _start\n_start: mov (%rsp), %rdi\n and $-16, %rsp\n call begin");
#elif defined(__aarch64__)
asm(".globl _start\n_start: ldr x0, [sp]\n bl begin");
#endif

extern "C" [[noreturn]] void begin(long argc) {
  char byte = '\n';
  const long at = reinterpret_cast<long>(&byte);
  if (argc > 1) {
    call(SYS_write, 1, at, 1);
    call(SYS_read, 0, at, 1);
  }
  while (true) call(SYS_exit_group, 0, 0, 0);
}
