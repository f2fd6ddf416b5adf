// Every test program writes into a folder of its own, so that two runs at once do not meet: what
// testing::TempDir() gives lies in it. It goes away when the program ends.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace basewise {
namespace {

class OwnTemporaryFolder {
 public:
  OwnTemporaryFolder() {
    std::error_code none;
    const char* outer = std::getenv("TEST_TMPDIR");
    const std::filesystem::path common = outer && *outer ? std::filesystem::path(outer) : std::filesystem::temp_directory_path(none);
    std::string name = (common / "basewise-test-XXXXXX").string();
    if (none || !mkdtemp(name.data())) return;  // then the common folder serves
    folder_ = name;
    setenv("TEST_TMPDIR", (name + "/").c_str(), 1);
  }
  ~OwnTemporaryFolder() {
    std::error_code ignored;
    // Not by a process that a test forked.
    if (!folder_.empty() && getpid() == process_) std::filesystem::remove_all(folder_, ignored);
  }
  OwnTemporaryFolder(const OwnTemporaryFolder&) = delete;
  OwnTemporaryFolder& operator=(const OwnTemporaryFolder&) = delete;

 private:
  pid_t process_ = getpid();
  std::filesystem::path folder_ = {};
};

const OwnTemporaryFolder kFolder;

}  // namespace
}  // namespace basewise
