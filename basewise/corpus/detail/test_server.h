// An HTTP server on 127.0.0.1 for tests, which misbehaves on request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "basewise/core/format.h"

namespace basewise::corpus::detail {

/// How one request is answered.
struct Behaviour {
  int status = 0;  ///< other than 0: this status with `body` instead of the file
  std::string body{};
  std::int64_t cut_after = -1;       ///< close the connection after so many bytes of the body
  std::int64_t stall_after = -1;     ///< send nothing more after so many bytes
  std::int64_t claimed_length = -1;  ///< a Content-Length that is not true
  bool ignore_range = false;
  bool wrong_range = false;  ///< send another range than the one asked for, and say so
  std::string tag = "\"v1\"";
};

/// Answers one connection at a time, request i by `script[i]`, those behind the script properly.
class TestServer {
 public:
  explicit TestServer(std::string bytes, std::vector<Behaviour> script = {}) : bytes_(std::move(bytes)), script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("the test server cannot listen on 127.0.0.1");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(const std::string& path) const { return format("http://127.0.0.1:{}{}", port_, path); }

  /// The heads of the requests so far.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      answer(connection);
      ::close(connection);
    }
  }

  std::string read_head(int connection) const {
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos && !stop_) {
      pollfd waiting{connection, POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      head.append(buffer, static_cast<std::size_t>(got));
    }
    return head;
  }

  static void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  static std::string value_of(const std::string& head, const std::string& name) {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }

  void answer(int connection) {
    const std::string head = read_head(connection);
    Behaviour how;
    {
      const std::lock_guard lock(mutex_);
      if (requests_.size() < script_.size()) how = script_[requests_.size()];
      requests_.push_back(head);
    }
    if (how.status != 0) {
      send_all(connection,
               format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", how.status, how.body.size(), how.body));
      return;
    }
    std::size_t from = 0;
    const std::string range = value_of(head, "Range"), tag = value_of(head, "If-Range");
    const bool partial = range.starts_with("bytes=") && !how.ignore_range && (tag.empty() || tag == how.tag);
    if (partial) from = static_cast<std::size_t>(std::atoll(range.c_str() + 6)) / (how.wrong_range ? 2 : 1);
    if (from >= bytes_.size() && partial) {
      send_all(connection,
               format("HTTP/1.1 416 Range\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", bytes_.size()));
      return;
    }
    const std::string_view body = std::string_view(bytes_).substr(from);
    const auto length = how.claimed_length >= 0 ? how.claimed_length : static_cast<std::int64_t>(body.size());
    std::string reply = partial
                            ? format("HTTP/1.1 206 Partial\r\nContent-Range: bytes {}-{}/{}\r\n", from, bytes_.size() - 1, bytes_.size())
                            : "HTTP/1.1 200 OK\r\n";
    reply += format("ETag: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", how.tag, length);
    send_all(connection, reply);
    const std::int64_t most = how.cut_after >= 0     ? how.cut_after
                              : how.stall_after >= 0 ? how.stall_after
                                                     : static_cast<std::int64_t>(body.size());
    send_all(connection, body.substr(0, static_cast<std::size_t>(most)));
    if (how.stall_after < 0) return;
    // Until the client gives up.
    char byte = 0;
    for (int i = 0; i < 1000 && !stop_; ++i) {
      pollfd waiting{connection, POLLIN, 0};
      if (::poll(&waiting, 1, 10) > 0 && ::recv(connection, &byte, 1, 0) <= 0) return;
    }
  }

  std::string bytes_;
  std::vector<Behaviour> script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace basewise::corpus::detail
