#include "services/drafting/document/fixed_texts.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "services/drafting/document/template.h"

namespace idea::drafting::document {
namespace {

// FNV-1a, 64 bits, of every paragraph of both official templates, in order. The texts belong to the
// templates, so they are recognized without being repeated here. A test reads the empty templates, which
// contain nothing else.
constexpr uint64_t kHashes[] = {
    0x00482bb6e9b34e07, 0x027427db530d93b5, 0x02b0162c2078806d, 0x02b55c155d92a25a, 0x02f8cc136842348d,
    0x03b14b19b578c2c3, 0x03ddae5142924d6c, 0x088c13b94164244b, 0x0a120986742890c8, 0x0ad966afb91cc6e4,
    0x0b2eeb5959e342cd, 0x0da3aa6e3cad5d56, 0x11e918b8f83e1958, 0x1334d8248c724a56, 0x150a38301dce2602,
    0x151b160c60cad195, 0x17049dcd1ff97235, 0x17b55552a9c2fdec, 0x1c162111a056106e, 0x1d185091dec71a7a,
    0x1dd567c9c68f0b22, 0x1fd530a294160f44, 0x2046b1ddc9e4811c, 0x21bf1ea6c6c0bfb2, 0x22db8ad9ad6edf22,
    0x248e10b1a18a9f1f, 0x25c50a9721621113, 0x2988ae4c9a40b387, 0x29c007b750e5ed86, 0x29f3312da7440cce,
    0x2b8451ef8a11fb62, 0x2bc2314b6adc7640, 0x2d3063e2c38feab6, 0x2f96cadc2e3aa23b, 0x301bb3f911595727,
    0x3055826db278dfbf, 0x31cd99ba8051de0d, 0x327ce82189d9ad64, 0x3470de13acafe6d9, 0x35dfe61c4a46536e,
    0x37a0865861a5e41f, 0x37e19adf3bbdff43, 0x382de366340ad5a1, 0x383de319c4012f21, 0x3b4fd4c9ca23167c,
    0x3bfc8abea9ce7baf, 0x3c77d024ebb65216, 0x4219e35c4a71f2bc, 0x4219e65c4a71f7d5, 0x464334961413e382,
    0x473e1a40b5f8f674, 0x49c19fe6a8880a2b, 0x4b5a1a3e1ebe6323, 0x4df37e7ee21f0949, 0x528784fc8f4e8df6,
    0x532c957d1c17d53f, 0x5380afc3b1637319, 0x53a9c291282528a6, 0x572e1d185f788cd4, 0x57eb9a39756645f6,
    0x588a4b1f1badf482, 0x593f7f9dea5f387c, 0x5a6da00d73165b8b, 0x5b494d5bcb0808e1, 0x5c748adac719c4ef,
    0x5f03f35ef88bfd4f, 0x61a574736feba040, 0x6243f21f15bf58a8, 0x62d592ee8a69fa13, 0x634f508b63e094e2,
    0x63db201338a85326, 0x672e68b2a8a542a5, 0x676be62588d34316, 0x68351462c6687892, 0x69401ce896be686f,
    0x69ecdf1f90d2e068, 0x6b2ba4a7ab6305f9, 0x6c10576661997054, 0x6d1acd68916bb2f3, 0x6fb72a728d610f79,
    0x6fd5d7c86ac6ee92, 0x7c80143dfaf587cd, 0x7df67d67e317cb32, 0x7f0283238afdfa99, 0x7f54684a84c4ea4d,
    0x8305808f4edf8860, 0x8430c71b7abe6807, 0x8bb449d1533f6f21, 0x93e0c3a2fd1d4570, 0x9a7361e1bab87519,
    0x9a7629745509cf0e, 0x9c3729a330de66d2, 0x9d3341c3b28dc3b3, 0x9d89dd78a69c33dc, 0x9e5cbab9dd00ef00,
    0xa0393b3e9525207d, 0xa202f53e462607f3, 0xa250cbf07714e60e, 0xa3fb327913361a82, 0xa7582b9af93b2c02,
    0xa791a877572252bd, 0xacfdc2f07d8121d3, 0xae5d87e99fe081e0, 0xb04702854bdcd57f, 0xb1d255bb7411e196,
    0xb2463ff889fef29d, 0xb3b2980c1bdccb84, 0xb4e48ed4c9d424b0, 0xb6d610eaaf87c983, 0xb6de956914152c3b,
    0xb7ff1346289a5588, 0xb9240620819a2443, 0xbae92bf3189f3c73, 0xbc94087c8317bba5, 0xbe86c7a1db5795bc,
    0xc07843c9361a58db, 0xc29222de358b2545, 0xc2a485100d9a47e5, 0xc410c64510919450, 0xc41fae56e3dc46eb,
    0xc55248ac6cbfa629, 0xc5b5c0686fc33023, 0xc76776c65021937b, 0xc792dec79b3a17ec, 0xc8fa0dc313054582,
    0xc9f6cb09a3445aa2, 0xca1365950b57e43f, 0xca345f2b1ff4f77f, 0xcc2d985d8b78e4d0, 0xd014b6fddbaf31c7,
    0xd14e3048d4d1128a, 0xd1cd4748e676449a, 0xd273df7b0d95ba44, 0xd299456eed376a5b, 0xd39389f815874aa1,
    0xd40cc81cfa509098, 0xd4defce51b9bffda, 0xd5025785bd209c4f, 0xd55aacbced124383, 0xda7e273173453535,
    0xdbcc81d70e9d3313, 0xdd52616a65e01d0b, 0xdd69ba3f0d8841f7, 0xe05376c388b38dd1, 0xe4ef9dec6df5b1d9,
    0xe599a392253044f8, 0xe7608cc4838163c4, 0xe857e6b9b7daa2a6, 0xebbc9963b3b8bf2c, 0xef67fbda4751a0a7,
    0xf044ace839f6e346, 0xf3b58c0ee39ec06c, 0xf5e38c6a8995884f, 0xf6b094b46ddce3a7, 0xf7ccd55730042ec5,
    0xf84a6a4bfb1eeb85, 0xf874b3b7f4d2dd0d, 0xf9b50320327bd4a1, 0xfa2a8e9785b11760, 0xfb24c73129c95613,
    0xfb735bacb7a88e4c, 0xfca3b33d1a15b8a4,
};

uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

bool IsFixedText(std::string_view text) {
  if (std::binary_search(std::begin(kHashes), std::end(kHashes), HashOf(text))) return true;
  if (text == kFooter || text == kAddendum || text == kFormTitle) return true;
  return std::any_of(std::begin(kTerms), std::end(kTerms), [&](const Term& term) {
    return text == std::string(term.name) + ": " + std::string(term.meaning);
  });
}

}  // namespace idea::drafting::document
