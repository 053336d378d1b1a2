#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/ids/ids.h"
#include "common/rpc/listener.h"
#include "common/rpc/wire.h"
#include "services/cli/gate/exchange_gate.h"
#include "services/inventory/exchange/exchange_service.h"
#include "tests/bench/raw_server.h"

// Measures how many exchange checks a replica answers per second over mTLS, with client and server on this
// machine, next to a raw gRPC server that answers each call with a constant of the same size, and to the
// exchange gate with the agreements of one department. They alternate.
extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using std::chrono::steady_clock;

constexpr char kMethod[] = "/idea.inventory.v1.ExchangeService/CheckExchange";
constexpr char kProxyMethod[] = "/envoy.service.auth.v3.Authorization/Check";
constexpr int kEntities = 150;
constexpr int kElements = 400;
constexpr int kCallers = 64;
constexpr int kRounds = 5;
constexpr std::chrono::seconds kTurn{3};

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "exchange_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

std::string EntityNumber(int n) { return "entities/department-" + std::to_string(n % kEntities); }
std::string ElementNumber(int n) { return "Data Element " + std::to_string(n % kElements); }

// Of kEntities agreements, one states a purpose in comparable terms and the providers of some elements.
bool HasExtras(int n) { return n % kEntities == 2; }

// A typical agreement: one provider and one recipient, sometimes two; ten elements.
struct Agreement {
  v1::Filing filing;
  v1::Terms terms;
};
Agreement AgreementNumber(int n) {
  v1::Filing filing;
  filing.set_name("filings/" + ids::NewUuid());
  filing.set_bucp("bucps/" + ids::NewUuid());
  filing.set_revision(filing.bucp() + "/revisions/" + std::to_string(1 + n % 20));
  filing.set_title("Match " + std::to_string(n) + " of enrolment");
  filing.add_providers(EntityNumber(n));
  filing.add_recipients(EntityNumber(n / kEntities + n + 1));
  if (n % 10 == 0) filing.add_recipients(EntityNumber(n / kEntities + n + 2));
  filing.set_state(v1::FILING_STATE_FILED);
  filing.set_etag("2");
  *filing.mutable_execute_time() = clock::ToProto(clock::kSecond);
  v1::Terms terms;
  terms.set_purpose("To find those who are entitled and do not take part, case " + std::to_string(n) + ".");
  for (int i = 0; i < 10; ++i) terms.add_data_elements(ElementNumber(n % 1000 * 7 + i));
  terms.mutable_data_users()->set_description("Analysts of the department");
  terms.mutable_destruction()->set_description("Deleted 90 days after receipt");
  terms.mutable_redisclosure()->set_allowed(drafting::v1::ANSWER_NO);
  if (HasExtras(n)) {
    terms.mutable_purpose_class()->add_kinds(drafting::v1::PURPOSE_KIND_PROGRAM_OPERATION);
    terms.mutable_purpose_class()->set_retention_days(365);
    for (int i = 0; i < 5; ++i) {
      v1::ElementProviders& only = *terms.add_element_providers();
      only.set_data_element(terms.data_elements(i));
      only.add_providers(filing.providers(0));
    }
  }
  return {std::move(filing), std::move(terms)};
}

void PutNumber(int n, exchange::ExchangeIndex& index) {
  const Agreement agreement = AgreementNumber(n);
  index.Put(agreement.filing, agreement.terms);
}

v1::CheckExchangeRequest QuestionNumber(int n) {
  v1::CheckExchangeRequest question;
  question.set_provider(EntityNumber(n));
  question.set_recipient(EntityNumber(n / kEntities + n + 1));
  for (int i = 0; i < 5; ++i) question.add_data_elements(ElementNumber(n % 1000 * 7 + i));
  return question;
}

// Questions of department 1 with the answer "yes".
std::vector<grpc::ByteBuffer> Questions(int agreements) {
  std::vector<grpc::ByteBuffer> questions;
  for (int n = 1; n < agreements && questions.size() < 4096; n += kEntities) {
    questions.push_back(rpc::FromBytes(QuestionNumber(n).SerializeAsString()));
  }
  return questions;
}

