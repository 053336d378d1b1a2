#include "services/cli/builtin/built_ins.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "idea/review/v1/review.pb.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/builtin/manual.h"
#include "services/cli/builtin/shell_completion.h"
#include "services/cli/command/command_flags.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/doctor/context_command.h"
#include "services/cli/doctor/doctor.h"
#include "services/cli/doctor/health_command.h"
#include "services/cli/gate/gate_command.h"
#include "services/cli/help/about_commands.h"
#include "services/cli/help/explain.h"
#include "services/cli/log/mirror_command.h"
#include "services/cli/log/verify_commands.h"
#include "services/cli/log/witness_command.h"
#include "services/cli/method/step_command.h"
#include "services/cli/method/wait_command.h"
#include "services/cli/register/register_commands.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;

void AddSigningKey(CLI::App& app, Arguments& arguments) {
  app.add_option("--signing-key", arguments.signing_key, "sign with this private key, PEM, Ed25519 or P-256")
      ->type_name("FILE");
}

void AddLogKey(CLI::App& app, Arguments& arguments) {
  app.add_option("--key", arguments.log_key, "file with the log's public keys, name+id+key, a line each")
      ->type_name("FILE");
}

void AddPolicy(CLI::App& app, Arguments& arguments) {
  app.add_option("--policy", arguments.policy,
                 "C2SP tlog-policy: the log and the witnesses that must have cosigned it")
      ->type_name("FILE");
}

CLI::Option* AddTimestampCa(CLI::App& app, Arguments& arguments) {
  return app
      .add_option("--tsa-ca", arguments.timestamp_ca,
                  "certificates in PEM that are trusted to issue that of the time-stamping authority")
      ->type_name("FILE");
}

// The command finds the routing from the BUCP, and the digest and the capacity or discipline from the
// routing.
void AddStepFlags(CLI::App& app, const StepCommand& step) {
  for (RequestFlag flag : FlagsOf(*RequestOf(step))) {
    if (flag.field->name() == "routing") {
      app.add_option("bucp,--bucp,--routing", "bucps/*, or its routing (required)")->type_name("VALUE");
      continue;
    }
    flag.required = flag.required && flag.field->name() != "digest" && flag.field->name() != step.which;
    AddFlag(app, flag, false);
  }
}

const Descriptor* SignRequest() { return RequestOf(kSign); }
const Descriptor* OpineRequest() { return RequestOf(kOpine); }
const Descriptor* Claim() { return review::v1::SignatureClaim::descriptor(); }

void AddSignOptions(CLI::App& app, Arguments& arguments) {
  AddStepFlags(app, kSign);
  AddSigningKey(app, arguments);
}

void AddOpineOptions(CLI::App& app, Arguments&) { AddStepFlags(app, kOpine); }

void AddWaitOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("noun", arguments.wait_noun, "a noun with the verb get")->required();
  app.add_option("name", arguments.wait_name, "the resource")->required();
  app.add_option("--for", arguments.wait_for, "field=VALUE, or field=VALUE,VALUE for one of several")
      ->required();
}

void AddHealthOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("--service", arguments.health_service,
                 "registry, or a full service name; default: the whole server, or each service of the "
                 "context");
}

void AddContextUseOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("as", arguments.path, "DEPT, or DEPT/PERSON")->required();
}

void AddManualOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("noun", arguments.words, "a noun of one or two words; default: ideactl");
  app.add_option("--write", arguments.path, "write every page into this folder")->type_name("FOLDER");
}

void AddExplainOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("subject", arguments.words, "a noun, an optional verb and fields")->required();
  app.add_flag("--skeleton", arguments.skeleton, "print the JSON to fill in");
}

void AddCompletionOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("shell", arguments.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void AddVerifyOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("file", arguments.path, "the evidence bundle, or a receipt as tlog-proof")->required();
  AddLogKey(app, arguments);
  AddPolicy(app, arguments);
  app.add_option("--checkpoint", arguments.checkpoint,
                 "a newer checkpoint of the log: is the bundle outdated? In a folder of `log mirror`, the "
                 "later entries are read")
      ->type_name("FILE");
  CLI::Option* const authorities = AddTimestampCa(app, arguments);
  CLI::Option* const timestamp =
      app.add_option("--timestamp", arguments.timestamp,
                     "the time-stamp token (RFC 3161, DER) over the checkpoint in --checkpoint or, without "
                     "it, that of the bundle")
          ->type_name("FILE")
          ->needs(authorities);
  authorities->needs(timestamp);
}

