// The probe runs inside and tries to get out: one small function a promise, one verdict each. It
// shares no code with what it judges, needs no shell, and needs /proc only where the attack is
// about /proc.
//
//   Outcome try_to_see_host_processes(const Facts& facts);   // one attack
//   {"NS-01", try_to_see_host_processes},                    // its line in the topic's table
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>

namespace probe {

/// Also the exit statuses: numbers that no crash and no shell returns by accident.
enum class Verdict {
  blocked = 70,       ///< the attack was tried, and failed
  reached = 71,       ///< the attack worked
  not_testable = 72,  ///< this machine cannot show it
  attempted = 74,     ///< done; whether it reached the host, the host has to say
};

struct Outcome {
  Verdict verdict;
  std::string evidence;
};

inline Outcome blocked(std::string evidence) {
  return {Verdict::blocked, std::move(evidence)};
}
inline Outcome reached(std::string evidence) {
  return {Verdict::reached, std::move(evidence)};
}
inline Outcome not_testable(std::string why) {
  return {Verdict::not_testable, std::move(why)};
}
inline Outcome attempted(std::string what) {
  return {Verdict::attempted, std::move(what)};
}

/// "call: EPERM", from the errno of the call that just failed.
std::string failed(const std::string& call);

/// What the test knows about the host: names, numbers, secrets, from the command line.
class Facts {
 public:
  Facts(int count, char** words);
  const std::string& operator[](const std::string& name) const;  ///< throws if it was not given
  long number(const std::string& name) const;
  const std::string& words() const { return words_; }  ///< all, as they were given

 private:
  std::map<std::string, std::string> values_;
  std::string words_;
};

/// In a program that holds a grader's key: a line that only it can print, if the attack failed; good
/// for these words of a question and no others, since they hold a word that is new each time.
void print_seal(const std::string& id, const std::string& question, Verdict verdict);

/// Does this program hold a grader's key?
bool is_graded();

/// One attack, by the id of its promise.
struct Attack {
  const char* id;
  Outcome (*attempt)(const Facts&);
};

// The topics, each a file with its table.
std::span<const Attack> inheritance_attacks();
std::span<const Attack> namespace_attacks();
std::span<const Attack> network_attacks();
std::span<const Attack> mount_attacks();
std::span<const Attack> device_attacks();
std::span<const Attack> cover_attacks();
std::span<const Attack> user_attacks();
std::span<const Attack> capability_attacks();
std::span<const Attack> power_attacks();
std::span<const Attack> terminal_attacks();
std::span<const Attack> seccomp_attacks();

/// Not an attack: prints the filter of process `pid`, read from the kernel. Returns an exit status.
int print_filter_of(int pid);
std::span<const Attack> resource_attacks();

/// Not an attack: a person at a terminal, see caller.cpp. Returns an exit status.
int play_caller(int count, char** words);

/// Not an attack: this program stands in the place of newuidmap(1) or newgidmap(1), and has its
/// name; see helper.cpp.
bool is_called_as_helper(const char* name);
int play_helper(char** words);

/// Hogs, for the host to look at; see resources.cpp. Each is bounded, and returns an exit status.
int bomb(long most);        ///< processes, until fork() fails or there are so many; then holds
int hog(long most);         ///< MiB of memory, touched
int fill_pipes(long most);  ///< in processes, each says how much its last one holds; and stays
int print_pipe_sizes();  ///< what standard output holds, if it is a pipe, and what a new one does
int send_descriptors(long most);  ///< until they are on their way, or sendmsg() fails; then holds
int count_rounds();  ///< two seconds of a processor; prints how many milliseconds it got

/// The contents of a file, or nothing if it cannot be read; at most a mebibyte.
std::string slurp(const std::string& path);

/// True if the canary can be read below `prefix`: "" for the path as it is on the host.
bool canary_visible(const Facts& facts, const std::string& prefix);

}  // namespace probe
