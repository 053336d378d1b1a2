#include "services/cli/output/global_flags.h"

#include <cctype>

#include "services/cli/output/output.h"

namespace idea::cli {

std::string GlobalFlag::LongName() const {
  const std::string all = names;
  return all.substr(all.find("--"));
}

std::string GlobalFlag::Variable() const {
  std::string name = "IDEACTL" + LongName().substr(1);
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

const std::vector<GlobalFlag>& GlobalFlags() {
  static const std::vector<GlobalFlag>& flags = *new std::vector<GlobalFlag>{
      {"--endpoint", "HOST:PORT", "call this server instead of the context's endpoint"},
      {"--cert", "FILE", "client certificate, PEM"},
      {"--key", "FILE", "private key of the certificate, PEM"},
      {"--ca", "FILE", "certificate authority of the servers, PEM"},
      {"--token-file", "FILE", "signed token of the person who calls"},
      {"--as", "DEPT[/PERSON]", "identity of the context file"},
      {"--context", "FILE",
       "context file; else $IDEACTL_CONTEXT, ./var/context.json or ~/.config/ideactl/context.json"},
      {"--timeout", "SECONDS", "limit for a call with its retries; default 30, and unlimited for a stream"},
      {"-o,--output", kFormats,
       "format of the response; with json, jsonl, yaml and jsonpath errors are JSON"},
      {"--columns", "FIELD,FIELD", "columns of the table: fields of the listed resource"},
      {"--no-headers", "", "do not print the line of column names"},
      {"-q,--quiet", "", "print errors only; the exit code is the answer"},
      {"-v,--verbose", "", "print the request id, result and duration of each call"},
      {"--trace", "", "the same, with endpoint, identity, trace id and the details of an error"},
      {"--no-retry", "", "do not repeat a call that ended with exit code 6"},
      {"-y,--yes", "", "do not ask for confirmation before signing"},
  };
  return flags;
}

}  // namespace idea::cli
