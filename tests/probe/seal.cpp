// Seals: proof that it was this probe that said "blocked", for a grader who does not trust the
// launcher that the probe was started by. The grader puts a fresh key into a copy of the program.
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "probe/probe.hpp"

namespace probe {
namespace {

// classroom/seal.py finds this text in the program, and writes 16 random bytes in its place.
constexpr std::array<char, 17> no_key{"NO-KEY-FOR-SEALS"};
alignas(16) volatile char key_bytes[16] = {'N', 'O', '-', 'K', 'E', 'Y', '-', 'F',
                                           'O', 'R', '-', 'S', 'E', 'A', 'L', 'S'};

struct Key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

Key read_key() {
  std::array<char, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = key_bytes[i];
  Key key;
  std::memcpy(&key.low, bytes.data(), 8);
  std::memcpy(&key.high, bytes.data() + 8, 8);
  return key;
}

bool is_no_key(const Key& key) {
  return std::memcmp(&key, no_key.data(), sizeof key) == 0;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1, v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
};

// SipHash-2-4 (Aumasson and Bernstein, 2012): who has seen the seals of some words can make none
// for another word. Little-endian machines, like all that tincan runs on.
std::uint64_t siphash(const Key& key, const std::string& text) {
  State state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d,
              key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
  std::string padded = text;
  padded.resize(text.size() / 8 * 8 + 8, '\0');
  padded.back() = static_cast<char>(text.size());
  for (std::size_t at = 0; at < padded.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, padded.data() + at, 8);
    state.v3 ^= word;
    state.round(), state.round();
    state.v0 ^= word;
  }
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace

bool is_graded() {
  return !is_no_key(read_key());
}

void print_seal(const std::string& id, const std::string& question, Verdict verdict) {
  const Key key = read_key();
  if (is_no_key(key) || verdict == Verdict::reached || verdict == Verdict::not_testable) return;
  std::printf("SEAL %s %016llx\n", id.c_str(),
              static_cast<unsigned long long>(siphash(key, question)));
}

}  // namespace probe
