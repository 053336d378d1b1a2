#ifndef IDEA_COMMON_TRANSPARENCY_MERKLE_H_
#define IDEA_COMMON_TRANSPARENCY_MERKLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): hashes, roots and proofs, without I/O. A
// hash is 32 bytes of SHA-256. A node has a level, which is 0 for leaves, and an index on its level: node (l,
// i) covers the leaves from i << l to before (i + 1) << l, and exists once all of them exist.
namespace idea::transparency {

std::string LeafHash(std::string_view entry);
std::string NodeHash(std::string_view left, std::string_view right);

struct Node {
  int level = 0;
  int64_t index = 0;
  std::string hash;
};

// The right edge of a tree: the nodes that appending needs.
struct CompactRange {
  // The number of leaves.
  int64_t size = 0;
  // The largest nodes that cover the leaves, from left to right: one per bit of `size`.
  std::vector<std::string> peaks;

  // Adds a leaf. Returns the new nodes, the leaf first.
  std::vector<Node> Append(std::string_view leaf_hash);
  // Proves the inclusion of the next leaf in the tree that it creates.
  std::vector<std::string> ProofOfNext() const;
  // The root. The root of the empty tree is the hash of an empty text.
  std::string Root() const;
};

// Reads a stored node.
using Nodes = std::function<absl::StatusOr<std::string>(int level, int64_t index)>;

// Inclusion proof of a leaf in the tree of `size` leaves. Requires 0 <= index < size.
absl::StatusOr<std::vector<std::string>> InclusionProof(const Nodes& nodes, int64_t index, int64_t size);
// Consistency proof: the tree of `size` leaves begins with the tree of `from` leaves. Requires 0 <= from <=
// size.
absl::StatusOr<std::vector<std::string>> ConsistencyProof(const Nodes& nodes, int64_t from, int64_t size);
// The root of the tree of the first `size` leaves.
absl::StatusOr<std::string> RootOf(const Nodes& nodes, int64_t size);

// Verification (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Malformed input is false.
bool ProvesInclusion(std::string_view leaf_hash, int64_t index, int64_t size,
                     const std::vector<std::string>& proof, std::string_view root);
bool ProvesConsistency(int64_t from, int64_t size, std::string_view from_root, std::string_view root,
                       const std::vector<std::string>& proof);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_MERKLE_H_
