#ifndef IDEA_SERVICES_CLI_CONTEXT_ETAG_MEMORY_H_
#define IDEA_SERVICES_CLI_CONTEXT_ETAG_MEMORY_H_

#include <map>
#include <string>

#include "google/protobuf/message.h"
#include "services/cli/context/context_file.h"

// The etags of the last reads, so that an edit does not overwrite later changes of others.
namespace idea::cli {

// How the etag of a request was set.
enum class EtagUse {
  // The request does not need an etag, or it has one.
  kNone,
  // The etag of the last read was set.
  kFilled,
  // The request is sent without an etag, because the resource was not read before.
  kMissing,
};

// The etags of one identity, in a file of the user: $XDG_STATE_HOME/ideactl/etags.json, else
// ~/.local/state/ideactl/etags.json; without XDG_STATE_HOME and HOME nothing is stored. The identity is the
// digest of the certificate. Safe for several processes at once.
class EtagMemory {
 public:
  EtagMemory(const Variables& variables, const Target& target);

  // Sets the etags of the last read in a request that edits (Update..., ImportDataElements) and does not have
  // them.
  EtagUse Fill(google::protobuf::Message& request) const;

  // Stores the etags of a response's resource. Ignores errors of the file.
  void Remember(const google::protobuf::Message& response);

 private:
  std::string file_, identity_;
  // By resource name, then "etag" or the name of a section.
  std::map<std::string, std::map<std::string, std::string>> known_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_ETAG_MEMORY_H_
