#ifndef IDEA_TESTS_SERVICES_CLI_MEMORY_LOG_H_
#define IDEA_TESTS_SERVICES_CLI_MEMORY_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/transparency/checkpoint.h"
#include "common/transparency/merkle.h"

namespace idea::testing {

// A transparency log in memory. Two of them with another first entry are two histories.
class MemoryLog {
 public:
  MemoryLog(const transparency::LogKey& key, const std::string& first) : key_(key) { Append(first); }

  void Append(const std::string& entry) {
    entries_.push_back(entry);
    for (const transparency::Node& node : edge_.Append(transparency::LeafHash(entry)))
      nodes_[{node.level, node.index}] = node.hash;
    roots_.push_back(edge_.Root());
  }
  void Grow(int entries) {
    for (int i = 0; i < entries; ++i) Append("entry " + std::to_string(edge_.size));
  }
  std::string Note(int64_t size) const { return key_.Sign(size, roots_.at(static_cast<size_t>(size) - 1)); }
  std::vector<std::string> Proof(int64_t from, int64_t to) const {
    const transparency::Nodes nodes = [this](int level, int64_t index) { return nodes_.at({level, index}); };
    return *transparency::ConsistencyProof(nodes, from, to);
  }
  const std::vector<std::string>& entries() const { return entries_; }
  int64_t size() const { return edge_.size; }

 private:
  const transparency::LogKey& key_;
  std::vector<std::string> entries_;
  transparency::CompactRange edge_;
  std::map<std::pair<int, int64_t>, std::string> nodes_;
  std::vector<std::string> roots_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SERVICES_CLI_MEMORY_LOG_H_