class NobodyHasARole : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const rpc::TlsFiles& tls) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(rpc::WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

// 64 callers, each of which sends the next call after an answer.
class Client {
 public:
  Client(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
         const std::vector<grpc::ByteBuffer>& questions, std::string method = kMethod)
      : questions_(questions), method_(std::move(method)) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(address, credentials, arguments));
  }

  std::string One() {
    Caller caller;
    std::promise<grpc::Status> done;
    stub_->UnaryCall(&caller.context.emplace(), method_, {}, &questions_[0], &caller.answer,
                     [&](grpc::Status status) { done.set_value(std::move(status)); });
    const grpc::Status status = done.get_future().get();
    Require(rpc::FromGrpc(status));
    std::string bytes;
    rpc::AppendBytes(caller.answer, bytes);
    return bytes;
  }

  struct Spent {
    double calls_a_second;
    // The CPU time of this process, which is client and server.
    double cpu_microseconds_a_call;
  };
  Spent Measure(std::chrono::milliseconds span) {
    std::vector<Caller> callers(kCallers);
    answered_ = 0;
    asking_ = true;
    running_ = kCallers;
    const auto began = steady_clock::now();
    const std::clock_t cpu = std::clock();
    for (size_t i = 0; i < callers.size(); ++i) {
      callers[i].next = i * 61;
      Check(callers[i]);
    }
    std::promise<void> over;
    over.get_future().wait_for(span);
    const int64_t answered = answered_;
    const std::chrono::duration<double> spent = steady_clock::now() - began;
    const double worked = static_cast<double>(std::clock() - cpu) * 1e6 / CLOCKS_PER_SEC;
    asking_ = false;
    while (running_ > 0) std::this_thread::yield();
    return {static_cast<double>(answered) / spent.count(), worked / static_cast<double>(answered)};
  }

 private:
  struct Caller {
    std::optional<grpc::ClientContext> context;
    grpc::ByteBuffer answer;
    size_t next = 0;
  };
  void Check(Caller& caller) {
    const grpc::ByteBuffer& question = questions_[caller.next++ % questions_.size()];
    stub_->UnaryCall(&caller.context.emplace(), method_, {}, &question, &caller.answer,
                     [this, &caller](const grpc::Status& status) {
                       Require(rpc::FromGrpc(status));
                       ++answered_;
                       if (asking_) {
                         Check(caller);
                       } else {
                         --running_;
                       }
                     });
  }

  const std::vector<grpc::ByteBuffer>& questions_;
  const std::string method_;
  std::unique_ptr<grpc::GenericStub> stub_;
  std::atomic<int64_t> answered_{0};
  std::atomic<bool> asking_{false};
  std::atomic<int> running_{0};
};

double Median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

// The CPU time of one run, in microseconds.
template <class Work>
double CpuOf(Work work) {
  constexpr int kTimes = 50'000;
  const std::clock_t began = std::clock();
  for (int i = 0; i < kTimes; ++i) work();
  return static_cast<double>(std::clock() - began) * 1e6 / CLOCKS_PER_SEC / kTimes;
}

// The CPU time of the machine and of this process since it started, in seconds.
struct Machine {
  double busy = 0;
  double ours = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;

  static Machine Now() {
    Machine now;
    std::ifstream stat("/proc/stat");
    std::string cpu;
    double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, stolen = 0;
    stat >> cpu >> user >> nice >> system >> idle >> wait >> irq >> soft >> stolen;
    now.busy = (user + nice + system + irq + soft + stolen) / static_cast<double>(sysconf(_SC_CLK_TCK));
    return now;
  }
};

// The real service except for the database: the index is already filled, and followed as usual.
class Replica {
 public:
  Replica(const std::string& certificates, int agreements)
      : database_(*storage::Open("sqlite::memory:")),
        authenticator_({"idea.local", "", "", "", "", ""}, clock_) {
    Require(storage::Migrate(*database_, "events", k_events_schema));
    Require(storage::Migrate(*database_, "inventory", k_inventory_schema));
    const auto began = steady_clock::now();
    for (int n = 0; n < agreements; ++n) PutNumber(n, index_);
    const std::chrono::duration<double> filled = steady_clock::now() - began;
    std::printf("%d agreements: %zu bytes each, filled in %.1f s\n", agreements,
                index_.bytes() / static_cast<size_t>(agreements), filled.count());
    index_worker_.Start();
    service_.Bind(router_);
    Require(listener_.Add(router_, pipeline_));
    Require(listener_.Start("localhost:0", rpc::TlsFiles::In(certificates + "/inventory")));
    while (!index_worker_.IsFresh()) std::this_thread::yield();
  }
  ~Replica() {
    listener_.Stop(std::chrono::seconds(1));
    index_worker_.Stop();
  }

  const std::string& address() const { return listener_.address(); }

