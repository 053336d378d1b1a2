#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
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

// The maximum depth that protobuf parses.
constexpr int kMaxDepth = 100;

// The size of the values of one field in the bytes of a message.
struct Share {
  size_t bytes = 0;
  int values = 0;
  std::string_view largest;
  int largest_index = 0;
};

// The field of `type` with the largest share of `bytes`; nullptr if no field is known.
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
    // Includes tag and length, so that many empty values count.
    of_field.bytes += length + 2;
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

// Counts the varints of a packed list.
size_t CountVarints(std::string_view bytes) {
  return static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) == 0; }));
}

// Counts the items in the bytes of a message as far as they can be read. Stops soon after the maximum.
size_t CountItems(const Descriptor* type, std::string_view bytes, int depth) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  size_t items = 0;
  while (const uint32_t tag = in.ReadTag()) {
    const auto wire = WireFormatLite::GetTagWireType(tag);
    const FieldDescriptor* field = type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr || field->is_repeated() || field->message_type() != nullptr) ++items;
    if (items > kMaxItems) break;
    // Groups are not tracked: their fields count separately.
    if (wire == WireFormatLite::WIRETYPE_START_GROUP || wire == WireFormatLite::WIRETYPE_END_GROUP) continue;
    if (wire != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) break;
    const std::string_view value = bytes.substr(static_cast<size_t>(in.CurrentPosition()), length);
    if (value.size() < length) break;
    in.Skip(static_cast<int>(length));
    if (field == nullptr) continue;
    if (field->message_type() != nullptr && depth < kMaxDepth) {
      items += CountItems(field->message_type(), value, depth + 1);
    } else if (field->is_packable()) {
      items += CountVarints(value);
    }
  }
  return items;
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
  const bool large = bytes.size() > kMaxRequestBytes;
  // Each item takes at least one byte.
  if (!large && (bytes.size() <= kMaxItems || CountItems(&type, bytes, 0) <= kMaxItems))
    return absl::OkStatus();
  const std::string wanted = large ? "at most " + std::to_string(kMaxRequestBytes) + " bytes in one request"
                                   : "at most " + std::to_string(kMaxItems) + " items in one request";
  const std::string path = PathOfLargest(type, bytes);
  if (path.empty()) return status::Error(Reason::ERROR_REASON_MALFORMED_MESSAGE, wanted);
  return status::Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + wanted).Field(path, wanted);
}

}  // namespace idea::validation
