#ifndef IDEA_SERVICES_CLI_OUTPUT_JSON_OUTPUT_H_
#define IDEA_SERVICES_CLI_OUTPUT_JSON_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

// Messages as JSON and YAML.
namespace idea::cli {

// The proto3 JSON of a response, its fields in the order of the .proto. Empty lists of the response are
// arrays.
nlohmann::ordered_json JsonOf(const google::protobuf::Message& message);

// A path into JSON, as kubectl takes it: ".bucps[*].name", "{.bucps[0]['name']}", "$.items[-1]". [*] is every
// item.
class JsonPath {
 public:
  // Fails with the problem.
  static absl::StatusOr<JsonPath> Parse(const std::string& text);
  // The values at the path. Missing keys and items are skipped.
  std::vector<nlohmann::ordered_json> Find(const nlohmann::ordered_json& root) const;

 private:
  struct Step {
    std::string key;
    int index = 0;
    enum { kKey, kIndex, kAll } kind = kKey;
  };
  std::vector<Step> steps_;
};

// YAML in block style with keys in order. Texts that YAML would read as another type are quoted, texts of
// several lines are literal blocks.
std::string YamlOf(const nlohmann::ordered_json& json);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_JSON_OUTPUT_H_
