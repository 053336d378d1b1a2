#include "services/cli/built_ins.h"

#include <cctype>

#include "services/cli/output.h"

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
      {"--endpoint", "HOST:PORT", "call this server, whatever the context says"},
      {"--cert", "FILE", "client certificate, PEM"},
      {"--key", "FILE", "its key, PEM"},
      {"--ca", "FILE", "certificate authority of the servers, PEM"},
      {"--token-file", "FILE", "signed token of the person behind the call"},
      {"--as", "DEPT[/PERSON]", "identity of the context file"},
      {"--context", "FILE",
       "context file; else $IDEACTL_CONTEXT, ./var/context.json or ~/.config/ideactl/context.json"},
      {"--timeout", "SECONDS", "longest time for the call with its repetitions; 30, and no end for a stream"},
      {"-o,--output", kFormats, "form of the answer; with json, jsonl, yaml and jsonpath errors are JSON"},
      {"--columns", "FIELD,FIELD", "columns of the table: fields of what is listed"},
      {"--no-headers", "", "print no line of column names"},
      {"-q,--quiet", "", "print errors only; the exit code is the answer"},
      {"-v,--verbose", "", "print the request id, result and duration of each call"},
      {"--trace", "", "the same, with endpoint, identity, trace id and the details of a refusal"},
      {"--no-retry", "", "do not repeat a call that ended with exit code 6"},
      {"-y,--yes", "", "do not ask before signing"},
  };
  return flags;
}

const std::vector<BuiltIn>& BuiltIns() {
  static const std::vector<BuiltIn>& built_ins = *new std::vector<BuiltIn>{
      {"sign", "sign what is under review of a BUCP, after it was shown and confirmed",
       "--as dhcs/sponsor sign bucps/{id}"},
      {"opine", "register an opinion on what is under review of a BUCP, after it was shown and confirmed",
       "--as dhcs/legal opine bucps/{id} --position supports --text @legal.txt"},
      {"wait", "wait until a field has a value", "wait bucps bucps/{id} --for state=EXECUTED --timeout 30"},
      {"explain", "say what a resource, a request or a part of one holds; --skeleton prints JSON to fill in",
       "explain bucps.content.technical"},
      {"doctor", "check certificate, token, roles, clock, proxies and endpoints", "--as dhcs/legal doctor"},
      {"context list", "list what --as takes", "context list"},
      {"context use", "call as that identity where --as is not given", "context use cdss/program"},
      {"context show", "show what a call would use", "context show"},
      {"health", "ask whether a server serves", "health --service inventory"},
      {"completion", "print a completion script", "completion bash"},
      {"version", "print the version and the commit", "version -o json"},
      {"man", "print the manual page of ideactl or of a noun, or write all pages into a folder", "man bucps"},
      {"methods", "list every method as noun and verb", "methods"},
      {"verify", "check an evidence bundle, without a server", "verify bundle.json --key log.pub"},
      {"signatures claim", "print what a signer's own key signs, or sign it: a JWS for `signatures sign`",
       "signatures claim bucps/{id}/revisions/3 --digest {digest} --freeze-number 1 --entity entities/{id} "
       "--capacity "
       "executive_sponsor --signing-key me.pem"},
      {"log verify", "check the whole log against its signatures and the register",
       "--as cdo log verify --key log.pub --earlier checkpoint.txt"},
      {"log witness", "cosign the log's checkpoints, so that it cannot show two histories",
       "--as odi log witness --signing-key witness.key --name odi.example/witness --key log.pub --state "
       "witness"},
      {"filings export", "write the filings that you see as CSV, or as JSON lines (.jsonl)",
       "--as odi filings export filings.csv"},
      {"filings import", "take over a register that was kept before, from JSON lines",
       "--as odi/cdo filings import earlier.jsonl --source inventory-form"},
      {"filings publish", "write the public register as a page of HTML",
       "--as odi filings publish register.html"},
      {"log export", "write the log as files (C2SP tlog-tiles)", "log export log-tiles"},
  };
  return built_ins;
}

}  // namespace idea::cli
