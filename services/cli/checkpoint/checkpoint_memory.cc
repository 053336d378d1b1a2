#include "services/cli/checkpoint/checkpoint_memory.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/merkle.h"
#include "services/cli/context/state_file.h"

namespace idea::cli {
namespace {

using Json = nlohmann::ordered_json;
using transparency::Checkpoint;

// Maximum number of checkpoints of a log that wait for a server to compare them. The oldest is dropped.
constexpr size_t kMaxUnproven = 16;
// Maximum number of attempts to store while other processes change the file.
constexpr int kMaxAttempts = 5;

// A checkpoint with its note, and the name of the log.
struct Seen {
  std::string log;
  Checkpoint tree;
  std::string note;
};

// The log is the name and the id of the key of the signature line that has the checkpoint's name.
std::optional<Seen> Read(const std::string& text) {
  const auto note = transparency::ParseNote(text);
  if (!note.ok()) return std::nullopt;
  const auto tree = transparency::ParseCheckpoint(note->text);
  if (!tree.ok()) return std::nullopt;
  for (const transparency::NoteSignature& signature : note->signatures) {
    if (signature.name == tree->origin)
      return Seen{tree->origin + "+" + absl::BytesToHexString(signature.key_id), *tree, text};
  }
  return std::nullopt;
}

// The stored state of one log.
struct LogState {
  std::string last;
  std::vector<std::string> unproven;
  // The two checkpoints of a fork, and the warning.
  std::vector<std::string> fork;
  std::string warning;

  bool operator==(const LogState&) const = default;
};

LogState FromJson(const Json& json) {
  LogState state;
  if (!json.is_object()) return state;
  const auto text = [&json](const char* name) {
    return json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : std::string();
  };
  const auto list = [&json](const char* name) {
    std::vector<std::string> texts;
    if (!json.contains(name) || !json[name].is_array()) return texts;
    for (const Json& each : json[name]) {
      if (each.is_string()) texts.push_back(each.get<std::string>());
    }
    return texts;
  };
  return {text("checkpoint"), list("unproven"), list("fork"), text("warning")};
}

Json ToJson(const LogState& state) {
  Json json = {{"checkpoint", state.last}};
  if (!state.unproven.empty()) json["unproven"] = state.unproven;
  if (!state.fork.empty()) json["fork"] = state.fork;
  if (!state.warning.empty()) json["warning"] = state.warning;
  return json;
}

enum class Relation { kConsistent, kForked, kUnknown };

Relation Relate(const Checkpoint& a, const Checkpoint& b, const CheckpointMemory::Prove& prove) {
  if (a.size == b.size) return a.root == b.root ? Relation::kConsistent : Relation::kForked;
  const Checkpoint& from = a.size < b.size ? a : b;
  const Checkpoint& to = a.size < b.size ? b : a;
  if (from.size == 0) return Relation::kConsistent;
  if (prove == nullptr) return Relation::kUnknown;
  const auto proof = prove(from.size, to.size);
  // The log no longer has a tree that it has signed.
  if (status::ReasonOf(proof.status()) == status::Reason::ERROR_REASON_NOT_IN_LOG) return Relation::kForked;
  if (!proof.ok()) return Relation::kUnknown;
  return transparency::ProvesConsistency(from.size, to.size, from.root, to.root, *proof)
             ? Relation::kConsistent
             : Relation::kForked;
}

// Takes a checkpoint into the state.
void Merge(const Seen& seen, const CheckpointMemory::Prove& prove, LogState& state) {
  const std::optional<Seen> last = Read(state.last);
  if (!last) {
    state.last = seen.note;
    return;
  }
  switch (Relate(last->tree, seen.tree, prove)) {
    case Relation::kConsistent:
      if (seen.tree.size > last->tree.size) state.last = seen.note;
      return;
    case Relation::kForked:
      state.fork = {last->note, seen.note};
      state.warning = "the log " + seen.tree.origin +
                      " has shown two histories that contradict each other: checkpoints of " +
                      std::to_string(last->tree.size) + " and of " + std::to_string(seen.tree.size) +
                      " entries";
      return;
    case Relation::kUnknown:
      if (std::find(state.unproven.begin(), state.unproven.end(), seen.note) != state.unproven.end()) return;
      state.unproven.push_back(seen.note);
      if (state.unproven.size() > kMaxUnproven) state.unproven.erase(state.unproven.begin());
  }
}

}  // namespace

CheckpointMemory::CheckpointMemory(const Variables& variables)
    : file_(StatePath(variables, "checkpoints.json")) {}

std::optional<std::string> CheckpointMemory::Compare(const std::string& note, const Prove& prove) {
  const std::optional<Seen> seen = file_.empty() ? std::nullopt : Read(note);
  if (!seen) return std::nullopt;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), error);
  const auto read = [this] {
    Json all = Json::parse(ReadWhole(file_).value_or(""), nullptr, /*allow_exceptions=*/false);
    return all.is_object() ? all : Json::object();
  };
  LogState next;
  // The log is asked without the lock, so that a slow server does not stop other processes. The last attempt
  // holds the lock, so that no checkpoint is lost.
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    std::optional<FileLock> lock;
    if (attempt == kMaxAttempts) lock.emplace(file_ + ".lock");
    const Json before = read();
    const LogState known = before.contains(seen->log) ? FromJson(before[seen->log]) : LogState();
    next = known;
    std::vector<std::string> waiting = std::exchange(next.unproven, {});
    Merge(*seen, prove, next);
    for (const std::string& each : waiting) {
      if (const std::optional<Seen> earlier = Read(each)) Merge(*earlier, prove, next);
    }
    if (next == known) break;
    if (!lock) lock.emplace(file_ + ".lock");
    Json all = read();
    if ((all.contains(seen->log) ? FromJson(all[seen->log]) : LogState()) != known) continue;
    all[seen->log] = ToJson(next);
    WriteDurably(file_, all.dump(1)).IgnoreError();
    break;
  }
  if (next.warning.empty()) return std::nullopt;
  return next.warning + ". Both are kept in " + file_ +
         ", signed by the log: show them to the log's witnesses and to the other parties";
}

}  // namespace idea::cli
