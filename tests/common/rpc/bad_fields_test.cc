#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <tuple>

#include "common/rpc/pipeline.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/type/date.pb.h"
#include "tests/support/backends.h"
#include "tests/support/refusals.h"
#include "tests/support/service_harness/service_harness.h"
#include "tests/support/services.h"

// The bad inputs of every rpc: each field of its request, at any depth, with an invalid value. The refusal
// names the field, and the handler does not receive the request.
namespace idea::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// A person with every role.
class Everybody : public auth::Directory {
 public:
  absl::StatusOr<bool> IsOutsider(const std::string&) override { return false; }
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    auth::Person person{"entities/x/contacts/p", "P", "", {}, {}};
    const auto* roles = common::v1::ContactRole_descriptor();
    for (int i = 1; i < roles->value_count(); ++i) {
      person.roles.push_back(static_cast<common::v1::ContactRole>(roles->value(i)->number()));
    }
    return person;
  }
};

// A way to spoil one field of a message that is otherwise empty.
struct Fault {
  // "content.technical.data_elements.elements[0].field_name"
  std::string path;
  std::string what;
  std::function<void(Message&)> spoil;
};

std::vector<std::string> BadTexts(const common::v1::FieldRule& rule) {
  const size_t most = rule.max_length() == 0 ? 1000 : rule.max_length();
  std::vector<std::string> texts = {
      std::string(most + 1, 'x'), "a\x01z", "a\x1b[31mz", "a\u0085z", "a\u202ez", "a\u2066z", "a\uffffz"};
  switch (rule.format()) {
    case common::v1::TEXT_FORMAT_EMAIL:
      texts.insert(texts.end(), {"nobody", "a@", "@b.org", "a b@c.org", "a@b.org\n", "a@ex\u0430mple.org"});
      break;
    case common::v1::TEXT_FORMAT_UUID4:
      texts.insert(texts.end(), {"1", "6F9619FF-8B86-4011-B42D-00CF4FC964FG",
                                 "00000000-0000-0000-0000-000000000000", "6f9619ff8b864011b42d00cf4fc964ff"});
      break;
    case common::v1::TEXT_FORMAT_SHA256:
      texts.insert(texts.end(), {"abc", std::string(64, 'A'), std::string(64, 'g')});
      break;
    case common::v1::TEXT_FORMAT_LINE:
      texts.insert(texts.end(), {"a\nz", "a\tz", "a\u2028z"});
      break;
    default:
      break;
  }
  if (!rule.resource().empty()) {
    std::string name = rule.resource();
    for (size_t at = name.find('*'); at != std::string::npos; at = name.find('*')) name.replace(at, 1, "x");
    std::string upper = name, greek = name;
    upper[0] = rule.resource()[0] == '*' ? ' ' : static_cast<char>(std::toupper(upper[0]));
    greek.replace(greek.rfind('x'), 1, "\u03c7");
    texts.insert(texts.end(),
                 {"x", "/", upper, greek, name + "/", "/" + name, name + "/x", name + " ", "../" + name,
                  name.substr(0, name.rfind('/') + 1) + "..", name.substr(0, name.rfind('/') + 1)});
  }
  return texts;
}

const Message& SampleOf(const FieldDescriptor* field) {
  return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(field->message_type());
}

bool IsOutput(const FieldDescriptor* field) {
  for (int i = 0; i < field->options().ExtensionSize(google::api::field_behavior); ++i) {
    if (field->options().GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY)
      return true;
  }
  return false;
}

