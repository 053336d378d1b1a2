#include "services/drafting/document/template.h"

#include <algorithm>
#include <vector>

#include "services/drafting/template/field_rules.h"

namespace idea::drafting::document {

std::span<const Field> Fields() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> joined;
    for (const FieldRule& rule : FieldRules()) {
      const Layout& layout = *std::find_if(std::begin(kLayouts), std::end(kLayouts),
                                           [&](const Layout& each) { return each.path == rule.field; });
      joined.push_back(
          {rule.field, rule.title, rule.help, rule.number == 0, layout.restricted, layout.parts});
    }
    return joined;
  }();
  return fields;
}

}  // namespace idea::drafting::document
