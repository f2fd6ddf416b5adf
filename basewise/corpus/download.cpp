#include "basewise/corpus/download.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include <curl/curl.h>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/lower_case.h"
#include "basewise/core/progress.h"
#include "basewise/core/version.h"
#include "basewise/corpus/detail/download_part.h"

namespace basewise::corpus {

namespace {

using detail::DownloadPart;

// How one attempt ended.
struct Attempt {
  bool done = false;
  bool may_pass = false;  // another attempt may succeed
  std::int64_t from = 0;  // bytes that were kept from before
  std::int64_t received = 0;
  std::string problem;
};

// Shows how much of the file is there, with what was kept from before.
class Meter {
 public:
  Meter(const DownloadRequest& request, bool shown) {
    if (shown)
      progress_ = std::make_unique<Progress>("download " + request.target.filename().string(), request.size, "bytes");
  }
  void at(std::int64_t bytes) {
    if (progress_) progress_->advance(bytes - bytes_);
    bytes_ = bytes;
  }

 private:
  std::unique_ptr<Progress> progress_;
  std::int64_t bytes_ = 0;
};

// What the callbacks of one attempt share.
struct Transfer {
  const DownloadPart* part = nullptr;
  const DownloadRequest* request = nullptr;
  std::int64_t asked_from = 0;
  std::ofstream out;
  long status = 0;
  std::string tag;
  std::optional<std::int64_t> range_start;
  std::int64_t written = 0;  // bytes of the file so far, with those kept
  bool started = false;
  std::string refusal;
  Meter* meter = nullptr;

  bool begin();
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line = trimmed({data, size});
  if (line.starts_with("HTTP/")) {
    // A new answer begins: what an earlier one (a redirection) said no longer holds.
    transfer.tag.clear();
    transfer.range_start.reset();
    const std::size_t blank = line.find(' ');
    transfer.status = blank == std::string_view::npos ? 0 : std::strtol(std::string(line.substr(blank + 1)).c_str(), nullptr, 10);
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  // Weak tags do not promise the same bytes.
  if (name == "etag" && !value.starts_with("W/") && value.size() < 1024) transfer.tag = value;
  if (name == "content-range" && value.starts_with("bytes ")) {
    std::int64_t start = -1;
    const std::string_view digits = value.substr(6);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), start).ec == std::errc()) transfer.range_start = start;
  }
  return size;
}

// Decides, when the first byte of the body is there, whether it continues the part or starts the
// file anew.
bool Transfer::begin() {
  started = true;
  const bool continues = status == 206;
  if (continues && range_start != asked_from) {
    refusal = format("the server was asked for bytes from {} on and sent some from {} on", asked_from, range_start.value_or(-1));
    return false;
  }
  written = continues ? asked_from : 0;
  meter->at(written);
  out.open(part->path(), std::ios::binary | (continues ? std::ios::app : std::ios::trunc));
  if (!out) {
    refusal = format("{} cannot be written", part->path().string());
    return false;
  }
  part->set_tag(tag);
  return true;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  // The body of an error page is no data.
  if (transfer.status != 200 && transfer.status != 206) return size;
  try {
    if (!transfer.started && !transfer.begin()) return 0;
    if (transfer.request->size >= 0 && transfer.written + static_cast<std::int64_t>(size) > transfer.request->size) {
      transfer.refusal = format("the server sends more than the {} bytes that the file has", transfer.request->size);
      return 0;
    }
    if (!transfer.out.write(data, static_cast<std::streamsize>(size))) {
      transfer.refusal = format("{} cannot be written; is the disk full?", transfer.part->path().string());
      return 0;
    }
  } catch (const std::exception& e) {
    transfer.refusal = e.what();  // no exception may cross the C library
    return 0;
  }
  transfer.written += static_cast<std::int64_t>(size);
  transfer.meter->at(transfer.written);
  return size;
}

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlDeleter>;
using List = std::unique_ptr<curl_slist, CurlDeleter>;

Handle make_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) throw InternalError("libcurl could not start");
  return handle;
}

bool status_may_pass(long status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

Handle prepare(const std::string& url, const DownloadOptions& options, Transfer& transfer) {
  Handle handle = make_handle();
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, ("basewise/" + version()).c_str());
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_s * 1000));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  return handle;
}

// Ends an attempt in which nothing arrives; libcurl's own limit counts whole seconds and averages.
struct StallWatch {
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  curl_off_t seen = -1;
  double limit_s = 60;
  bool stalled = false;
};

int on_progress(void* user, curl_off_t, curl_off_t now, curl_off_t, curl_off_t) {
  auto& watch = *static_cast<StallWatch*>(user);
  const auto time = std::chrono::steady_clock::now();
  if (now != watch.seen) {
    watch.seen = now;
    watch.last = time;
  }
  watch.stalled = std::chrono::duration<double>(time - watch.last).count() > watch.limit_s;
  return watch.stalled ? 1 : 0;
}

std::string describe_failure(CURLcode code, const Transfer& transfer, const StallWatch& watch, const char* detail) {
  if (!transfer.refusal.empty()) return transfer.refusal;
  if (watch.stalled) return format("no byte for {} s, {} bytes received", watch.limit_s, transfer.written);
  if (code != CURLE_OK) return detail[0] ? detail : curl_easy_strerror(code);
  return format("HTTP status {}", transfer.status);
}