// An invalid value of a Google message type; empty if the type is not one of them.
std::vector<std::function<void(Message&)>> BadOnes(const Descriptor* type) {
  if (type->full_name() == "google.type.Date") {
    std::vector<std::function<void(Message&)>> bad;
    for (const auto& [year, month, day] :
         {std::tuple(2026, 13, 1), {2026, 2, 30}, {0, 1, 1}, {10000, 1, 1}}) {
      google::type::Date date;
      date.set_year(year);
      date.set_month(month);
      date.set_day(day);
      bad.push_back([date](Message& message) { message.CopyFrom(date); });
    }
    return bad;
  }
  if (type->full_name() == "google.protobuf.Timestamp") {
    return {[](Message& message) { static_cast<google::protobuf::Timestamp&>(message).set_nanos(-1); },
            [](Message& message) {
              static_cast<google::protobuf::Timestamp&>(message).set_seconds(int64_t{1} << 60);
            }};
  }
  if (type->full_name() == "google.protobuf.FieldMask") {
    std::vector<std::function<void(Message&)>> bad;
    for (const char* path : {"", ".", "..", "x", ".name", "name.", "..name", "name..name", "*.", "name.*"}) {
      bad.push_back(
          [path](Message& message) { static_cast<google::protobuf::FieldMask&>(message).add_paths(path); });
    }
    bad.push_back([](Message& message) {
      for (int i = 0; i < 101; ++i) static_cast<google::protobuf::FieldMask&>(message).add_paths("name");
    });
    return bad;
  }
  return {};
}

// The path to a message within the request.
using Reach = std::function<Message&(Message&)>;

void AddFaults(const Descriptor* type, const std::string& path, const Reach& reach,
               std::vector<Fault>& faults);

void AddFaultsOf(const FieldDescriptor* field, const std::string& path, const Reach& reach,
                 std::vector<Fault>& faults) {
  const auto& rule = field->options().GetExtension(common::v1::rule);
  const std::string item = field->is_repeated() ? path + "[0]" : path;
  const auto add = [&](const std::string& what, auto spoil) {
    faults.push_back({item, what, [reach, spoil](Message& request) { spoil(reach(request)); }});
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool bytes = field->type() == FieldDescriptor::TYPE_BYTES;
      const size_t most = rule.max_length() == 0 ? 1000 : rule.max_length();
      for (const std::string& text : bytes ? std::vector{std::string(most + 1, 'x')} : BadTexts(rule)) {
        add(text.substr(0, 40), [field, text](Message& message) {
          const auto& set = *message.GetReflection();
          field->is_repeated() ? set.AddString(&message, field, text) : set.SetString(&message, field, text);
        });
      }
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      add("a number that no value has", [field](Message& message) {
        const auto& set = *message.GetReflection();
        field->is_repeated() ? set.AddEnumValue(&message, field, 999)
                             : set.SetEnumValue(&message, field, 999);
      });
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      if (rule.min() == 0 && rule.max() == 0) break;
      for (const int64_t number : {rule.min() - 1, rule.max() + 1}) {
        // A page that is too large is reduced (AIP-158).
        if (field->name() == "page_size" && number > rule.max()) continue;
        add(std::to_string(number), [field, number](Message& message) {
          message.GetReflection()->SetInt32(&message, field, static_cast<int32_t>(number));
        });
      }
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto own = [field](Message& message) -> Message& {
        const auto& set = *message.GetReflection();
        if (!field->is_repeated()) return *set.MutableMessage(&message, field);
        return set.FieldSize(message, field) == 0 ? *set.AddMessage(&message, field)
                                                  : *set.MutableRepeatedMessage(&message, field, 0);
      };
      const auto bad = BadOnes(field->message_type());
      for (const auto& spoil : bad) {
        add("what no " + field->message_type()->name() + " is",
            [own, spoil](Message& message) { spoil(own(message)); });
      }
      const bool ours = field->message_type()->full_name().starts_with("idea.");
      if (bad.empty() && ours && !rule.one_by_one()) {
        AddFaults(
            field->message_type(), item + ".",
            [reach, own](Message& request) -> Message& { return own(reach(request)); }, faults);
      }
      break;
    }
    default:
      break;
  }
  if (!field->is_repeated()) return;
  const uint32_t most = rule.max_items() == 0 ? 100 : rule.max_items();
  faults.push_back({path, "too many", [reach, field, most](Message& request) {
                      Message& message = reach(request);
                      const auto& set = *message.GetReflection();
                      for (uint32_t i = 0; i <= most; ++i) {
                        if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
                          set.AddString(&message, field, "x");
                        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
                          set.AddEnumValue(&message, field, 1);
                        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
                          set.AddMessage(&message, field)->CopyFrom(SampleOf(field));
                        }
                      }
                    }});
}

