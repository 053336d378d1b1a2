#ifndef IDEA_SERVICES_CLI_GATE_GATE_RULES_H_
#define IDEA_SERVICES_CLI_GATE_GATE_RULES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/inventory/v1/exchange.pb.h"

// Which exchange a request of HTTP is about. What is ambiguous or not well formed is refused: the gate and
// the server that receives the request must not understand it in two ways.
namespace idea::cli {

namespace v1 = inventory::v1;

// A request of HTTP as a proxy describes it.
struct HttpRequest {
  std::string method;
  std::string host;
  // The path with the query.
  std::string target;
  // Headers in any case. A name may be repeated.
  std::vector<std::pair<std::string, std::string>> headers;
};

// Where the values of a field come from.
struct FieldSource {
  enum class Kind { kValues, kHeader, kPath, kQuery };
  Kind kind = Kind::kValues;
  // The name of the header, in lower case, of the variable of the path, or of the parameter of the query.
  std::string name;
  // For kValues.
  std::vector<std::string> values;
};

// A part of a path: a text, "*", "{variable}", or at the end "**".
struct PathPart {
  enum class Kind { kText, kAny, kVariable, kRest };
  Kind kind = Kind::kText;
  // The text or the name of the variable.
  std::string text;
};

// The requests that a rule is for, and the fields of their checks.
struct GateRule {
  // In lower case, without port. Empty: any.
  std::string host;
  // Empty: any.
  std::vector<std::string> methods;
  std::vector<PathPart> path;
  std::vector<std::pair<std::string, FieldSource>> fields;
};

// The parts of a template of a path, "/transfers/{recipient}/**". INVALID_ARGUMENT if it is not one.
absl::StatusOr<std::vector<PathPart>> ParsePath(std::string_view path);

// The check that the first rule for the request makes of it. NOT_FOUND if no rule is for it. INVALID_ARGUMENT
// if the path has another form than its normal one, or if a field has no value, several where one is allowed,
// or a wrong one.
absl::StatusOr<v1::CheckExchangeRequest> CheckOf(const std::vector<GateRule>& rules,
                                                 const HttpRequest& request);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_GATE_RULES_H_
