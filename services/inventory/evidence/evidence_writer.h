#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_WRITER_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_WRITER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/transparency/seal.h"
#include "idea/inventory/v1/evidence.pb.h"

namespace idea::inventory {

// Writes an Evidence as canonical JSON (common/digest/digest.h) in pieces, and keeps a window of the file.
// Its memory does not depend on the size of the file.
class EvidenceWriter {
 public:
  // Keeps at most `size` bytes, from offset `begin` on.
  EvidenceWriter(size_t begin, size_t size) : begin_(begin), size_(size) {}

  // Writes the next piece: an Evidence with one field. Pieces are in the order of the fields' JSON names. A
  // list may have several pieces. An empty piece writes nothing.
  void Add(const v1::Evidence& piece);
  // Forgets what was written.
  void Clear() { *this = EvidenceWriter(begin_, size_); }
  // Ends the file.
  void End();

  // The parts written so far and those of `piece`, as transparency::PartsOf() lists the parts of an Evidence.
  std::vector<transparency::SealedPart> PartsWith(const v1::Evidence& piece) const;
  const std::string& window() const { return window_; }
  // Number of bytes of the file so far.
  size_t written() const { return written_; }

 private:
  // By the number of the field.
  using Digests = std::map<int, std::vector<std::string>>;
  static void AddDigests(const v1::Evidence& piece, Digests& digests);
  void Write(std::string_view text);

  size_t begin_;
  size_t size_;
  std::string window_;
  size_t written_ = 0;
  // The field of the previous piece if it is a list, which is still open. Otherwise 0.
  int open_list_ = 0;
  Digests digests_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_WRITER_H_
