#include "services/cli/arguments/arguments.h"

#include "common/status/status.h"

namespace idea::cli {

absl::StatusOr<Target> TargetOf(const Arguments& arguments, const std::string& service,
                                const Environment& env) {
  ASSIGN_OR_RETURN(const ContextFile context,
                   ReadContextFile(FindContextFile(arguments.context, env.variables)));
  return ResolveTarget(context, arguments.overrides, service);
}

}  // namespace idea::cli
