#include "services/drafting/content/content_diff.h"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <stdexcept>

namespace idea::drafting {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field that identifies an entry of a list. Null if only its position does.
const FieldDescriptor* KeyOf(const Descriptor* type) {
  const FieldDescriptor* entity = type->FindFieldByName("entity");
  return entity != nullptr ? entity : type->FindFieldByName("field_name");
}

std::string KeyIn(const Message& entry) {
  const FieldDescriptor* key = KeyOf(entry.GetDescriptor());
  return key == nullptr ? "" : entry.GetReflection()->GetString(entry, key);
}

class Differ {
 public:
  std::vector<v1::FieldChange> changes;

  void Messages(const std::string& path, const Message& before, const Message& after) {
    const Descriptor* type = before.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const std::string at = path.empty() ? field->name() : path + "." + field->name();
      if (field->is_repeated()) {
        Lists(at, field, before, after);
      } else if (IsMessage(field) && field->message_type()->full_name() != "google.type.Date") {
        Messages(at, before.GetReflection()->GetMessage(before, field),
                 after.GetReflection()->GetMessage(after, field));
      } else {
        Add(at, ValueOf(before, field), ValueOf(after, field));
      }
    }
  }

 private:
  static bool IsMessage(const FieldDescriptor* field) {
    return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  }

  void Add(const std::string& path, const std::string& before, const std::string& after) {
    if (before == after) return;
    v1::FieldChange& change = changes.emplace_back();
    change.set_field(path);
    change.set_before(before);
    change.set_after(after);
  }

  static std::string ValueOf(const Message& message, const FieldDescriptor* field) {
    const auto* reflection = message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->GetString(message, field);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->GetBool(message, field) ? "true" : "false";
      case FieldDescriptor::CPPTYPE_INT32: {
        const int32_t number = reflection->GetInt32(message, field);
        return number == 0 ? "" : std::to_string(number);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = reflection->GetEnum(message, field);
        return value->number() == 0 ? "" : value->name();
      }
      default: {
        if (!IsMessage(field)) throw std::logic_error(field->full_name() + ": a kind that no content has");
        if (!reflection->HasField(message, field)) return "";
        google::type::Date date;
        date.CopyFrom(reflection->GetMessage(message, field));
        char text[32];
        std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year(), date.month(), date.day());
        return text;
      }
    }
  }

  static std::string Joined(const Message& message, const FieldDescriptor* field) {
    std::string out;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      const auto* reflection = message.GetReflection();
      const bool is_enum = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
      out += (i == 0 ? "" : ", ") + (is_enum ? reflection->GetRepeatedEnum(message, field, i)->name()
                                             : reflection->GetRepeatedString(message, field, i));
    }
    return out;
  }

  void Lists(const std::string& path, const FieldDescriptor* field, const Message& before,
             const Message& after) {
    if (!IsMessage(field)) return Add(path, Joined(before, field), Joined(after, field));
    const auto old_entries = Entries(before, field), new_entries = Entries(after, field);
    for (const auto& [key, entry] : old_entries.by_key) {
      const auto at = new_entries.by_key.find(key);
      const std::string here = path + "[" + key + "]";
      if (at == new_entries.by_key.end()) {
        Add(here, JsonOf(*entry), "");
      } else {
        Messages(here, *entry, *at->second);
      }
    }
    for (const auto& [key, entry] : new_entries.by_key) {
      if (!old_entries.by_key.contains(key)) Add(path + "[" + key + "]", "", JsonOf(*entry));
    }
    AddOrder(path, old_entries, new_entries);
  }

  struct Keyed {
    std::vector<std::string> order;
    std::map<std::string, const Message*> by_key;
  };

  static Keyed Entries(const Message& message, const FieldDescriptor* field) {
    Keyed out;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      const Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
      std::string key = KeyIn(entry);
      if (key.empty() || out.by_key.contains(key)) key += "#" + std::to_string(i + 1);
      out.order.push_back(key);
      out.by_key[key] = &entry;
    }
    return out;
  }

  // Entries in another order are another content.
  void AddOrder(const std::string& path, const Keyed& old_entries, const Keyed& new_entries) {
    const auto common = [](const Keyed& list, const Keyed& other) {
      std::string names;
      for (const std::string& key : list.order) {
        if (other.by_key.contains(key)) names += (names.empty() ? "" : ", ") + key;
      }
      return names;
    };
    Add(path, common(old_entries, new_entries), common(new_entries, old_entries));
  }
};

}  // namespace

std::string JsonOf(const Message& message) {
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json);
  return written.ok() ? json : "";
}

std::vector<v1::FieldChange> DiffContents(const v1::Content& before, const v1::Content& after) {
  Differ differ;
  differ.Messages("", before, after);
  return std::move(differ.changes);
}

}  // namespace idea::drafting
