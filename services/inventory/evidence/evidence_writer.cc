#include "services/inventory/evidence/evidence_writer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/digest/digest.h"

namespace idea::inventory {

using google::protobuf::FieldDescriptor;

void EvidenceWriter::AddDigests(const v1::Evidence& piece, Digests& digests) {
  std::vector<const FieldDescriptor*> fields;
  piece.GetReflection()->ListFields(piece, &fields);
  // The seal is not a part.
  for (transparency::SealedPart& part : transparency::PartsOf(piece))
    digests[fields.front()->number()].push_back(std::move(part.digest));
}

void EvidenceWriter::Write(std::string_view text) {
  const size_t end = begin_ + size_;
  const size_t from = std::clamp(begin_, written_, written_ + text.size()) - written_;
  const size_t to = std::clamp(end, written_, written_ + text.size()) - written_;
  if (from < to) window_ += text.substr(from, to - from);
  written_ += text.size();
}

void EvidenceWriter::Add(const v1::Evidence& piece) {
  std::vector<const FieldDescriptor*> fields;
  piece.GetReflection()->ListFields(piece, &fields);
  if (fields.empty()) return;
  if (fields.size() > 1) throw std::invalid_argument("a piece has one field");
  const FieldDescriptor& field = *fields.front();
  AddDigests(piece, digests_);
  const std::string json = digest::CanonicalJson(piece);
  // {"opinions":[...]}: if the list continues, writes only the content of the brackets.
  const size_t name_size = field.json_name().size() + 3;
  const bool continues = open_list_ == field.number();
  if (continues) {
    Write(",");
  } else {
    if (open_list_ != 0) Write("]");
    Write(written_ == 0 ? "{" : ",");
  }
  const size_t begin = continues ? 1 + name_size + 1 : 1;
  const size_t end = json.size() - (field.is_repeated() ? 2 : 1);
  Write(std::string_view(json).substr(begin, end - begin));
  open_list_ = field.is_repeated() ? field.number() : 0;
}

void EvidenceWriter::End() {
  if (written_ == 0) Write("{");
  Write(open_list_ != 0 ? "]}" : "}");
}

std::vector<transparency::SealedPart> EvidenceWriter::PartsWith(const v1::Evidence& piece) const {
  Digests all = digests_;
  AddDigests(piece, all);
  std::vector<transparency::SealedPart> parts;
  for (const auto& [number, digests] : all) {
    const FieldDescriptor& field = *v1::Evidence::descriptor()->FindFieldByNumber(number);
    for (size_t i = 0; i < digests.size(); ++i) {
      const std::string place = field.is_repeated() ? "/" + std::to_string(i) : "";
      parts.push_back({field.json_name() + place, digests[i]});
    }
  }
  return parts;
}

}  // namespace idea::inventory