void AddClaimOptions(CLI::App& app, Arguments& arguments) {
  AddFlags(app, *Claim());
  AddSigningKey(app, arguments);
}

void AddWitnessOptions(CLI::App& app, Arguments& arguments) {
  WitnessOptions& witness = arguments.witness;
  app.add_option("--key", witness.log_keys, "file with the log's public keys, name+id+key, a line each")
      ->type_name("FILE");
  app.add_option("--signing-key", witness.signing_key, "the witness's private key, Ed25519, PEM")
      ->type_name("FILE")
      ->required();
  app.add_option("--name", witness.name, "the witness's name, such as cdo.example.gov/witness")
      ->type_name("NAME")
      ->required();
  app.add_option("--state", witness.state, "folder for the cosigned checkpoints; never lose it")
      ->type_name("FOLDER");
  app.add_option("--listen", witness.listen,
                 "serve POST /add-checkpoint (C2SP tlog-witness) here instead of polling the log")
      ->type_name("HOST:PORT");
  app.add_option_function<int>(
         "--interval", [&witness](int seconds) { witness.interval = std::chrono::seconds(seconds); },
         "polling interval in seconds; default 60")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  app.add_flag("--once", witness.once, "poll the log once");
  app.add_flag("--print-key", witness.print_key, "print the witness's public key, for policies");
}

void AddLogVerifyOptions(CLI::App& app, Arguments& arguments) {
  AddLogKey(app, arguments);
  AddPolicy(app, arguments);
  app.add_option("--earlier", arguments.earlier,
                 "checkpoint of the previous run to compare with; replaced if everything holds")
      ->type_name("FILE");
  app.add_flag(
      "--own", arguments.own,
      "compare only the records that you see; for departments. Without it, the Statewide CDO's office");
  AddTimestampCa(app, arguments);
}

void AddLogExportOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("folder", arguments.path, "folder to write the tiles to")->required();
}

void AddMirrorOptions(CLI::App& app, Arguments& arguments) {
  MirrorOptions& mirror = arguments.mirror;
  app.add_option("folder", arguments.path, "folder for the files, which any web server can serve")
      ->required();
  AddLogKey(app, arguments);
  AddPolicy(app, arguments);
  app.add_option_function<int>(
         "--interval", [&mirror](int seconds) { mirror.interval = std::chrono::seconds(seconds); },
         "polling interval in seconds; default 60")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  app.add_flag("--once", mirror.once, "read the log once");
  app.add_flag("--monitor", mirror.monitor, "print the new entries about what you see");
}

void AddGateOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("--config", arguments.path, "YAML: addresses, freshness and the rules for requests of HTTP")
      ->type_name("FILE");
  app.add_flag("--validate-only", arguments.validate_only,
               "check the configuration and the flags, then exit");
}

void AddReceiptOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("name", arguments.path, "filings/*")->required();
  app.add_option("--out", arguments.options.out, "file to write; default: standard output")
      ->type_name("FILE.tlog-proof");
}

void AddWriteOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("file", arguments.path, "file to write")->required();
}

void AddImportOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("file", arguments.path, "JSON lines, one per agreement")->required();
  app.add_option("--source", arguments.source, "name of the earlier register")->type_name("NAME")->required();
  app.add_flag("--validate-only", arguments.validate_only, "report the result without storing it");
}

}  // namespace