void AddFaults(const Descriptor* type, const std::string& path, const Reach& reach,
               std::vector<Fault>& faults) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (!IsOutput(type->field(i))) AddFaultsOf(type->field(i), path + type->field(i)->name(), reach, faults);
  }
}

class BadFields : public ::testing::TestWithParam<const MethodDescriptor*> {
 protected:
  BadFields() {
    method_.descriptor = GetParam();
    method_.path = "/" + GetParam()->service()->full_name() + "/" + GetParam()->name();
    method_.policy = GetParam()->options().GetExtension(common::v1::policy);
    method_.new_request = [](google::protobuf::Arena* arena) { return Prototype().New(arena); };
    method_.work = [this](Call&, const Message&, const std::any&, std::string&) {
      ++worked_;
      return absl::InternalError("the handler was reached");
    };
  }
  static const Message& Prototype() {
    return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(GetParam()->input_type());
  }
  static std::unique_ptr<Message> NewRequest() { return std::unique_ptr<Message>(Prototype().New()); }
  // A caller that the method allows.
  std::string Caller() const {
    switch (method_.policy.callers(0)) {
      case common::v1::CALLER_KIND_SERVICE:
        return "service/" + method_.policy.services(0);
      case common::v1::CALLER_KIND_CDO:
        return "entity/cdo-office";
      case common::v1::CALLER_KIND_GOVERNOR:
        return "entity/governors-office";
      default:
        return "entity/x";
    }
  }
  absl::Status Send(const Message& request) {
    Incoming incoming;
    incoming.method = &method_;
    incoming.spiffe_id = "spiffe://idea.test/" + Caller();
    incoming.authorization = token_;
    incoming.body = request.SerializeAsString();
    if (GetParam()->server_streaming()) return pipeline_.Open(incoming).status();
    std::string answer;
    return pipeline_.Serve(incoming, answer);
  }

  testing::TestEnv env_;
  const std::string token_ = env_.TokenOf("p");
  Everybody everybody_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("memory");
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  Pipeline pipeline_{{"test", env_.authenticator, everybody_, *database_, notifier_, metrics_, env_.clock}};
  Method method_;
  int worked_ = 0;
};

TEST_P(BadFields, AreNamedAndReachNoHandler) {
  std::vector<Fault> faults;
  AddFaults(
      GetParam()->input_type(), "", [](Message& request) -> Message& { return request; }, faults);
  for (const Fault& fault : faults) {
    const auto request = NewRequest();
    fault.spoil(*request);
    const absl::Status refused = Send(*request);
    ASSERT_THAT(refused, testing::FailsWith(status::Reason::ERROR_REASON_INVALID_FIELD))
        << fault.path << ": " << fault.what;
    EXPECT_THAT(testing::FieldsOf(refused), ::testing::Contains(::testing::StartsWith(fault.path)))
        << fault.what;
  }
  EXPECT_EQ(worked_, 0);
}

TEST_P(BadFields, ThatAreRequiredAreMissed) {
  const Descriptor* type = GetParam()->input_type();
  const std::vector<std::string> missed = testing::FieldsOf(Send(*NewRequest()));
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    for (int k = 0; k < field->options().ExtensionSize(google::api::field_behavior); ++k) {
      if (field->options().GetExtension(google::api::field_behavior, k) == google::api::REQUIRED) {
        EXPECT_THAT(missed, ::testing::Contains(field->name()));
      }
    }
  }
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

INSTANTIATE_TEST_SUITE_P(Of, BadFields, ::testing::ValuesIn(Methods()), [](const auto& test) {
  return test.param->service()->name() + "_" + test.param->name();
});

}  // namespace
}  // namespace idea::rpc
