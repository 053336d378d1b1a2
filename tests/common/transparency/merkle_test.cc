#include "common/transparency/merkle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/escaping.h"
#include "tests/support/matchers.h"

namespace idea::transparency {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using testing::IsOk;
using testing::IsOkAndHolds;

// The definition of RFC 6962 section 2.1, literally and without optimization.
std::string Mth(const std::vector<std::string>& entries, size_t begin, size_t end) {
  if (begin == end) return CompactRange().Root();
  if (end - begin == 1) return LeafHash(entries[begin]);
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return NodeHash(Mth(entries, begin, begin + k), Mth(entries, begin + k, end));
}

std::vector<std::string> Path(const std::vector<std::string>& entries, size_t m, size_t begin, size_t end) {
  if (end - begin == 1) return {};
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  const bool left = m < k;
  auto path = left ? Path(entries, m, begin, begin + k) : Path(entries, m - k, begin + k, end);
  path.push_back(left ? Mth(entries, begin + k, end) : Mth(entries, begin, begin + k));
  return path;
}

std::vector<std::string> SubProof(const std::vector<std::string>& entries, size_t m, size_t begin, size_t end,
                                  bool whole) {
  if (m == end - begin) return whole ? std::vector<std::string>() : std::vector{Mth(entries, begin, end)};
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  const bool left = m <= k;
  auto proof =
      left ? SubProof(entries, m, begin, begin + k, whole) : SubProof(entries, m - k, begin + k, end, false);
  proof.push_back(left ? Mth(entries, begin + k, end) : Mth(entries, begin, begin + k));
  return proof;
}

// A log of `n` entries, with its nodes stored as in the database.
struct Log {
  explicit Log(int n) {
    for (int i = 0; i < n; ++i) Add("entry " + std::to_string(i));
  }
  void Add(const std::string& entry) {
    entries.push_back(entry);
    for (Node& node : edge.Append(LeafHash(entry))) stored[{node.level, node.index}] = std::move(node.hash);
  }
  Nodes nodes() const {
    return [this](int level, int64_t index) -> absl::StatusOr<std::string> {
      const auto node = stored.find({level, index});
      if (node == stored.end()) return absl::DataLossError("no such node");
      return node->second;
    };
  }
  std::vector<std::string> entries;
  std::map<std::pair<int, int64_t>, std::string> stored;
  CompactRange edge;
};

// The leaves that implementations of RFC 6962 are compared by, and the root after each.
constexpr std::pair<const char*, const char*> kReference[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};

TEST(Merkle, HasTheRootsOfTheReferenceTrees) {
  Log log(0);
  EXPECT_EQ(absl::BytesToHexString(log.edge.Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const auto& [leaf, root] : kReference) {
    log.Add(absl::HexStringToBytes(leaf));
    EXPECT_EQ(absl::BytesToHexString(log.edge.Root()), root);
  }
}

std::vector<std::string> Hex(const absl::StatusOr<std::vector<std::string>>& hashes) {
  std::vector<std::string> hex;
  if (hashes.ok()) {
    for (const std::string& hash : *hashes) hex.push_back(absl::BytesToHexString(hash));
  }
  return hex;
}

// The corresponding proofs; indexes count from 0.
TEST(Merkle, HasTheProofsOfTheReferenceTrees) {
  Log log(0);
  for (const auto& [leaf, _] : kReference) log.Add(absl::HexStringToBytes(leaf));
  const char* const of_the_first[] = {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
  EXPECT_THAT(Hex(InclusionProof(log.nodes(), 0, 1)), ElementsAre());
  EXPECT_THAT(Hex(InclusionProof(log.nodes(), 0, 8)), ElementsAreArray(of_the_first));
  EXPECT_THAT(Hex(InclusionProof(log.nodes(), 5, 8)),
              ElementsAre("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
  EXPECT_THAT(Hex(InclusionProof(log.nodes(), 2, 3)),
              ElementsAre("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"));
  EXPECT_THAT(Hex(InclusionProof(log.nodes(), 1, 5)),
              ElementsAre("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
  EXPECT_THAT(Hex(ConsistencyProof(log.nodes(), 1, 1)), ElementsAre());
  EXPECT_THAT(Hex(ConsistencyProof(log.nodes(), 1, 8)), ElementsAreArray(of_the_first));
  EXPECT_THAT(Hex(ConsistencyProof(log.nodes(), 6, 8)),
              ElementsAre("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
  EXPECT_THAT(Hex(ConsistencyProof(log.nodes(), 2, 5)),
              ElementsAre("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
}

// The worked example of RFC 6962 section 2.1.3 (RFC 9162 section 2.1.5): seven leaves d0 to d6, nodes a to l.
TEST(Merkle, HasTheProofsOfTheExampleInTheRfc) {
  const Log log(7);
  std::map<char, std::string> node;
  const std::pair<char, int> leaves[] = {{'a', 0}, {'b', 1}, {'c', 2}, {'d', 3},
                                         {'e', 4}, {'f', 5}, {'j', 6}};
  for (const auto& [name, place] : leaves) node[name] = LeafHash(log.entries[static_cast<size_t>(place)]);
  const auto join = [&](char name, char left, char right) { node[name] = NodeHash(node[left], node[right]); };
  join('g', 'a', 'b');
  join('h', 'c', 'd');
  join('i', 'e', 'f');
  join('k', 'g', 'h');
  join('l', 'i', 'j');
  EXPECT_EQ(log.edge.Root(), NodeHash(node['k'], node['l']));
  const auto names = [&](const absl::StatusOr<std::vector<std::string>>& proof) {
    std::string text;
    for (const std::string& hash : *proof) {
      for (const auto& [name, each] : node) {
        if (each == hash) text += name;
      }
    }
    return text;
  };
  EXPECT_EQ(names(InclusionProof(log.nodes(), 0, 7)), "bhl");
  EXPECT_EQ(names(InclusionProof(log.nodes(), 3, 7)), "cgl");
  EXPECT_EQ(names(InclusionProof(log.nodes(), 4, 7)), "fjk");
  EXPECT_EQ(names(InclusionProof(log.nodes(), 6, 7)), "ik");
  EXPECT_EQ(names(ConsistencyProof(log.nodes(), 3, 7)), "cdgl");
  EXPECT_EQ(names(ConsistencyProof(log.nodes(), 4, 7)), "l");
  EXPECT_EQ(names(ConsistencyProof(log.nodes(), 6, 7)), "ijk");
}

TEST(Merkle, AgreesWithTheDefinitionForEveryTreeAndProofUpToSeventyLeaves) {
  constexpr int kMaxSize = 70;
  const Log log(kMaxSize);
  for (int size = 0; size <= kMaxSize; ++size) {
    const std::string root = Mth(log.entries, 0, size);
    EXPECT_EQ(Log(size).edge.Root(), root);
    EXPECT_THAT(RootOf(log.nodes(), size), IsOkAndHolds(Eq(root)));
    for (int index = 0; index < size; ++index) {
      const auto proof = InclusionProof(log.nodes(), index, size);
      ASSERT_THAT(proof, IsOkAndHolds(Eq(Path(log.entries, index, 0, size))));
      EXPECT_TRUE(ProvesInclusion(LeafHash(log.entries[index]), index, size, *proof, root));
    }
    for (int from = 0; from <= size; ++from) {
      const auto proof = ConsistencyProof(log.nodes(), from, size);
      ASSERT_THAT(proof, IsOk());
      if (from > 0) {
        EXPECT_EQ(*proof, SubProof(log.entries, from, 0, size, true));
      }
      EXPECT_TRUE(ProvesConsistency(from, size, Mth(log.entries, 0, from), root, *proof));
    }
  }
}

TEST(Merkle, AProofHoldsForNothingElse) {
  const Log log(21);
  const std::string root = log.edge.Root();
  const std::string leaf = LeafHash(log.entries[13]);
  const auto proof = *InclusionProof(log.nodes(), 13, 21);
  EXPECT_TRUE(ProvesInclusion(leaf, 13, 21, proof, root));
  EXPECT_FALSE(ProvesInclusion(LeafHash("another"), 13, 21, proof, root));
  EXPECT_FALSE(ProvesInclusion(leaf, 12, 21, proof, root));
  EXPECT_FALSE(ProvesInclusion(leaf, 13, 40, proof, root));
  EXPECT_FALSE(ProvesInclusion(leaf, 13, 13, proof, root));
  EXPECT_FALSE(ProvesInclusion(leaf, -1, 21, proof, root));
  EXPECT_FALSE(ProvesInclusion(leaf, 13, 21, {}, root));
  for (size_t i = 0; i < proof.size(); ++i) {
    auto changed = proof;
    changed[i][0] ^= 1;
    EXPECT_FALSE(ProvesInclusion(leaf, 13, 21, changed, root));
    changed = proof;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(ProvesInclusion(leaf, 13, 21, changed, root));
  }
  auto longer = proof;
  longer.push_back(root);
  EXPECT_FALSE(ProvesInclusion(leaf, 13, 21, longer, root));
}

TEST(Merkle, AForkedLogIsNotConsistent) {
  const Log log(21);
  Log fork(12);
  fork.Add("another");
  for (int i = 13; i < 21; ++i) fork.Add("entry " + std::to_string(i));
  const std::string old_root = *RootOf(log.nodes(), 14);
  const auto proof = *ConsistencyProof(log.nodes(), 14, 21);
  EXPECT_TRUE(ProvesConsistency(14, 21, old_root, log.edge.Root(), proof));
  EXPECT_FALSE(ProvesConsistency(14, 21, old_root, fork.edge.Root(), proof));
  EXPECT_FALSE(
      ProvesConsistency(14, 21, old_root, fork.edge.Root(), *ConsistencyProof(fork.nodes(), 14, 21)));
  EXPECT_FALSE(ProvesConsistency(13, 21, old_root, log.edge.Root(), proof));
  EXPECT_FALSE(ProvesConsistency(22, 21, old_root, log.edge.Root(), proof));
  EXPECT_FALSE(ProvesConsistency(14, 21, old_root, log.edge.Root(), {}));
}

}  // namespace
}  // namespace idea::transparency
