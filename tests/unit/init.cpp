// Unit tests of chapter 10's parsers (programs, scripts, environment files) and of what makes text
// fit for a terminal. Every byte that they read may come out of a hostile container.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "10-init/environment.hpp"
#include "10-init/exec_failure.hpp"
#include "common/error.hpp"
#include "common/printable.hpp"

namespace tincan {
namespace {

using std::string_literals::operator""s;

TEST(Printable, LeavesTextAlone) {
  for (const std::string text :
       {"", "plain", " ~", "Bücher", "日本", "\U0001f96b", "a\\b", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xdf\xbf"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, WritesDownWhatATerminalObeys) {
  EXPECT_EQ(printable("a\033]0;x\a"), "a\\x1b]0;x\\x07");
  EXPECT_EQ(printable("a\nb\rc\td"), "a\\x0ab\\x0dc\\x09d");
  EXPECT_EQ(printable("\x7f\x1f"), "\\x7f\\x1f");
  EXPECT_EQ(printable("a\0b"s), "a\\x00b");
}

// U+009B is an escape sequence's beginning, in UTF-8 and as a bare byte.
TEST(Printable, KnowsTheEightBitControls) {
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(printable("\x9b"), "\\x9b");
  EXPECT_EQ(printable("\xc2\xa0"), "\xc2\xa0");
}

TEST(Printable, ShowsWhatNobodySees) {
  EXPECT_EQ(printable("\xef\xbb\xbf#!"), "\\xef\\xbb\\xbf#!");        // a byte order mark
  EXPECT_EQ(printable("a\u202egnp.exe"), "a\\xe2\\x80\\xaegnp.exe");  // from right to left
  for (const std::string text :
       {"\u00ad", "\u061c", "\u180e", "\u200b", "\u200f", "\u2028", "\u2060", "\u206f"}) {
    EXPECT_NE(printable(text), text);
  }
  EXPECT_EQ(printable("\u200a\u2010\u2027\u202f"), "\u200a\u2010\u2027\u202f");
  EXPECT_EQ(printable("\U000e0041"), "\\xf3\\xa0\\x81\\x81");
}

TEST(Printable, TakesNoBrokenUtf8) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"\xc3", "\\xc3"},
      {"\xc3x", "\\xc3x"},
      {"\xc0\x9b", "\\xc0\\x9b"},                    // overlong
      {"\xe0\x82\x9b", "\\xe0\\x82\\x9b"},           // overlong
      {"\xf0\x80\x82\x9b", "\\xf0\\x80\\x82\\x9b"},  // overlong
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond U+10FFFF
      {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"\xc3\xc3\xa9", "\\xc3\xc3\xa9"},
      {"\xff", "\\xff"},
      {"\xe6\x97", "\\xe6\\x97"},
  };
  for (const auto& [text, shown] : table) EXPECT_EQ(printable(text), shown);
}

TEST(Script, NamesItsInterpreter) {
  EXPECT_EQ(script_interpreter("#!/bin/sh\necho"), "/bin/sh");
  EXPECT_EQ(script_interpreter("#! \t/bin/sh -e\n"), "/bin/sh");
  EXPECT_EQ(script_interpreter("#!/bin/sh"), "/bin/sh");
  EXPECT_EQ(script_interpreter("#!/bin/sh\r\n"), "/bin/sh\r");
  EXPECT_EQ(script_interpreter("#!/bin/sh\0x\n"s), "/bin/sh");
}

TEST(Script, IsNotEverythingThatLooksLikeOne) {
  for (const std::string& text : {""s, "#"s, "#!"s, "#!\n/bin/sh"s, "#!   \n"s, "#! \0/bin/sh\n"s,
                                  " #!/bin/sh"s, "\177ELF"s}) {
    EXPECT_EQ(script_interpreter(text), std::nullopt) << text;
  }
}

// A file in memory, read as the launcher reads one.
ReadAt reader_of(const std::string& file) {
  return [&file](std::uint64_t offset, std::size_t length) {
    return offset >= file.size() ? std::string{} : file.substr(offset, length);
  };
}

template <typename Value>
void put(std::string& file, std::size_t offset, const Value& value) {
  if (file.size() < offset + sizeof value) file.resize(offset + sizeof value);
  std::memcpy(file.data() + offset, &value, sizeof value);
}

constexpr std::size_t segments_at = 64;
constexpr std::size_t loader_at = 512;
constexpr std::size_t dynamic_at = 1024;
constexpr std::size_t strings_at = 2048;
constexpr std::uint64_t loaded_at = 0x400000;

// A program with a loader and two libraries: the least that has all the parts.
std::string make_elf() {
  std::string file(4096, '\0');
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_X86_64;
  header.e_phoff = segments_at;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 3;
  put(file, 0, header);
  put(file, segments_at, Elf64_Phdr{PT_LOAD, 0, 0, loaded_at, 0, 4096, 4096, 0});
  put(file, segments_at + 56, Elf64_Phdr{PT_INTERP, 0, loader_at, 0, 0, 14, 14, 0});
  put(file, segments_at + 112, Elf64_Phdr{PT_DYNAMIC, 0, dynamic_at, 0, 0, 64, 64, 0});
  file.replace(loader_at, 13, "/lib64/loader");
  put(file, dynamic_at, Elf64_Dyn{DT_NEEDED, {1}});
  put(file, dynamic_at + 16, Elf64_Dyn{DT_NEEDED, {9}});
  put(file, dynamic_at + 32, Elf64_Dyn{DT_STRTAB, {loaded_at + strings_at}});
  put(file, dynamic_at + 48, Elf64_Dyn{DT_NULL, {0}});
  file.replace(strings_at, 18, "\0liba.so\0libb.so\0"s + "x");
  return file;
}

TEST(Elf, TellsLoaderAndLibraries) {
  const std::string file = make_elf();
  const auto needs = read_elf_needs(reader_of(file));
  ASSERT_TRUE(needs);
  EXPECT_EQ(needs->machine, static_cast<unsigned>(EM_X86_64));
  EXPECT_EQ(needs->loader, "/lib64/loader");
  EXPECT_EQ(needs->libraries, (std::vector<std::string>{"liba.so", "libb.so"}));
}

TEST(Elf, IsNotEverythingThatLooksLikeOne) {
  std::string big_endian = make_elf();
  big_endian[EI_DATA] = ELFDATA2MSB;
  std::string odd_class = make_elf();
  odd_class[EI_CLASS] = 7;
  std::string odd_size = make_elf();
  put(odd_size, offsetof(Elf64_Ehdr, e_phentsize), std::uint16_t{1});
  std::string odd_name = make_elf();
  odd_name[0] = 'X';
  const std::vector<std::string> files{"",        "\177ELF", "#!/bin/sh", big_endian,
                                       odd_class, odd_size,  odd_name};
  for (const std::string& file : files) EXPECT_FALSE(read_elf_needs(reader_of(file)));
}

TEST(Elf, ThirtyTwoBitsAreReadToo) {
  std::string file(256, '\0');
  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_386;
  header.e_phoff = 64;
  header.e_phentsize = sizeof(Elf32_Phdr);
  header.e_phnum = 1;
  put(file, 0, header);
  put(file, 64, Elf32_Phdr{PT_INTERP, 128, 0, 0, 19, 19, 0, 0});
  file.replace(128, 18, "/lib/ld-linux.so.2");
  const auto needs = read_elf_needs(reader_of(file));
  ASSERT_TRUE(needs);
  EXPECT_EQ(needs->loader, "/lib/ld-linux.so.2");
}

TEST(Elf, LiesDoNotLeadAstray) {
  const auto with = [](std::size_t offset, auto value) {
    std::string file = make_elf();
    put(file, offset, value);
    return file;
  };
  constexpr std::uint64_t far = ~std::uint64_t{0};
  const std::vector<std::string> files{
      with(offsetof(Elf64_Ehdr, e_phoff), far),
      with(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{65535}),
      with(segments_at + offsetof(Elf64_Phdr, p_vaddr), far),
      with(segments_at + offsetof(Elf64_Phdr, p_filesz), far),
      with(segments_at + 56 + offsetof(Elf64_Phdr, p_offset), far),
      with(segments_at + 56 + offsetof(Elf64_Phdr, p_filesz), far),
      with(segments_at + 112 + offsetof(Elf64_Phdr, p_offset), far),
      with(segments_at + 112 + offsetof(Elf64_Phdr, p_filesz), far),
      with(dynamic_at + 8, far),
      with(dynamic_at + 40, far),
  };
  for (const std::string& file : files) {
    const ElfNeeds needs = read_elf_needs(reader_of(file)).value_or(ElfNeeds{});
    EXPECT_LE(needs.libraries.size(), 64U);
  }
}

TEST(Elf, CutShortAnywhereIsReadAsFarAsItGoes) {
  const std::string whole = make_elf();
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const std::string file = whole.substr(0, length);
    (void)read_elf_needs(reader_of(file));
  }
}