// One request. The part keeps what arrived.
Attempt attempt(const std::string& url, const DownloadPart& part, const DownloadRequest& request, const DownloadOptions& options,
                Meter& meter) {
  Transfer transfer;
  transfer.part = &part;
  transfer.request = &request;
  transfer.meter = &meter;
  const std::string tag = part.tag();
  const std::int64_t there = part.size();
  const bool resumable = there > 0 && (!tag.empty() || !request.sha256.empty()) && (request.size < 0 || there < request.size);
  transfer.asked_from = resumable ? there : 0;

  const Handle handle = prepare(url, options, transfer);
  List headers;
  if (resumable) {
    curl_easy_setopt(handle.get(), CURLOPT_RANGE, format("{}-", there).c_str());
    if (!tag.empty()) headers.reset(curl_slist_append(nullptr, ("If-Range: " + tag).c_str()));
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  StallWatch watch;
  watch.limit_s = options.stall_timeout_s;
  curl_easy_setopt(handle.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, &watch);
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail);

  const CURLcode code = curl_easy_perform(handle.get());
  const bool good_status = transfer.status == 200 || transfer.status == 206;
  if (code == CURLE_OK && good_status && !transfer.started) transfer.begin();  // an empty body
  transfer.out.close();
  Attempt outcome;
  outcome.from = transfer.status == 206 ? transfer.asked_from : 0;
  outcome.received = transfer.written;
  outcome.done = code == CURLE_OK && good_status && transfer.refusal.empty() && !transfer.out.fail();
  if (outcome.done) return outcome;
  outcome.problem = describe_failure(code, transfer, watch, detail);
  const bool bad_address = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_TOO_MANY_REDIRECTS;
  outcome.may_pass = !bad_address && (transfer.status == 416 || status_may_pass(transfer.status) || code != CURLE_OK);
  // What the server calls out of range, or sends wrongly, is not worth keeping.
  if (transfer.status == 416 || !transfer.refusal.empty()) part.discard();
  return outcome;
}

void wait(const DownloadOptions& options, std::int64_t retry) {
  const double seconds =
      std::min(options.backoff_s * static_cast<double>(std::int64_t{1} << std::min<std::int64_t>(retry, 20)), options.backoff_limit_s);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// Tries one address until it works or is hopeless; the problems of every attempt go into
// `problems`.
bool fetch(const std::string& url, const DownloadPart& part, const DownloadRequest& request, const DownloadOptions& options,
           DownloadResult& result, std::vector<std::string>& problems) {
  Meter meter(request, options.progress);
  std::string problem;
  for (std::int64_t retry = 0; retry <= options.retries; ++retry) {
    if (retry > 0) wait(options, retry - 1);
    ++result.attempts;
    const Attempt outcome = attempt(url, part, request, options, meter);
    problem = outcome.problem;
    if (outcome.done) {
      problem = detail::fault_of(part.path(), request, result.sha256);
      result.resumed_from = outcome.from;
      if (problem.empty()) return true;
      // Fewer bytes may be a cut connection that nobody noticed:
      // the next attempt goes on from there.
      const bool short_of = request.size >= 0 && part.size() < request.size;
      if (!short_of) part.discard();
      // A whole file with a wrong checksum is a different file:
      // only a part glued to it can have been at fault.
      if (!short_of && outcome.from == 0) break;
    } else if (!outcome.may_pass) {
      break;
    }
    log_debug("{}: {}", url, problem);
  }
  problems.push_back(format("{}: {}", url, problem));
  return false;
}

// Whether nothing is to be fetched: another process did it, or was killed when all had arrived.
bool is_there(DownloadPart& part, const DownloadRequest& request, DownloadResult& result) {
  const bool known = request.size >= 0 && !request.sha256.empty();
  std::error_code ignored;
  if ((known && fs::exists(request.target, ignored)) || part.others_were_done()) {
    if (detail::fault_of(request.target, request, result.sha256).empty()) {
      result.size = static_cast<std::int64_t>(fs::file_size(request.target));
      part.discard();
      return true;
    }
  }
  if (!known || part.size() != request.size) return false;
  if (detail::fault_of(part.path(), request, result.sha256).empty()) {
    result.size = result.resumed_from = part.size();
    part.put_in_place();
    return true;
  }
  part.discard();
  return false;
}

}  // namespace

void describe(Visitor& v, DownloadOptions& o) {
  v("connect_timeout_s", o.connect_timeout_s, "seconds for one connection to come about", positive());
  v("stall_timeout_s", o.stall_timeout_s, "seconds without a byte after which an attempt ends", positive());
  v("retries", o.retries, "further attempts per address after a failure that may pass", between(0, 100));
  v("backoff_s", o.backoff_s, "seconds before the first further attempt; doubles each time", non_negative());
  v("backoff_limit_s", o.backoff_limit_s, "longest wait in seconds", non_negative());
  v("progress", o.progress, "show progress on standard error");
}

DownloadResult download(const DownloadRequest& request, const DownloadOptions& options) {
  DownloadOptions checked = options;
  check(described(checked), "DownloadOptions");
  if (request.urls.empty()) throw ArgumentError(format("{}: there is no address to download it from", request.target.string()));
  std::error_code error;
  fs::create_directories(request.target.parent_path(), error);
  if (error) throw DataError(format("{}: the folder cannot be made: {}", request.target.parent_path().string(), error.message()));

  DownloadPart part(request.target);
  DownloadResult result;
  result.path = request.target;
  if (is_there(part, request, result)) return result;
  std::vector<std::string> problems;
  for (const std::string& url : request.urls) {
    if (!fetch(url, part, request, options, result, problems)) continue;
    result.url = url;
    result.size = part.size();
    part.put_in_place();
    return result;
  }
  throw DataError(format("{} could not be downloaded after {} attempts: {}. Without a network, fetch the file elsewhere and put it there{}",
                         request.target.string(), result.attempts, fmt::join(problems, "; "),
                         request.sha256.empty() ? "" : format(" (SHA-256 {})", request.sha256)));
}

}  // namespace basewise::corpus
