#include "common/ids/resource_names.h"

#include <charconv>
#include <system_error>

namespace idea::ids {
namespace {

std::string Joined(std::string_view first, std::string_view second) {
  std::string name;
  name.reserve(first.size() + 1 + second.size());
  return name.append(first).append("/").append(second);
}

// Removes `segment` and a slash from the start of `rest`.
bool Consume(std::string_view segment, std::string_view& rest) {
  if (!rest.starts_with(segment) || rest.size() <= segment.size() || rest[segment.size()] != '/')
    return false;
  rest.remove_prefix(segment.size() + 1);
  return true;
}

// The id of `name` in `collection`; `rest` becomes what follows the id. Empty if `name` is not in it.
std::string_view TakeId(const Collection& collection, std::string_view& rest) {
  if (collection.parent != nullptr && (TakeId(*collection.parent, rest).empty() || !Consume("", rest))) {
    return "";
  }
  if (!Consume(collection.segment, rest)) return "";
  const std::string_view id = rest.substr(0, rest.find('/'));
  rest.remove_prefix(id.size());
  return id;
}

}  // namespace

std::string Collection::Name(std::string_view id) const { return Joined(segment, id); }

std::string Collection::Name(std::string_view parent_name, std::string_view id) const {
  std::string name;
  name.reserve(parent_name.size() + segment.size() + id.size() + 2);
  return name.append(parent_name).append("/").append(segment).append("/").append(id);
}

std::string Collection::IdIn(std::string_view name) const { return std::string(TakeId(*this, name)); }

int64_t Collection::NumberIn(std::string_view name) const {
  const std::string_view id = TakeId(*this, name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = error == std::errc() && end == id.data() + id.size();
  return whole && id.front() >= '1' && id.front() <= '9' ? number : 0;
}

std::string TermsName(std::string_view filing) { return Joined(filing, "terms"); }

}  // namespace idea::ids
