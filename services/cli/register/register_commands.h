#ifndef IDEA_SERVICES_CLI_REGISTER_REGISTER_COMMANDS_H_
#define IDEA_SERVICES_CLI_REGISTER_REGISTER_COMMANDS_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

// The commands that copy the register or the log to files, or filings from a file.
namespace idea::cli {

// ideactl log export
ExitCode RunLogExport(const Arguments& arguments, Environment& env);

// ideactl filings receipt
ExitCode RunFilingsReceipt(const Arguments& arguments, Environment& env);

// ideactl filings export: CSV, or JSON lines if the file's name ends with .jsonl.
ExitCode RunFilingsExport(const Arguments& arguments, Environment& env);

// ideactl filings publish: the public page.
ExitCode RunFilingsPublish(const Arguments& arguments, Environment& env);

// ideactl filings import: prints every row that was refused, and returns kUsage if one was.
ExitCode RunFilingsImport(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_REGISTER_REGISTER_COMMANDS_H_
