// Unit tests of what is said of words that hands know from other tools: each name of each row leads to its sentence, and
// to the option that is named there, as written down in tests/golden/way-on.tsv.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "common/files.hpp"
#include "common/way_on.hpp"

namespace tincan {
namespace {

struct Row {
  std::string place, names, value, option, sentence;
};

std::vector<Row> rows_of(const std::string& path, std::string& head) {
  std::vector<Row> rows;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      head += line + "\n";
      continue;
    }
    std::vector<std::string> fields;
    for (const std::string_view field : split_at(line, '\t')) fields.emplace_back(field);
    fields.resize(5);
    rows.push_back({fields[0], fields[1], fields[2], fields[3], fields[4]});
  }
  return rows;
}

// What follows is anything, this word, or, "*:*", one with such a sign in it.
std::string following(const std::string& value) {
  if (value.empty()) return "VALUE";
  return value.front() == '*' ? "VALUE" + value.substr(1, 1) + "VALUE" : value;
}

Advice of(const Row& row, const std::string& name) {
  const Where where = row.place == "option" ? Where::option
                      : row.place == "word" ? Where::word
                                            : Where::command;
  return way_on(where, name, {following(row.value), "NEXT"});
}

// With the word itself as %w: names of one row differ in nothing else.
std::string as_written(std::string sentence, const std::string& name) {
  for (auto at = sentence.find("'" + name + " "); at != std::string::npos;
       at = sentence.find("'" + name + " ", at + 1)) {
    sentence.replace(at + 1, name.size(), "%w");
  }
  return sentence;
}

TEST(GoldenWays, EachNameLeadsToItsSentence) {
  const std::string path = "tests/golden/way-on.tsv";
  std::string head;
  std::vector<Row> rows = rows_of(path, head);
  EXPECT_GT(rows.size(), 80U);
  for (Row& row : rows) {
    const auto names = split_at(row.names, ',');
    if (std::getenv("TINCAN_WRITE_GOLDEN") != nullptr) {
      const std::string first{names.front()};
      row.sentence = as_written(of(row, first).sentence, first);
      row.option = of(row, first).option;
    }
    for (const std::string_view each : names) {
      const std::string name{each};
      EXPECT_EQ(as_written(of(row, name).sentence, name), row.sentence)
          << row.place << ' ' << name << ' ' << row.value;
      EXPECT_EQ(of(row, name).option, row.option) << row.place << ' ' << name << ' ' << row.value;
    }
  }
  if (std::getenv("TINCAN_WRITE_GOLDEN") == nullptr) return;
  std::ofstream file{path};
  file << head;
  for (const Row& row : rows) {
    file << row.place << '\t' << row.names << '\t' << row.value << '\t' << row.option << '\t'
         << row.sentence << '\n';
  }
}

}  // namespace
}  // namespace tincan