// A program with so many segments, all of no kind but the last.
std::string with_segments(std::size_t count, const Elf64_Phdr& last) {
  std::string file = make_elf();
  file.resize(1 << 20);
  put(file, offsetof(Elf64_Ehdr, e_phoff), std::uint64_t{8192});
  put(file, offsetof(Elf64_Ehdr, e_phnum), static_cast<std::uint16_t>(count));
  put(file, 8192 + (count - 1) * sizeof last, last);
  return file;
}

TEST(Elf, IsReadUpToABorderAndNoFurther) {
  const auto loader = [](const std::string& file) {
    return read_elf_needs(reader_of(file))->loader;
  };
  const Elf64_Phdr interpreter{PT_INTERP, 0, loader_at, 0, 0, 14, 14, 0};
  EXPECT_EQ(loader(with_segments(128, interpreter)), "/lib64/loader");
  EXPECT_EQ(loader(with_segments(129, interpreter)), "");
  for (const std::size_t length : {4095U, 4096U}) {
    std::string file = with_segments(1, {PT_INTERP, 0, 65536, 0, 0, 5000, 5000, 0});
    file.replace(65536, length, length, 'x');
    EXPECT_EQ(loader(file).size(), length == 4095 ? length : 0);
  }
}

// The addresses and the strings of a dynamic section: where they begin and where they end.
TEST(Elf, ADynamicSectionIsReadUpToItsBorders) {
  const auto libraries = [](const std::string& file) {
    return read_elf_needs(reader_of(file))->libraries;
  };
  const auto with_part = [](std::uint64_t offset, std::uint64_t address, std::uint64_t size,
                            std::uint64_t strings) {
    std::string file = make_elf();
    put(file, segments_at, Elf64_Phdr{PT_LOAD, 0, offset, address, 0, size, size, 0});
    put(file, dynamic_at + 40, strings);
    return file;
  };
  const std::vector<std::string> both{"liba.so", "libb.so"};
  EXPECT_EQ(libraries(with_part(strings_at, loaded_at, 1, loaded_at)), both);
  EXPECT_EQ(libraries(with_part(0, loaded_at, strings_at + 1, loaded_at + strings_at)), both);
  EXPECT_TRUE(libraries(with_part(0, loaded_at, strings_at, loaded_at + strings_at)).empty());
  EXPECT_TRUE(libraries(with_part(0, loaded_at, 4096, loaded_at - 1)).empty());
  // What is not loaded has no addresses.
  std::string noted = with_part(strings_at, loaded_at, 1, loaded_at);
  put(noted, segments_at + 56, Elf64_Phdr{PT_NOTE, 0, 0, loaded_at - 8, 0, 4096, 4096, 0});
  put(noted, segments_at, Elf64_Phdr{PT_NOTE, 0, 0, loaded_at - 8, 0, 4096, 4096, 0});
  EXPECT_TRUE(libraries(noted).empty());
  std::string last = with_part(0, 0, 0, loaded_at);
  put(last, segments_at + 56, Elf64_Phdr{PT_DYNAMIC, 0, dynamic_at, 0, 0, 64, 64, 0});
  put(last, segments_at + 112, Elf64_Phdr{PT_LOAD, 0, strings_at, loaded_at, 0, 1, 1, 0});
  EXPECT_EQ(libraries(last), both);
  std::string behind = make_elf();
  put(behind, dynamic_at, Elf64_Dyn{DT_STRTAB, {loaded_at + strings_at}});
  put(behind, dynamic_at + 32, Elf64_Dyn{DT_NULL, {0}});
  put(behind, dynamic_at + 48, Elf64_Dyn{DT_NEEDED, {1}});
  EXPECT_EQ(libraries(behind), std::vector<std::string>{"libb.so"});
}