  // The CPU time of a call without gRPC, and of the index in it.
  void PrintPath(const grpc::ByteBuffer& asked) {
    rpc::Incoming incoming;
    incoming.method = &router_.methods().at(kMethod);
    incoming.spiffe_id = "spiffe://idea.local/entity/department-1";
    rpc::AppendBytes(asked, incoming.body);
    v1::CheckExchangeRequest question;
    question.ParseFromString(incoming.body);
    const double index = CpuOfIndex(question);
    const double path = CpuOf([&] {
      std::string answer;
      Require(pipeline_.Serve(incoming, answer));
    });
    std::printf("  CPU of the index alone %.1f us, of the call path without gRPC %.1f\n", index, path);
    v1::CheckExchangeRequest with_purpose = QuestionNumber(2);
    // The agreement that states them, first without a purpose in the question.
    const double plain = CpuOfIndex(with_purpose);
    with_purpose.mutable_purpose_class()->add_kinds(drafting::v1::PURPOSE_KIND_PROGRAM_OPERATION);
    with_purpose.mutable_purpose_class()->set_retention_days(30);
    std::printf("  CPU of the index with providers of elements: ratio %.2f; and with a purpose: ratio %.2f\n",
                plain / index, CpuOfIndex(with_purpose) / index);
  }

 private:
  double CpuOfIndex(const v1::CheckExchangeRequest& question) {
    return CpuOf([&] {
      v1::ExchangeDecision decision;
      index_.Decide(question, {clock_.Now(), 20'000, true}, auth::Visibility::Of(question.provider()),
                    decision);
      if (decision.verdict() != v1::VERDICT_PERMITTED)
        Require(absl::InternalError("not permitted: " + decision.ShortDebugString()));
    });
  }

  const clock::SystemClock clock_;
  std::unique_ptr<storage::Database> database_;
  exchange::ExchangeIndex index_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  NobodyHasARole directory_;
  const auth::Authenticator authenticator_;
  ExchangeWorker index_worker_{{*database_, notifier_, clock_, std::chrono::milliseconds(1000), [](bool) {}},
                               index_};
  ExchangeService service_{index_, index_worker_, clock_, absl::UTCTimeZone()};
  rpc::Router router_;
  rpc::Pipeline pipeline_{{"inventory", authenticator_, directory_, *database_, notifier_, metrics_, clock_}};
  // A rate that callers do not reach, because counting is part of the cost of a call.
  rpc::Listener listener_{authenticator_, 4, rpc::ServerState::Limits{.callers = {.checks = {1e9, 1e9}}}};
};

// The exchange gate of department 1, with the agreements of this department. Its watch is in this process.
class Gate {
 public:
  explicit Gate(int agreements)
      : config_(
            *cli::ParseGateConfig("rules: [{path: /send, fields: {provider: {header: x-provider}, recipient: "
                                  "{header: x-recipient}, data_elements: {header: x-elements}}}]")),
        follower_({[this, agreements](const v1::WatchExchangesRequest&,
                                      const cli::ExchangeFollower::OnMessage& on_message) {
                     Send(agreements, on_message);
                     return absl::OkStatus();
                   },
                   clock_, std::chrono::seconds(5), [](const std::string&) {}}),
        gate_(config_, follower_),
        server_(*rpc::LocalServer::Listen("localhost:0", gate_.Methods())) {
    follower_.Start();
    while (!follower_.IsFresh()) std::this_thread::yield();
  }
  const std::string& address() const { return server_->address(); }

  // The question of a proxy with the same content.
  static grpc::ByteBuffer QuestionOf(const grpc::ByteBuffer& asked) {
    std::string bytes;
    rpc::AppendBytes(asked, bytes);
    v1::CheckExchangeRequest question;
    question.ParseFromString(bytes);
    envoy::service::auth::v3::CheckRequest request;
    auto& http = *request.mutable_attributes()->mutable_request()->mutable_http();
    http.set_method("POST");
    http.set_host("pipeline");
    http.set_path("/send");
    (*http.mutable_headers())["x-provider"] = question.provider();
    (*http.mutable_headers())["x-recipient"] = question.recipient();
    (*http.mutable_headers())["x-elements"] = absl::StrJoin(question.data_elements(), ",");
    return rpc::FromBytes(request.SerializeAsString());
  }

