#include "basewise/core/file_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/options.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Roles {
  FileList file = {};
  FileList more = {};
};
void describe(Visitor& v, Roles& o) {
  v("file", o.file, "one or several");
  v("more", o.more, "more of them");
}

Roles from(const std::string& toml, const std::vector<std::string>& assignments = {}) {
  Roles roles;
  read_toml(described(roles), toml, "/recipes/run.toml", assignments);
  return roles;
}

TEST(FileList, OneIsTextAndSeveralAreAList) {
  Roles roles = from("file = \"a.fa\"\nmore = [\"/b.fa\", \"data:set/c.fa\"]\n");
  EXPECT_THAT(roles.file.paths, ElementsAre("/recipes/a.fa"));
  EXPECT_THAT(roles.more.paths, ElementsAre("/b.fa", "data:set/c.fa"));
  EXPECT_EQ(to_toml(described(roles)), "file = \"/recipes/a.fa\"\nmore = [\"/b.fa\", \"data:set/c.fa\"]\n");
  EXPECT_EQ(to_json(described(roles)).dump(), R"({"file":"/recipes/a.fa","more":["/b.fa","data:set/c.fa"]})");
  EXPECT_EQ(from(to_toml(described(roles))).more, roles.more);
  EXPECT_TRUE(from("file = \"\"\nmore = []\n").file.empty());
  roles = {};
  EXPECT_EQ(to_toml(described(roles)), "file = \"\"\nmore = \"\"\n");
  EXPECT_EQ(flatten(described(roles))[0].type, "path or list of paths");
}

TEST(FileList, Assignments) {
  const Roles roles = from("", {"file=/a,b.fa", "more=[\"/c.fa\", \"/d.fa\"]"});
  EXPECT_THAT(roles.file.paths, ElementsAre("/a,b.fa")) << "a comma belongs to the name";
  EXPECT_THAT(roles.more.paths, ElementsAre("/c.fa", "/d.fa"));
  EXPECT_EQ(from("", {"file=7"}).file.size(), 1u) << "a file may be called so";
  EXPECT_THAT(error_text([] { from("file = 7\n"); }), HasSubstr("file is 7; expected: path or list of paths"));
  EXPECT_THAT(error_text([] { from("file = [\"a\", 7]\n"); }), HasSubstr("file is a list; expected: path or list of paths"));
}

}  // namespace
}  // namespace basewise
