#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <map>
#include <string>
#include <string_view>

#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using status::Reason;

// What the values of one field take in a message's bytes.
struct Share {
  size_t bytes = 0;
  int values = 0;
  std::string_view largest;
  int largest_index = 0;
};

// The field of `type` that takes the most of `bytes`; nullptr if there is none that is known.
const FieldDescriptor* LargestField(const Descriptor* type, std::string_view bytes, Share& share) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  std::map<int, Share> shares;
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) break;
    const std::string_view value = bytes.substr(static_cast<size_t>(in.CurrentPosition()), length);
    if (value.size() < length) break;
    in.Skip(static_cast<int>(length));
    Share& of_field = shares[WireFormatLite::GetTagFieldNumber(tag)];
    of_field.bytes += length;
    if (length > of_field.largest.size()) {
      of_field.largest = value;
      of_field.largest_index = of_field.values;
    }
    ++of_field.values;
  }
  const FieldDescriptor* largest = nullptr;
  for (const auto& [number, of_field] : shares) {
    if (of_field.bytes <= share.bytes) continue;
    share = of_field;
    largest = type->FindFieldByNumber(number);
  }
  return largest;
}

}  // namespace

std::string PathOfLargest(const Descriptor& root, std::string_view bytes) {
  const Descriptor* type = &root;
  std::string path;
  while (type != nullptr) {
    Share share;
    const FieldDescriptor* field = LargestField(type, bytes, share);
    if (field == nullptr) break;
    path += (path.empty() ? "" : ".") + field->name();
    if (share.largest.size() * 2 < share.bytes) break;
    if (field->is_repeated()) path += '[' + std::to_string(share.largest_index) + ']';
    type = field->message_type();
    bytes = share.largest;
  }
  return path;
}

absl::Status CheckSize(const Descriptor& type, std::string_view bytes) {
  if (bytes.size() <= kLargestRequest) return absl::OkStatus();
  const std::string wanted = "at most " + std::to_string(kLargestRequest) + " bytes in one request";
  const std::string path = PathOfLargest(type, bytes);
  if (path.empty()) return status::Error(Reason::ERROR_REASON_MALFORMED_MESSAGE, wanted);
  return status::Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + wanted).Field(path, wanted);
}

}  // namespace idea::validation