 private:
  // Sends the snapshot, then a time after each pause, until the follower is destroyed.
  void Send(int agreements, const cli::ExchangeFollower::OnMessage& on_message) const {
    v1::WatchExchangesResponse message;
    message.mutable_rules()->set_entity(EntityNumber(1));
    message.mutable_rules()->set_time_zone("UTC");
    bool goes_on = on_message(message);
    for (int n = 1; n < agreements && goes_on; n += kEntities) {
      Agreement agreement = AgreementNumber(n);
      message.Clear();
      *message.mutable_agreement()->mutable_filing() = std::move(agreement.filing);
      *message.mutable_agreement()->mutable_terms() = std::move(agreement.terms);
      goes_on = on_message(message);
    }
    while (goes_on) {
      message.Clear();
      *message.mutable_time() = clock::ToProto(clock_.Now());
      goes_on = on_message(message);
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  const clock::SystemClock clock_;
  const cli::GateConfig config_;
  cli::ExchangeFollower follower_;
  cli::ExchangeGate gate_;
  std::unique_ptr<rpc::LocalServer> server_;
};

void Run(const std::string& certificates, int agreements, bool path_only) {
  Replica replica(certificates, agreements);
  const std::vector<grpc::ByteBuffer> questions = Questions(agreements);
  if (path_only) return replica.PrintPath(questions[0]);
  const rpc::TlsFiles tls = rpc::TlsFiles::In(certificates + "/entities/department-1");
  Client ours(replica.address(), CredentialsOf(tls), questions);
  const std::string answer = ours.One();
  v1::CheckExchangeResponse decided;
  if (!decided.ParseFromString(answer) || decided.decision().verdict() != v1::VERDICT_PERMITTED)
    Require(absl::InternalError("not permitted: " + decided.ShortDebugString()));
  const bench::RawServer raw(certificates + "/inventory", {{kMethod, bench::Constant(answer)}});
  Client theirs(raw.address(), CredentialsOf(tls), questions);
  theirs.One();
  const Gate gate(agreements);
  std::vector<grpc::ByteBuffer> of_proxy;
  for (const grpc::ByteBuffer& question : questions) of_proxy.push_back(Gate::QuestionOf(question));
  Client beside(gate.address(), grpc::InsecureChannelCredentials(), questions);
  Client proxy(gate.address(), grpc::InsecureChannelCredentials(), of_proxy, kProxyMethod);
  envoy::service::auth::v3::CheckResponse passed;
  if (!passed.ParseFromString(proxy.One()) || !passed.has_ok_response())
    Require(absl::InternalError("not passed on: " + passed.ShortDebugString()));
  std::vector<double> gate_ratios, proxy_ratios;

  std::vector<double> checks, constants, ratios, cpu_checks, cpu_constants, cpu_ratios;
  const auto began = steady_clock::now();
  const Machine before = Machine::Now();
  for (int round = 0; round < kRounds; ++round) {
    const Client::Spent check = ours.Measure(kTurn);
    const Client::Spent constant = theirs.Measure(kTurn);
    checks.push_back(check.calls_a_second);
    constants.push_back(constant.calls_a_second);
    ratios.push_back(check.calls_a_second / constant.calls_a_second);
    gate_ratios.push_back(beside.Measure(kTurn).calls_a_second / check.calls_a_second);
    proxy_ratios.push_back(proxy.Measure(kTurn).calls_a_second / check.calls_a_second);
    cpu_checks.push_back(check.cpu_microseconds_a_call);
    cpu_constants.push_back(constant.cpu_microseconds_a_call);
    cpu_ratios.push_back(constant.cpu_microseconds_a_call / check.cpu_microseconds_a_call);
  }
  const Machine after = Machine::Now();
  const std::chrono::duration<double> took = steady_clock::now() - began;
  const double others = (after.busy - before.busy) - (after.ours - before.ours);
  std::printf("  checks %.0f a second, raw constants of %zu bytes %.0f, ratio %.2f\n", Median(checks),
              answer.size(), Median(constants), Median(ratios));
  std::printf("  exchange gate without TLS: checks %.2f of the direct rate, ext_authz %.2f\n",
              Median(gate_ratios), Median(proxy_ratios));
  std::printf("  CPU: checks %.1f us a call, raw constants %.1f, ratio %.2f\n", Median(cpu_checks),
              Median(cpu_constants), Median(cpu_ratios));
  // Above some percent, the rates are unreliable; the CPU time of a call is less affected.
  std::printf("  other processes used %.0f %% of the %u CPUs of the machine\n",
              100 * std::max(0.0, others) / took.count() / std::thread::hardware_concurrency(),
              std::thread::hardware_concurrency());
  replica.PrintPath(questions[0]);
}

}  // namespace
}  // namespace idea::inventory

// usage: exchange_bench <folder of scripts/certs.sh for department-1> [--path] [<number of agreements>...]
//   --path  only what a call costs without gRPC; for a profiler
int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::vector<int> sizes;
  bool path_only = false;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--path") {
      path_only = true;
    } else {
      sizes.push_back(std::atoi(argv[i]));
    }
  }
  if (sizes.empty()) sizes = {10'000, 1'000'000};
  for (const int size : sizes) idea::inventory::Run(argv[1], size, path_only);
  return 0;
}