const std::vector<BuiltIn>& BuiltIns() {
  static const std::vector<BuiltIn>& built_ins = *new std::vector<BuiltIn>{
      {"sign", "sign the revision of a BUCP under review, after it is shown and confirmed",
       "--as dhcs/sponsor sign bucps/{id}", RunSign, AddSignOptions, Operands::kBucp, SignRequest},
      {"opine", "register an opinion on the revision of a BUCP under review, after it is shown and confirmed",
       "--as dhcs/legal opine bucps/{id} --position supports --text @legal.txt", RunOpine, AddOpineOptions,
       Operands::kBucp, OpineRequest},
      {"wait", "wait until a field has a value", "wait bucps bucps/{id} --for state=EXECUTED --timeout 30",
       RunWait, AddWaitOptions, Operands::kNounFirst},
      {"explain", "describe a resource, a request or a part of one; --skeleton prints JSON to fill in",
       "explain bucps.content.technical", RunExplain, AddExplainOptions, Operands::kNouns},
      {"doctor", "check certificate, token, roles, clock, proxies and endpoints", "--as dhcs/legal doctor",
       RunDoctor},
      {"context list", "list the identities for --as", "context list", ListContexts},
      {"context use", "set the default of --as", "context use cdss/program", UseContext, AddContextUseOptions,
       Operands::kIdentity},
      {"context show", "show endpoints, identity and certificate of a call", "context show", ShowContext},
      {"health", "check whether servers are serving", "health --service inventory", RunHealth,
       AddHealthOptions},
      {"completion", "print a completion script", "completion bash", RunCompletion, AddCompletionOptions,
       Operands::kShell},
      {"version", "print the version and the commit", "version -o json", RunVersion},
      {"man", "print the manual page of ideactl or of a noun, or write all pages into a folder", "man bucps",
       RunManual, AddManualOptions, Operands::kNouns},
      {"methods", "list every method as noun and verb", "methods", RunMethods},
      {"verify", "check an evidence bundle or a receipt (tlog-proof), without a server",
       "verify bundle.json --key log.pub", RunVerify, AddVerifyOptions},
      {"signatures claim", "print the claim for a signer's own key, or sign it: a JWS for `signatures sign`",
       "signatures claim bucps/{id}/revisions/3 --digest {digest} --freeze-number 1 --entity entities/{id} "
       "--capacity executive_sponsor --signing-key me.pem",
       RunClaim, AddClaimOptions, Operands::kOther, Claim},
      {"log verify", "check the whole log against its signatures and the records of every service",
       "--as cdo log verify --key log.pub --earlier checkpoint.txt", RunLogVerify, AddLogVerifyOptions},
      {"log witness", "cosign the log's checkpoints, so that it cannot show two histories",
       "--as odi log witness --signing-key witness.key --name odi.example/witness --key log.pub --state "
       "witness",
       RunWitness, AddWitnessOptions},
      {"exchange gate",
       "decide about exchanges beside a pipeline, from memory: for Envoy's ext_authz, gRPC and GET /check",
       "--as dhcs exchange gate --config gate.yaml", RunGate, AddGateOptions},
      {"filings receipt", "write the receipt of a filing as C2SP tlog-proof, which `verify` checks",
       "--as cdss filings receipt filings/{id} --out receipt.tlog-proof", RunFilingsReceipt,
       AddReceiptOptions},
      {"filings export", "write the filings that you see as CSV, or as JSON lines (.jsonl)",
       "--as odi filings export filings.csv", RunFilingsExport, AddWriteOptions},
      {"filings import", "import an earlier register from JSON lines",
       "--as odi/cdo filings import earlier.jsonl --source inventory-form", RunFilingsImport,
       AddImportOptions},
      {"filings publish", "write the public register as a page of HTML",
       "--as odi filings publish register.html", RunFilingsPublish, AddWriteOptions},
      {"log mirror", "follow the log into a folder of files (C2SP tlog-tiles) and verify it",
       "--as cdss log mirror mirror --key log.pub --once", RunLogMirror, AddMirrorOptions},
      {"log export", "write the log as files (C2SP tlog-tiles)", "log export log-tiles", RunLogExport,
       AddLogExportOptions},
  };
  return built_ins;
}

const BuiltIn* FindBuiltIn(std::string_view name) {
  const auto found = std::find_if(BuiltIns().begin(), BuiltIns().end(),
                                  [&](const BuiltIn& each) { return each.name == name; });
  return found == BuiltIns().end() ? nullptr : &*found;
}

bool IsSwitch(const BuiltIn& built_in, const std::string& flag) {
  if (built_in.add_options == nullptr) return false;
  CLI::App app;
  Arguments unused;
  built_in.add_options(app, unused);
  const CLI::Option* option = app.get_option_no_throw(flag);
  return option != nullptr && option->get_items_expected_max() == 0;
}

}  // namespace idea::cli
