#ifndef IDEA_COMMON_AUTH_VISIBILITY_H_
#define IDEA_COMMON_AUTH_VISIBILITY_H_

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "absl/base/attributes.h"

namespace idea::auth {

// Which resources a caller may see: all, or those of one entity. Refers to the entity's name, which must
// outlive it. Copying is cheap.
class Visibility {
 public:
  static Visibility All() { return Visibility(nullptr); }
  // An empty name sees nothing.
  static Visibility Of(const std::string& entity ABSL_ATTRIBUTE_LIFETIME_BOUND) {
    return Visibility(&entity);
  }
  static Visibility Of(std::string&& entity) = delete;

  bool all() const { return entity_ == nullptr; }
  // "entities/{id}". Requires !all().
  const std::string& entity() const { return *entity_; }

  // Whether a resource of `entity` is visible.
  bool Covers(std::string_view entity) const { return all() || (!entity_->empty() && *entity_ == entity); }
  // Whether a resource that belongs to each of `entities` is visible.
  template <class Entities>
  bool CoversAny(const Entities& entities) const {
    return all() || std::any_of(std::begin(entities), std::end(entities),
                                [this](std::string_view entity) { return Covers(entity); });
  }

 private:
  explicit Visibility(const std::string* entity) : entity_(entity) {}
  const std::string* entity_;
};

}  // namespace idea::auth

#endif  // IDEA_COMMON_AUTH_VISIBILITY_H_
