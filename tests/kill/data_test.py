"""basewise data get: killed anywhere it goes on, and several at once are one download."""

import hashlib
import http.server
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import sweep  # noqa: E402

FILES = {"a.bin": bytes(range(251)) * 400, "deep/b.txt": b"letters\n" * 3}
GET = ["data", "get", "small", "--quiet"]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        data = FILES[self.path.lstrip("/")]
        self.server.asked.append(self.path)
        start = int(self.headers["Range"][6:].rstrip("-")) if "Range" in self.headers else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", '"v1"')
        self.end_headers()
        for at in range(start, len(data), 20000):
            time.sleep(self.server.pause)
            try:
                self.wfile.write(data[at:at + 20000])
            except OSError:
                return

    def log_message(self, *_):
        pass


class Data(sweep.Sweep):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked, self.server.pause = [], 0.0
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        registry = self.folder / "registry"
        registry.mkdir()
        text = 'name = "small"\ntitle = "two files"\nsource = "this test"\nlicence = "none"\n'
        for name, data in FILES.items():
            text += (f'\n[[file]]\npath = "{name}"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\nsize = {len(data)}\n'
                     f'urls = ["http://127.0.0.1:{self.server.server_port}/{name}"]\n')
        (registry / "small.toml").write_text(text)
        self.registry = {"BASEWISE_REGISTRY": str(registry), "BASEWISE_DATA": str(self.folder / "no_mirror"), "no_proxy": "127.0.0.1"}

    def test_killed_anywhere_it_goes_on(self):
        self.sweep(GET, **self.registry)

    def test_a_full_disk(self):
        expected, calls = self.undisturbed(GET, **self.registry)
        for number in self.places(calls, None, may=lambda kind, _: kind not in ("unlink", "truncate")):
            where = f"no space at call {number}, {' '.join(calls[number - 1])}"
            folder = self.place("full")
            outcome, _ = self.call(GET, folder, "full", number, **self.registry)
            self.assertIn(outcome.code, (0, 3), f"{where}: {outcome.err}")
            again, _ = self.call(GET, folder, **self.registry)
            self.assertEqual(again.code, 0, f"{where}: {again.out}")
            self.assert_same(sweep.snapshot(folder), expected, where)

    def test_interrupted_it_keeps_what_arrived(self):
        self.interrupt(GET, sample=None, **self.registry)

    def start(self, folder):
        return subprocess.Popen([self.program, "data", "get", "small"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True,
                                env=self.environment(BASEWISE_CACHE=str(folder / "cache"), BASEWISE_PROGRESS="plain", **self.registry))

    def test_three_at_once_are_three_successes_and_one_download(self):
        self.server.pause = 0.05
        for gap in (0, 0.1, 0.3):
            with self.subTest(gap=gap):
                self.server.asked.clear()
                folder = self.place("three")
                callers = []
                for _ in range(3):
                    callers.append(self.start(folder))
                    time.sleep(gap)
                told = [caller.communicate(timeout=60) for caller in callers]
                self.assertEqual([caller.returncode for caller in callers], [0, 0, 0], told)
                self.assertEqual(sorted(self.server.asked), ["/a.bin", "/deep/b.txt"])
                for name, data in FILES.items():
                    self.assertEqual((folder / "cache/small" / name).read_bytes(), data)
                shares = [int(word[:-1]) for _, err in told for word in err.split() if word.endswith("%") and word[:-1].isdigit()]
                self.assertTrue(shares and max(shares) <= 100, shares)
                self.assertEqual(sorted(p.name for p in (folder / "cache/small").rglob("*") if p.is_file()), ["a.bin", "b.txt"])

    def test_one_that_waits_goes_on_where_another_was_killed(self):
        self.server.pause = 1  # a busy machine takes seconds to start the second one
        folder = self.place("heir")
        first = self.start(folder)
        part = folder / "cache/small/a.bin.part"
        deadline = time.monotonic() + 30
        while not part.exists() or part.stat().st_size < 20000:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        second = self.start(folder)
        said = second.stderr.readline()
        while said and "another process downloads it; waiting" not in said:
            said = second.stderr.readline()
        first.send_signal(signal.SIGKILL)
        first.communicate()
        self.server.pause = 0
        out, err = second.communicate(timeout=60)
        self.assertEqual(second.returncode, 0, out + err)
        self.assertIn("another process downloads it; waiting", said)
        self.assertEqual((folder / "cache/small/a.bin").read_bytes(), FILES["a.bin"])
        shutil.rmtree(folder)


if __name__ == "__main__":
    sweep.main()
