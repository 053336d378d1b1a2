#include "services/registry/entity/entity_rules.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/registry/entity/day.h"
#include "services/registry/entity/entity_name.h"

namespace idea::registry {
namespace {

absl::Status Invalid(const std::string& field, const std::string& wanted) {
  const std::string path = "entity." + field;
  return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, path + ": " + wanted).Field(path, wanted);
}

std::string At(const char* field, int index) {
  return std::string(field) + "[" + std::to_string(index) + "]";
}

absl::Status CheckText(const std::string& field, const std::string& text) {
  const std::string wanted = WantedName(text);
  return wanted.empty() ? absl::OkStatus() : Invalid(field, wanted);
}

absl::Status CheckNames(const v1::Entity& entity) {
  RETURN_IF_ERROR(CheckText("display_name", entity.display_name()));
  RETURN_IF_ERROR(CheckText("acronym", entity.acronym()));
  for (int i = 0; i < entity.former_names_size(); ++i) {
    const std::string at = At("former_names", i);
    RETURN_IF_ERROR(CheckText(at + ".display_name", entity.former_names(i).display_name()));
    RETURN_IF_ERROR(CheckText(at + ".acronym", entity.former_names(i).acronym()));
  }
  return absl::OkStatus();
}

absl::Status CheckParentages(const v1::Entity& entity) {
  const std::string end = DayOf(entity.end_date());
  for (int i = 0; i < entity.parentages_size(); ++i) {
    const v1::Parentage& parentage = entity.parentages(i);
    const std::string at = At("parentages", i), start = DayOf(parentage.start_date());
    if (parentage.parent() == entity.name()) return Invalid(at + ".parent", "another entity than itself");
    if (i > 0 && start <= DayOf(entity.parentages(i - 1).start_date())) {
      return Invalid(at + ".start_date", "a later day than the parentage before");
    }
    if (!end.empty() && start >= end)
      return Invalid(at + ".start_date", "a day before the entity's end_date");
  }
  return absl::OkStatus();
}

absl::Status CheckSuccessors(const v1::Entity& entity) {
  std::set<std::string> seen = {entity.name()};
  for (int i = 0; i < entity.successors_size(); ++i) {
    if (seen.insert(entity.successors(i).entity()).second) continue;
    return Invalid(At("successors", i) + ".entity", "each successor once, and not the entity itself");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckEntity(const v1::Entity& entity) {
  RETURN_IF_ERROR(CheckNames(entity));
  RETURN_IF_ERROR(CheckParentages(entity));
  return CheckSuccessors(entity);
}

std::set<std::string> NamedBy(const v1::Entity& entity) {
  std::set<std::string> names;
  for (const v1::Parentage& parentage : entity.parentages()) names.insert(parentage.parent());
  for (const v1::Succession& succession : entity.successors()) names.insert(succession.entity());
  names.erase("");
  return names;
}

std::string ParentOn(const v1::Entity& entity, const std::string& day) {
  std::string parent;
  for (const v1::Parentage& parentage : entity.parentages()) {
    if (DayOf(parentage.start_date()) <= day) parent = parentage.parent();
  }
  return parent;
}

void Move(v1::Entity& entity, const std::string& parent, const std::string& day) {
  auto& parentages = *entity.mutable_parentages();
  auto at = std::find_if(parentages.begin(), parentages.end(),
                         [&](const v1::Parentage& p) { return DayOf(p.start_date()) >= day; });
  if (at == parentages.end() || DayOf(at->start_date()) != day) {
    const auto index = static_cast<int>(at - parentages.begin());
    parentages.Add();
    for (int i = parentages.size() - 1; i > index; --i) parentages.SwapElements(i, i - 1);
    at = parentages.begin() + index;
    *at->mutable_start_date() = DateOf(day);
  }
  at->set_parent(parent);
}

}  // namespace idea::registry
