#include "services/inventory/evidence/evidence_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/digest/digest.h"

namespace idea::inventory {
namespace {

using google::protobuf::FieldDescriptor;

v1::Evidence Sample(int items) {
  v1::Evidence evidence;
  evidence.set_format("idea-evidence/1");
  evidence.mutable_filing()->set_title("of \"three\" departments");
  evidence.mutable_document()->set_name("bucps/1/revisions/2");
  evidence.set_odrl("{}");
  evidence.set_document_html("<p>\xe2\x82\xac</p>\n");
  evidence.set_checkpoint("example.org/log\n3\n");
  for (int i = 0; i < items; ++i) {
    evidence.add_revisions()->set_name("bucps/1/revisions/" + std::to_string(i));
    evidence.add_opinions()->set_text("opinion " + std::to_string(i));
    evidence.add_signatures()->set_person("p" + std::to_string(i));
    evidence.add_leaves()->set_leaf_index(i);
    evidence.add_consistency_proof("hash " + std::to_string(i));
    evidence.add_notices()->set_text("notice " + std::to_string(i));
  }
  evidence.set_seal("a seal");
  return evidence;
}

// Pieces with one field of the message, or one item of a list, in the order of the JSON names.
std::vector<v1::Evidence> PiecesOf(const v1::Evidence& evidence) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = evidence.GetReflection();
  reflection->ListFields(evidence, &fields);
  std::sort(fields.begin(), fields.end(),
            [](const auto* a, const auto* b) { return a->json_name() < b->json_name(); });
  std::vector<v1::Evidence> pieces;
  for (const FieldDescriptor* field : fields) {
    v1::Evidence only = evidence;
    for (const FieldDescriptor* other : fields)
      if (other != field) reflection->ClearField(&only, other);
    const int size = field->is_repeated() ? reflection->FieldSize(evidence, field) : 1;
    for (int i = 0; i < size; ++i) {
      v1::Evidence piece = only;
      if (field->is_repeated()) reflection->SwapElements(&piece, field, 0, i);
      for (int more = size - 1; more > 0; --more) reflection->RemoveLast(&piece, field);
      pieces.push_back(std::move(piece));
    }
  }
  return pieces;
}

TEST(EvidenceWriter, WritesTheCanonicalJsonThroughAnyWindow) {
  for (const int items : {0, 1, 3}) {
    const v1::Evidence evidence = Sample(items);
    const std::string whole = digest::CanonicalJson(evidence);
    for (const size_t size : {size_t{1}, size_t{7}, size_t{100}, whole.size(), whole.size() + 1}) {
      std::string joined;
      for (size_t begin = 0; begin < whole.size(); begin += size) {
        EvidenceWriter file(begin, size);
        for (const v1::Evidence& piece : PiecesOf(evidence)) file.Add(piece);
        file.End();
        EXPECT_LE(file.window().size(), size);
        EXPECT_EQ(file.written(), whole.size());
        joined += file.window();
      }
      EXPECT_EQ(joined, whole) << items << " items through windows of " << size;
    }
  }
}

TEST(EvidenceWriter, ListsThePartsThatASealCovers) {
  const v1::Evidence evidence = Sample(3);
  EvidenceWriter file(0, 10);
  v1::Evidence signatures;
  *signatures.mutable_signatures() = evidence.signatures();
  for (const v1::Evidence& piece : PiecesOf(evidence))
    if (piece.signatures().empty()) file.Add(piece);
  EXPECT_EQ(transparency::SealText("o", "s", file.PartsWith(signatures)),
            transparency::SealText("o", "s", evidence));
}

TEST(EvidenceWriter, KeepsNothingOfAWindowBeyondTheFile) {
  for (const size_t begin : {size_t{10'000'000}, static_cast<size_t>(-1), static_cast<size_t>(-5)}) {
    EvidenceWriter file(begin, 3 << 20);
    for (const v1::Evidence& piece : PiecesOf(Sample(2))) file.Add(piece);
    file.End();
    EXPECT_EQ(file.window(), "");
  }
}

}  // namespace
}  // namespace idea::inventory
