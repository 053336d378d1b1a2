#ifndef IDEA_SERVICES_CLI_GATE_CHECK_FIELDS_H_
#define IDEA_SERVICES_CLI_GATE_CHECK_FIELDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "idea/inventory/v1/exchange.pb.h"

// The fields of an exchange check as texts of HTTP.
namespace idea::cli {

namespace v1 = inventory::v1;

// The names of the fields that HTTP can set: "provider", "purpose_class.kinds".
const std::vector<std::string>& CheckFieldNames();

// Sets a field from its values: one value unless it is a list. "dhcs" stands for "entities/dhcs", "RESEARCH"
// for "PURPOSE_KIND_RESEARCH", "YES" for "ANSWER_YES". INVALID_ARGUMENT for an unknown field, no value, an
// empty one, several for a field that is not a list, and one that the field cannot have.
absl::Status SetCheckField(const std::string& name, const std::vector<std::string>& values,
                           v1::CheckExchangeRequest& request);

// A text with %XX replaced by the bytes that it stands for. nullopt if a % is not followed by two hexadecimal
// digits, or the result has control characters.
std::optional<std::string> PercentDecode(std::string_view text);

// The names and values of a query, decoded, in their order. "+" is a space in a value. INVALID_ARGUMENT if it
// is not well formed.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

// The check that a query is about: the names of its parameters are fields. A list has a parameter for each
// item. INVALID_ARGUMENT for a parameter that is not a field, or that SetCheckField() does not accept.
absl::StatusOr<v1::CheckExchangeRequest> CheckOfQuery(std::string_view query);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_CHECK_FIELDS_H_
