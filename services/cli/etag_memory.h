#ifndef IDEA_SERVICES_CLI_ETAG_MEMORY_H_
#define IDEA_SERVICES_CLI_ETAG_MEMORY_H_

#include <map>
#include <string>

#include "google/protobuf/message.h"
#include "services/cli/context_file.h"

// The etags of what was read last, so that an edit does not overwrite what others changed since.
namespace idea::cli {

// What became of the etag of a request.
enum class EtagUse {
  // It edits nothing that has an etag, or it came with one.
  kNone,
  // The etag of the last read was put into it.
  kFilled,
  // It goes without: nothing was read before.
  kMissing,
};

// The memory of one identity, in a file of the user's ($XDG_STATE_HOME/ideactl/etags.json, else
// ~/.local/state/ideactl/etags.json; with neither variable nothing is remembered). The identity is the
// certificate, by what is in it. Two runs at once may lose what one of them read: then an edit goes without.
class EtagMemory {
 public:
  EtagMemory(const Variables& variables, const Target& target);

  // Puts the etags that were read last into a request that edits (Update..., ImportDataElements) and has
  // none.
  EtagUse Fill(google::protobuf::Message& request) const;

  // Remembers the resources of an answer. What cannot be stored is not remembered.
  void Remember(const google::protobuf::Message& response);

 private:
  std::string file_, identity_;
  // By resource name, then "etag" or the name of a section.
  std::map<std::string, std::map<std::string, std::string>> known_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ETAG_MEMORY_H_
