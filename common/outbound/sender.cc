#include "common/outbound/sender.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "common/log/thread.h"

namespace idea::outbound {
namespace {

// Open connections that wait for the next request.
constexpr long kMaxIdleConnections = 256;
constexpr size_t kMaxAnswerText = 500;
constexpr int kMaxWaitMillis = 1000;
// A longer Retry-After counts as this one.
constexpr std::chrono::seconds kMaxRetryAfter = std::chrono::hours(24);

void EnsureInitialized() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

List ListOf(const std::vector<std::string>& items) {
  List list;
  for (const std::string& item : items) {
    curl_slist* longer = curl_slist_append(list.get(), item.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// A part of a URL, decoded; empty if it is missing.
std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

std::string Printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxAnswerText)) out += c >= ' ' && c < 0x7f ? c : ' ';
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

struct Sender::State {
  struct Transfer {
    Request request;
    Done done;
    const AddressRules* rules = nullptr;
    std::unique_ptr<CURL, FreeEasy> easy{};
    List headers{}, recipients{};
    size_t sent = 0;
    std::string text{};
    size_t head_bytes = 0, body_bytes = 0;
    bool address_refused = false;
    bool too_long = false;
  };

  explicit State(Options given) : options(std::move(given)) {}

  Options options;
  CURLM* multi = nullptr;
  std::atomic<bool> stopping{false};
  std::mutex mutex{};
  std::vector<std::unique_ptr<Transfer>> queued{};
  // Only used by the thread.
  std::map<CURL*, std::unique_ptr<Transfer>> running{};
  std::thread thread{};

  static curl_socket_t OpenSocket(void* pointer, curlsocktype purpose, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(pointer);
    if (purpose != CURLSOCKTYPE_IPCXN || !transfer.rules->Allows(&address->addr)) {
      transfer.address_refused = true;
      return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
  static size_t OnHeader(char*, size_t size, size_t count, void* pointer) {
    auto& transfer = *static_cast<Transfer*>(pointer);
    transfer.head_bytes += size * count;
    return transfer.head_bytes > kMaxAnswerBytes ? 0 : size * count;
  }
  static size_t OnBody(char* data, size_t size, size_t count, void* pointer) {
    auto& transfer = *static_cast<Transfer*>(pointer);
    const size_t bytes = size * count;
    transfer.text.append(data,
                         std::min(bytes, kMaxAnswerText - std::min(kMaxAnswerText, transfer.text.size())));
    transfer.body_bytes += bytes;
    // The status is known: the rest is not needed.
    transfer.too_long = transfer.body_bytes > kMaxAnswerBytes;
    return transfer.too_long ? 0 : bytes;
  }
  static size_t ReadMail(char* to, size_t size, size_t count, void* pointer) {
    auto& transfer = *static_cast<Transfer*>(pointer);
    const size_t bytes = std::min(size * count, transfer.request.body.size() - transfer.sent);
    std::copy_n(transfer.request.body.data() + transfer.sent, bytes, to);
    transfer.sent += bytes;
    return bytes;
  }

  void Prepare(Transfer& transfer) {
    transfer.easy.reset(curl_easy_init());
    CURL* const easy = transfer.easy.get();
    if (easy == nullptr) throw std::bad_alloc();
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    if (transfer.request.recipients.empty()) {
      PreparePost(transfer, easy);
    } else {
      PrepareMail(transfer, easy);
    }
  }
  void PreparePost(Transfer& transfer, CURL* easy) const {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    transfer.headers = ListOf(transfer.request.headers);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "idea-exchange");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(transfer.request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.data());
  }
  void PrepareMail(Transfer& transfer, CURL* easy) const {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    // smtp:// has to change to TLS before anything is sent.
    curl_easy_setopt(easy, CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
    if (!options.smtp_ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.smtp_ca_file.c_str());
    if (!options.smtp_user.empty()) {
      std::string password;
      std::getline(std::ifstream(options.smtp_password_file) >> std::ws, password);
      curl_easy_setopt(easy, CURLOPT_USERNAME, options.smtp_user.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, password.c_str());
    }
    transfer.recipients = ListOf(transfer.request.recipients);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, transfer.request.from.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer.recipients.get());
    // A recipient that the server refuses does not keep the mail from the others.
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.request.body.size()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &ReadMail);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  }

  static Answer AnswerOf(Transfer& transfer, CURLcode code) {
    CURL* const easy = transfer.easy.get();
    Answer answer;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t micros = 0, retry_after = 0;
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    answer.status = static_cast<int>(status);
    answer.duration = std::chrono::milliseconds(micros / 1000);
    answer.retry_after = std::min(kMaxRetryAfter, std::chrono::seconds(std::max<curl_off_t>(retry_after, 0)));
    answer.text = Printable(transfer.text);
    if (transfer.address_refused && code != CURLE_OK) {
      answer.error = "the host resolves to an address to which the server does not send";
    } else if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && transfer.too_long)) {
      answer.error = curl_easy_strerror(code);
    } else if (transfer.request.recipients.empty() && (status < 200 || status > 299)) {
      answer.error = status >= 300 && status < 400 ? "the receiver redirects, which is not followed"
                                                   : "the receiver did not answer with 2xx";
    }
    return answer;
  }

