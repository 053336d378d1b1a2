#include "common/transparency/seal.h"

#include "common/digest/digest.h"
#include "common/ids/ids.h"

namespace idea::transparency {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string DigestOf(const Message& message, const FieldDescriptor& field, int at) {
  const auto& get = *message.GetReflection();
  if (field.message_type() != nullptr) {
    return digest::Digest(at < 0 ? get.GetMessage(message, &field)
                                 : get.GetRepeatedMessage(message, &field, at));
  }
  return ids::Sha256Hex(at < 0 ? get.GetString(message, &field) : get.GetRepeatedString(message, &field, at));
}

}  // namespace

std::vector<SealedPart> PartsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<SealedPart> parts;
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "seal") continue;
    if (!field->is_repeated()) {
      parts.push_back({field->json_name(), DigestOf(message, *field, -1)});
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      parts.push_back({field->json_name() + "/" + std::to_string(i), DigestOf(message, *field, i)});
    }
  }
  return parts;
}

std::string SealText(std::string_view origin, std::string_view subject, const Message& message) {
  return SealText(origin, subject, PartsOf(message));
}

std::string SealText(std::string_view origin, std::string_view subject,
                     const std::vector<SealedPart>& parts) {
  std::string text = std::string(origin) + "/" + std::string(subject) + "\n";
  for (const SealedPart& part : parts) text += part.digest + " " + part.name + "\n";
  return text;
}

}  // namespace idea::transparency
