#include "basewise/report/study_page.h"

#include "basewise/core/files.h"
#include "basewise/report/detail/study_document.h"
#include "basewise/report/page.h"

namespace basewise::report {

void write_study_page(const fs::path& study, const fs::path& page) {
  write_file(page, fill_page(detail::build_study_document(read_file(study), study.string())));
}

}  // namespace basewise::report