  void Start(std::unique_ptr<Transfer> transfer) {
    Prepare(*transfer);
    CURL* const easy = transfer->easy.get();
    running[easy] = std::move(transfer);
    curl_multi_add_handle(multi, easy);
  }
  void Finish(CURL* easy, CURLcode code) {
    const auto found = running.find(easy);
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    running.erase(found);
    const Answer answer = AnswerOf(*transfer, code);
    curl_multi_remove_handle(multi, easy);
    transfer->done(answer);
  }
  void Loop() {
    while (!stopping) {
      std::vector<std::unique_ptr<Transfer>> fresh;
      {
        const std::lock_guard lock(mutex);
        fresh.swap(queued);
      }
      for (auto& transfer : fresh) Start(std::move(transfer));
      int count = 0;
      curl_multi_perform(multi, &count);
      for (const CURLMsg* message = nullptr; (message = curl_multi_info_read(multi, &count)) != nullptr;) {
        if (message->msg == CURLMSG_DONE) Finish(message->easy_handle, message->data.result);
      }
      curl_multi_poll(multi, nullptr, 0, kMaxWaitMillis, nullptr);
    }
  }
};

Sender::Sender(Options options) : state_(std::make_unique<State>(std::move(options))) {
  EnsureInitialized();
  state_->multi = curl_multi_init();
  curl_multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
  state_->thread = log::StartThread("outbound", [state = state_.get()] { state->Loop(); });
}

Sender::~Sender() {
  state_->stopping = true;
  curl_multi_wakeup(state_->multi);
  state_->thread.join();
  for (auto& [easy, transfer] : state_->running) curl_multi_remove_handle(state_->multi, easy);
  state_->running.clear();
  curl_multi_cleanup(state_->multi);
}

void Sender::Send(Request request, Done done) {
  auto transfer = std::make_unique<State::Transfer>();
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->rules = &state_->options.rules;
  {
    const std::lock_guard lock(state_->mutex);
    state_->queued.push_back(std::move(transfer));
  }
  curl_multi_wakeup(state_->multi);
}

absl::Status CheckUrl(const std::string& text, const AddressRules& rules) {
  EnsureInitialized();
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  // libcurl also accepts a URL with another number of slashes.
  const bool parses = text.find(":///") == std::string::npos &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; }) &&
                      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  if (!parses || PartOf(url.get(), CURLUPART_SCHEME) != "https")
    return absl::InvalidArgumentError("must be a URL with the scheme https, in ASCII");
  if (!PartOf(url.get(), CURLUPART_USER).empty() || !PartOf(url.get(), CURLUPART_PASSWORD).empty() ||
      text.find('#') != std::string::npos)
    return absl::InvalidArgumentError("must have neither user nor fragment");
  std::string host = PartOf(url.get(), CURLUPART_HOST);
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool is_local = host == "localhost" || host == "localhost." || host.ends_with(".localhost");
  if (host.empty() || !rules.AllowsHost(is_local ? "127.0.0.1" : host))
    return absl::InvalidArgumentError(
        "must name a public host: the server does not send to loopback, link-local or private addresses");
  return absl::OkStatus();
}

}  // namespace idea::outbound
