#ifndef IDEA_COMMON_TRANSPARENCY_MERKLE_H_
#define IDEA_COMMON_TRANSPARENCY_MERKLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): hashes, roots and proofs, without I/O. A
// hash is 32 bytes of SHA-256. A node is named by its level, leaves being level 0, and its place on that
// level: node (l, i) covers the leaves from i << l to below (i + 1) << l and exists once all of them do.
namespace idea::transparency {

std::string LeafHash(std::string_view entry);
std::string NodeHash(std::string_view left, std::string_view right);

struct Node {
  int level = 0;
  int64_t index = 0;
  std::string hash;
};

// The right edge of a tree: all that appending needs to know of it.
struct CompactRange {
  // Leaves in the tree.
  int64_t size = 0;
  // The largest nodes that cover them, from left to right: one for each bit of size.
  std::vector<std::string> peaks;

  // Adds a leaf. Returns the nodes that exist from now on, the leaf first.
  std::vector<Node> Append(std::string_view leaf_hash);
  // That the next leaf will be in the tree that it makes.
  std::vector<std::string> ProofOfNext() const;
  // The root; that of the empty tree is the hash of nothing.
  std::string Root() const;
};

// Where a stored node is read.
using Nodes = std::function<absl::StatusOr<std::string>(int level, int64_t index)>;

// That the leaf is in the tree of `size` leaves. Requires 0 <= index < size.
absl::StatusOr<std::vector<std::string>> InclusionProof(const Nodes& nodes, int64_t index, int64_t size);
// That the tree of `size` leaves begins with the tree of `from` leaves. Requires 0 <= from <= size.
absl::StatusOr<std::vector<std::string>> ConsistencyProof(const Nodes& nodes, int64_t from, int64_t size);
// The root of the tree of the first `size` leaves.
absl::StatusOr<std::string> RootOf(const Nodes& nodes, int64_t size);

// What a stranger does with a proof (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Never fail on garbage: it is
// false.
bool ProvesInclusion(std::string_view leaf_hash, int64_t index, int64_t size,
                     const std::vector<std::string>& proof, std::string_view root);
bool ProvesConsistency(int64_t from, int64_t size, std::string_view from_root, std::string_view root,
                       const std::vector<std::string>& proof);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_MERKLE_H_
