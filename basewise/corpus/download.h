// Fetches a file over HTTP(S), whatever the network does: resume, retries, time-outs, checksum,
// atomic appearance (libcurl).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::corpus {

struct DownloadOptions {
  double connect_timeout_s = 20;  ///< for one connection to come about
  double stall_timeout_s = 60;    ///< an attempt ends when no byte arrives for so long
  std::int64_t retries = 4;       ///< further attempts per URL after one that failed for a reason that may pass
  double backoff_s = 1;           ///< wait before the first further attempt; doubles each time
  double backoff_limit_s = 30;    ///< and never exceeds this
  bool progress = true;           ///< show progress on standard error
};
void describe(Visitor& v, DownloadOptions& o);

/// What to fetch. `size` -1 and `sha256` "" mean unknown; what is known is checked.
struct DownloadRequest {
  std::vector<std::string> urls;  ///< the same bytes, in order of preference; http or https
  std::filesystem::path target;
  std::int64_t size = -1;
  std::string sha256;
};

struct DownloadResult {
  std::filesystem::path path;
  std::string url;  ///< the one that worked
  std::int64_t size = 0;
  std::int64_t resumed_from = 0;  ///< bytes that were already there when the last attempt began
  int attempts = 0;
  std::string sha256;  ///< of what arrived
};

/// Fetches `request.target`, through "target.part", which stays behind after a failure or a signal
/// so that the next call goes on from there. One process at a time fetches a file: others wait, and
/// take what that one fetched (`attempts` is 0 then).
///
/// A part is continued with a Range request when it is safe: the server's ETag is the same
/// (If-Range), or the SHA-256 is known and will tell. Servers that ignore Range are read from the
/// start. Time-outs, dropped connections and HTTP 408, 425, 429, 5xx are tried again; other HTTP
/// errors go to the next URL at once. A size or checksum that does not fit discards the part; the
/// file never appears under its name.
/// Errors: DataError with every URL tried, what happened there, and what to do without a network.
DownloadResult download(const DownloadRequest& request, const DownloadOptions& options = {});

}  // namespace basewise::corpus
