#include "common/transparency/merkle.h"

#include <openssl/sha.h>

#include <bit>

#include "common/status/status.h"

namespace idea::transparency {
namespace {

std::string Sha256(std::string_view bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

// The largest power of two below n, for n > 1.
int64_t SplitOf(int64_t n) { return static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(n - 1))); }

int LevelOf(int64_t power) { return std::countr_zero(static_cast<uint64_t>(power)); }

// The hash of the leaves from `begin` to before `end`, where `begin` is a multiple of the power of two that
// holds their number: a stored node, or the split of RFC 6962.
absl::StatusOr<std::string> HashOf(const Nodes& nodes, int64_t begin, int64_t end) {
  const int64_t n = end - begin;
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): zero has no bit
  if (std::has_single_bit(static_cast<uint64_t>(n))) return nodes(LevelOf(n), begin / n);
  const int64_t split = begin + SplitOf(n);
  ASSIGN_OR_RETURN(const std::string left, HashOf(nodes, begin, split));
  ASSIGN_OR_RETURN(const std::string right, HashOf(nodes, split, end));
  return NodeHash(left, right);
}

}  // namespace

std::string LeafHash(std::string_view entry) { return Sha256(std::string(1, '\0').append(entry)); }

std::string NodeHash(std::string_view left, std::string_view right) {
  return Sha256(std::string(1, '\1').append(left).append(right));
}

std::vector<Node> CompactRange::Append(std::string_view leaf_hash) {
  std::vector<Node> made = {{0, size, std::string(leaf_hash)}};
  for (int64_t rest = size; (rest & 1) != 0; rest >>= 1) {
    const Node& last = made.back();
    Node parent = {last.level + 1, last.index / 2, NodeHash(peaks.back(), last.hash)};
    peaks.pop_back();
    made.push_back(std::move(parent));
  }
  peaks.push_back(made.back().hash);
  ++size;
  return made;
}

std::vector<std::string> CompactRange::ProofOfNext() const { return {peaks.rbegin(), peaks.rend()}; }

std::string CompactRange::Root() const {
  if (peaks.empty()) return Sha256("");
  std::string root = peaks.back();
  for (auto peak = peaks.rbegin() + 1; peak != peaks.rend(); ++peak) root = NodeHash(*peak, root);
  return root;
}

absl::StatusOr<std::string> RootOf(const Nodes& nodes, int64_t size) {
  if (size == 0) return CompactRange().Root();
  return HashOf(nodes, 0, size);
}

absl::StatusOr<std::vector<std::string>> InclusionProof(const Nodes& nodes, int64_t index, int64_t size) {
  // Walks from the root to the leaf; the proof lists siblings from the leaf to the root.
  std::vector<std::string> path;
  int64_t begin = 0;
  int64_t end = size;
  while (end - begin > 1) {
    const int64_t split = begin + SplitOf(end - begin);
    const bool left = index < split;
    ASSIGN_OR_RETURN(std::string sibling, left ? HashOf(nodes, split, end) : HashOf(nodes, begin, split));
    path.push_back(std::move(sibling));
    (left ? end : begin) = split;
  }
  return std::vector<std::string>(path.rbegin(), path.rend());
}

absl::StatusOr<std::vector<std::string>> ConsistencyProof(const Nodes& nodes, int64_t from, int64_t size) {
  std::vector<std::string> path;
  if (from == 0 || from == size) return path;
  int64_t begin = 0;
  int64_t end = size;
  while (from < end) {
    const int64_t split = begin + SplitOf(end - begin);
    const bool left = from <= split;
    ASSIGN_OR_RETURN(std::string sibling, left ? HashOf(nodes, split, end) : HashOf(nodes, begin, split));
    path.push_back(std::move(sibling));
    (left ? end : begin) = split;
  }
  // The remaining subtree belongs to the older tree. The verifier has its hash if it is the whole older tree.
  if (begin > 0) {
    ASSIGN_OR_RETURN(std::string shared, HashOf(nodes, begin, end));
    path.push_back(std::move(shared));
  }
  return std::vector<std::string>(path.rbegin(), path.rend());
}

bool ProvesInclusion(std::string_view leaf_hash, int64_t index, int64_t size,
                     const std::vector<std::string>& proof, std::string_view root) {
  if (index < 0 || index >= size) return false;
  int64_t place = index;
  int64_t last = size - 1;
  std::string hash(leaf_hash);
  for (const std::string& sibling : proof) {
    if (last == 0) return false;
    if ((place & 1) != 0 || place == last) {
      hash = NodeHash(sibling, hash);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool ProvesConsistency(int64_t from, int64_t size, std::string_view from_root, std::string_view root,
                       const std::vector<std::string>& proof) {
  if (from < 0 || from > size) return false;
  if (from == size) return proof.empty() && from_root == root;
  if (from == 0) return proof.empty() && from_root == CompactRange().Root();
  std::vector<std::string> path = proof;
  if (std::has_single_bit(static_cast<uint64_t>(from))) path.insert(path.begin(), std::string(from_root));
  if (path.empty()) return false;
  int64_t place = from - 1;
  int64_t last = size - 1;
  for (; (place & 1) != 0; place >>= 1) last >>= 1;
  std::string older = path.front();
  std::string newer = path.front();
  for (size_t i = 1; i < path.size(); ++i) {
    if (last == 0) return false;
    if ((place & 1) != 0 || place == last) {
      older = NodeHash(path[i], older);
      newer = NodeHash(path[i], newer);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      newer = NodeHash(newer, path[i]);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && older == from_root && newer == root;
}

}  // namespace idea::transparency