TEST(Elf, ADynamicSectionHasSoManyEntriesAndNoMore) {
  for (const std::size_t count : {4095U, 4096U, 4097U}) {
    std::string file = with_segments(2, {PT_DYNAMIC, 0, 65536, 0, 0, 1 << 17, 1 << 17, 0});
    put(file, 8192, Elf64_Phdr{PT_LOAD, 0, 0, loaded_at, 0, 4096, 4096, 0});
    for (std::size_t i = 0; i + 1 < count; ++i)
      put(file, 65536 + 16 * i, Elf64_Dyn{DT_NEEDED, {1}});
    put(file, 65536 + 16 * (count - 1), Elf64_Dyn{DT_STRTAB, {loaded_at + strings_at}});
    EXPECT_EQ(read_elf_needs(reader_of(file))->libraries.size(), count <= 4096 ? 64U : 0U) << count;
  }
}

// Not a fuzzer, but deterministic, and enough to make the sanitizers look at every bound.
TEST(Elf, AnyByteMayBeWrong) {
  const std::string whole = make_elf();
  for (std::size_t at = 0; at < dynamic_at + 64; ++at) {
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      std::string file = whole;
      file[at] = value;
      (void)read_elf_needs(reader_of(file));
    }
  }
}

TEST(EnvironmentFile, IsReadLineByLine) {
  const Variables expected{{"A", "1"}, {"B", "two words"}, {"C", ""}, {"D", "x=y"}, {"E", "\"q\""}};
  EXPECT_EQ(parse_environment_file("A=1\n# comment\n\nB=two words\nC=\nD=x=y\nE=\"q\"", "f"),
            expected);
  EXPECT_TRUE(parse_environment_file("", "f").empty());
}

