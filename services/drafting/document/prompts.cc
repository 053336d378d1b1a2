#include "services/drafting/document/prompts.h"

#include <cctype>

namespace idea::drafting::document {
namespace {

// Both official templates (V3 of July 1, 2026; V2 of August 15, 2025), in printed order. A test reads the
// empty templates, which contain nothing else. A question with "Y/N" is also listed without it, because
// people write their answer in its place.
constexpr Prompt kPrompts[] = {
    {22, 0x588a4b1f1badf482},
    {24, 0x046e998d3632fa7b},
    {27, 0x22db8ad9ad6edf22, "purpose"},
    {35, 0xf3b58c0ee39ec06c, "purpose"},
    {50, 0x9d3341c3b28dc3b3, "purpose"},
    {129, 0x1d185091dec71a7a, "benefits"},
    {158, 0xd14e3048d4d1128a},
    {64, 0xa95ad2b5cb2af098},
    {102, 0x5a6da00d73165b8b, "products"},
    {164, 0x02b55c155d92a25a, "release_approvals"},
    {51, 0x593f7f9dea5f387c, "products"},
    {37, 0x2bc2314b6adc7640, "products"},
    {56, 0xdd69ba3f0d8841f7},
    {16, 0xeede4bb5f6176a1b},
    {58, 0xb3b2980c1bdccb84, "description"},
    {24, 0xa3fb327913361a82, "description"},
    {98, 0x572e1d185f788cd4, "contractor_use"},
    {70, 0x2d3063e2c38feab6},
    {73, 0x93e0c3a2fd1d4570, "description"},
    {72, 0xc792dec79b3a17ec, "products_included"},
    {73, 0x7c80143dfaf587cd, "description"},
    {38, 0xaf18345a1043d5ec},
    {45, 0xda7e273173453535},
    {24, 0x0ad966afb91cc6e4},
    {38, 0x00482bb6e9b34e07},
    {66, 0xb7ff1346289a5588},
    {71, 0x49c19fe6a8880a2b},
    {217, 0x1dd567c9c68f0b22},
    {54, 0xfe5e7b0655a5c851},
    {50, 0xf5e38c6a8995884f, "", 'R'},
    {49, 0xf84a6a4bfb1eeb85, "", 'P'},
    {110, 0xc76776c65021937b},
    {106, 0xb1d4062e65ab5555},
    {187, 0x150a38301dce2602, "separate_agreement"},
    {62, 0x17b55552a9c2fdec},
    {9, 0x6fd5d7c86ac6ee92, "deadlines"},
    {62, 0x8305808f4edf8860, "deadlines"},
    {117, 0xa0393b3e9525207d, "recurrence"},
    {24, 0x088c13b94164244b, "deadlines"},
    {87, 0xb1d255bb7411e196},
    {105, 0x9e5cbab9dd00ef00},
    {101, 0x50ef2acfc2dd571a},
    {123, 0xf6b094b46ddce3a7, "approval_statement"},
    {204, 0xdd52616a65e01d0b},
    {62, 0x672e68b2a8a542a5},
    {72, 0xd4290208a976c605},
    {34, 0x6243f21f15bf58a8},
    {22, 0x8bb449d1533f6f21},
    {32, 0xbe86c7a1db5795bc},
    {205, 0x382de366340ad5a1},
    {78, 0x9d89dd78a69c33dc},
    {73, 0xe79075927beec86f},
    {188, 0xfb735bacb7a88e4c},
    {72, 0x3c77d024ebb65216, "departments"},
    {120, 0x3055826db278dfbf, "discussions"},
};

constexpr size_t kShort = 40;

uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

const Prompt* FindPrompt(std::string_view text) {
  const Prompt* longest = nullptr;
  for (const Prompt& prompt : kPrompts) {
    if (text.size() < prompt.size || (longest != nullptr && longest->size >= prompt.size)) continue;
    if (text.size() > prompt.size) {
      // A few words may also begin a sentence that somebody wrote.
      const std::string_view behind = text.substr(prompt.size);
      const bool ends = prompt.size < kShort ? behind.starts_with(':') || behind.starts_with(" :")
                                             : std::isalnum(static_cast<unsigned char>(behind[0])) == 0;
      if (!ends) continue;
    }
    if (HashOf(text.substr(0, prompt.size)) == prompt.hash) longest = &prompt;
  }
  return longest;
}

}  // namespace idea::drafting::document