std::string refusal_of(const std::string& text) {
  try {
    parse_environment_file(text, "f");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "taken";
}

TEST(EnvironmentFile, NamesTheLineThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"A", "line 1"},       {"A=1\n\nB", "line 3"},   {"1=1", "line 1"},      {" A=1", "line 1"},
      {"A=1\r\n", "line 1"}, {"A=\033", "line 1"},     {"A=1\nA=2", "line 2"}, {"=", "line 1"},
      {"A=\0b"s, "line 1"},  {"export A=1", "line 1"},
  };
  for (const auto& [text, line] : table) {
    EXPECT_NE(refusal_of(text).find(line), std::string::npos) << text;
  }
}

TEST(Environment, TakesOnlyNamesOfTerminals) {
  EXPECT_EQ(sane_terminal("screen-256color"), "screen-256color");
  EXPECT_EQ(sane_terminal("xterm+sl"), "xterm+sl");
  for (const char* term : {"", "../x", "a/b", "a b", "-x", "a\033", "1x"}) {
    EXPECT_EQ(sane_terminal(term), "xterm") << term;
  }
}

TEST(Environment, HasAHomeThatTheUserCanHave) {
  const auto home = [](uid_t uid) {
    for (const std::string& variable : make_environment({}, uid, false)) {
      if (variable.starts_with("HOME=")) return variable;
    }
    return std::string{};
  };
  EXPECT_EQ(home(0), "HOME=/root");
  EXPECT_EQ(home(1), "HOME=/");
}

// Of each kind of character the first and the last, and what stands beside them in ASCII.
TEST(Environment, NamesAreOfLettersDigitsAndLittleElse) {
  EXPECT_EQ(sane_terminal("azAZ09-+._"), "azAZ09-+._");
  EXPECT_TRUE(is_variable_name("azAZ_09"));
  for (const char first : {'a', 'z', 'A', 'Z', '_'})
    EXPECT_TRUE(is_variable_name({&first, 1})) << first;
  for (const char first : {'0', '9'}) EXPECT_FALSE(is_variable_name({&first, 1})) << first;
  for (const char c : {'`', '{', '@', '[', '/', ':', '-', '^', '=', ' '}) {
    EXPECT_FALSE(is_variable_name(std::string{"a"} + c)) << c;
    EXPECT_EQ(sane_terminal((std::string{"a"} + c).c_str()), c == '-' ? "a-" : "xterm") << c;
  }
  EXPECT_FALSE(is_variable_name(""));
}

TEST(Environment, KnowsTerminalsWithoutAName) {
  EXPECT_EQ(sane_terminal(nullptr), "xterm");
}

}  // namespace
}  // namespace tincan
