package luabind_test

import (
	"strings"
	"testing"
)

// TestParallel: tasks share Lua values, their waits overlap, and each has its own error.
func TestParallel(t *testing.T) {
	out, err := run(t, `
		local waiting, most, log = 0, 0, {}
		local res = smtp.parallel(60, function(i)
			local s = smtp.open()
			defer(function() log[#log + 1] = i end)
			for step = 1, 3 do
				local ok, r = pcall(function() return s:noop() end)
				assert(ok and r.code == 250)
				waiting = waiting + 1
				if waiting > most then most = waiting end
				for n in (function() local n = 0; return function() n = n + 1; if n < 3 then smtp.sleep("1ms") return n end end end)() do end
				assert(("abc"):gsub("b", function(c) smtp.sleep("1ms") return c:upper() end) == "aBc")
				local co = coroutine.wrap(function(a) smtp.sleep("1ms") local b = coroutine.yield(a + 1) return b * 2 end)
				assert(co(1) == 2 and co(21) == 42)
				waiting = waiting - 1
			end
			if i == 13 then error("on purpose") end
			if i == 14 then smtp.connect("127.0.0.1:1") end
			if i == 15 then s:noop():expect(550) end
			return i / 1000
		end, {limit = 30})
		print(res.ok, res.failed, res.took.count, most > 1, #log, res.values[17])
		print(res.took:p(50), res.took.max, res.took.min, res.elapsed > 0)
		print(res.errors[13].message, res.errors[14].kind, res.errors[15].kind, res.by_kind.dial, res.by_kind.reply)`)
	if err != nil {
		t.Fatal(err)
	}
	want := "57\t3\t57\ttrue\t60\t0.017\n0.032\t0.06\t0.001\ttrue\non purpose\tdial\treply\t1\t1\n"
	if out != want {
		t.Fatalf("got %q", out)
	}
}

func TestParallelNested(t *testing.T) {
	out, err := run(t, `
		local r = smtp.parallel(3, function(i) local q = smtp.parallel(4, function(j) smtp.sleep("1ms") return i * j end); return q.values[4] end)
		print(r.values[3])
		local co = coroutine.wrap(function() local ok, r = pcall(smtp.parallel, 5, function(i) smtp.sleep("1ms") return i end);
		return ok, r.values[5] end)
		print(co())`)
	if err != nil || out != "12\ntrue\t5\n" {
		t.Fatalf("%q %v", out, err)
	}
}

func TestTasks(t *testing.T) {
	for _, tt := range []struct{ src, out, fails string }{
		{`print(smtp.spawn(function() return 42 end):wait("5s"))`, "42\n", ""},
		{`local t = smtp.spawn(function() error("boom") end); print(pcall(t.wait, t, "5s"))`, "false", ""},
		{`smtp.spawn(function() error("boom") end); smtp.sleep("50ms")`, "", "boom"},
		{`smtp.spawn(function() smtp.sleep(3600) end)`, "", ""},
		{`print(pcall(function() smtp.spawn(function() smtp.sleep(3600) end):wait("1ms") end))`, "false", ""},
		{
			`local s = smtp.connect(); local t = smtp.spawn(function() s:read_reply("200ms") end); smtp.sleep("20ms"); s:noop()`,
			"", "another task is using this session for read_reply",
		},
	} {
		out, err := run(t, tt.src)
		if !strings.HasPrefix(out, tt.out) || tt.fails == "" && err != nil ||
			tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
			t.Errorf("%s\n  %q %v", tt.src, out, err)
		}
	}
}

// TestServers: client and server in one script.
func TestServers(t *testing.T) {
	for name, tt := range map[string]struct{ src, want string }{
		"rules": {`
			local srv = smtp.listen(nil, {profile = "plain"})
			srv:on("RCPT", {match = "bob@"}, {sequence = {{450, "4.7.1 later"}, {250, "2.1.5 ok"}}})
			srv:on("DATA", {nth = 1}, 451)
			srv:on("VRFY", function(cmd) if cmd.arg == "me" then return {252, "2.0.0 " .. cmd.session, "two"} end end)
			local s = smtp.open(srv)
			s:mail("a@example.org")
			print(s:rcpt("bob@sandbox.test").code, s:rcpt("bob@sandbox.test").code, s:data("x").code, s:data("x").code,
			s:vrfy("me").text, s:vrfy("you").code)
			print(#srv:messages(1), #srv:commands("RCPT"), srv:commands("RCPT")[2].at >= srv:commands("RCPT")[1].at)`,
			"450\t250\t451\t250\t1\ntwo\t252\n1\t2\ttrue\n"},
		"faults": {`
			local srv = smtp.listen(nil, {profile = "plain"})
			local function try(verb, action) srv:off() srv:on(verb, action)
				local s = smtp.connect(srv, {timeout = "300ms"})
				local ok, r = pcall(function() return s:noop() end)
				print(ok and r.code or r.kind)
			end
			try("NOOP", {drop = "before"}) try("NOOP", {drop = "half"}) try("NOOP", {reset = true}) try("NOOP", {delay = "1h"})
			try("NOOP", {raw = "220-half"}) try("NOOP", {drip = "1ms", reply = "599 odd"})`,
			"closed\nclosed\nclosed\ntimeout\ntimeout\n599\n"},
		"certificates": {`
			for _, kind in ipairs{"good", "expired", "not-yet", "wrong-host", "unknown-ca", "self-signed"} do
				local srv = smtp.listen(nil, {profile = "plain", cert = kind})
				local s = smtp.connect(srv) s:ehlo()
				local ok, e = pcall(function() return s:starttls() end)
				print(kind, ok or e.kind)
			end
			local srv = smtp.listen(nil, {profile = "plain"})
			srv:on("TLS", {sequence = {{cut_tls = true}, {cert = "expired"}}})
			for i = 1, 2 do local s = smtp.connect(srv) s:ehlo() print(select(2, pcall(s.starttls, s)).kind) end`,
			"good\ttrue\nexpired\ttls\nnot-yet\ttls\nwrong-host\ttls\nunknown-ca\ttls\nself-signed\ttls\ntls\ntls\n"},
		"every word by hand": {`
			local srv = smtp.listen()
			local t = smtp.spawn(function() return smtp.send(srv, {starttls = "require"},
			mail.message{from = "a@b.example", to = {"c@d.example"}, text = ".dot\n"}).text end)
			local c = srv:accept("5s")
			c:reply(220, "mock ESMTP") c:expect("EHLO") c:reply(250, "mock", "STARTTLS")
			c:expect("STARTTLS") c:reply(220, "go") c:starttls() print(c.tls.version >= 1.2)
			c:expect("EHLO") c:reply(250, "mock")
			print(c:expect("MAIL FROM:").arg) c:reply(250, "ok") c:expect("RCPT") c:reply(250, "ok") c:expect("DATA") c:reply(354, "go")
			print(text.contains(c:read_data(), "\r\n..dot\r\n")) c:reply(250, "queued") c:expect("QUIT") c:reply(221, "bye")
			print(t:wait("5s"), c:eof("5s"))`,
			"true\nFROM:<a@b.example>\ntrue\nqueued\ttrue\n"},
		"several servers and sessions": {`
			local a, b = smtp.listen(nil, {profile = "plain"}), smtp.listen(nil, {profile = "gmail"})
			a:on("NOOP", 500)
			local s, t, u = smtp.connect(a), smtp.connect(b), smtp.connect(a:target("mx"))
			print(s:noop().code, t:noop().code, u:noop().code, a.port ~= b.port)`,
			"500\t250\t500\ttrue\n"},
		"backpressure": {`
			local srv = smtp.listen(nil, {profile = "plain"})
			srv:on("NOOP", {nth = 1}, {stall = "200ms"})
			local s = smtp.connect(srv)
			s:noop()
			print(s:noop().took > 0.1)`, "true\n"},
		"events": {`
			local s = smtp.connect()
			local seen = {}
			s:on("reply", function(e) seen[#seen + 1] = e.verb .. e.reply.code end)
			s:on("state", function(e) seen[#seen + 1] = e.to end)
			s:ehlo() s:mail("a@example.org") s:noop()
			print(table.concat(seen, " "))`, "EHLO250 ready MAIL250 mail NOOP250\n"},
		"again": {`
			local s = smtp.connect("sandbox:plain/587", {helo = "x.example"}) s:ehlo("me")
			local t = s:again() print(t:mail("a@example.org").code, t:has("SIZE") ~= false, s:noop().code)`, "250\ttrue\t250\n"},
		"the sandbox's mailbox": {`
			smtp.send(nil, {}, mail.message{from = "a@example.org", to = "bob@sandbox.test", subject = "seen", text = "x"})
			local m = smtp.sandbox():messages(1)[1] print(m.from, m.rcpts[1], m.subject, mail.parse(m.data).text)
			print(smtp.sandbox("127.0.0.1:25"))`, "a@example.org\tbob@sandbox.test\tseen\tx\r\n\nnil\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, tt.src)
			if err != nil || out != tt.want {
				t.Fatalf("got %q %v\nwant %q", out, err, tt.want)
			}
		})
	}
}

func TestServerMistakes(t *testing.T) {
	for src, want := range map[string]string{
		`smtp.listen("127.0.0.1:x")`:                                          "cannot listen",
		`smtp.listen(nil, {profile = "gmial"})`:                               "no profile",
		`smtp.listen(nil, {profile = "plain+nonsense"})`:                      "no fault",
		`smtp.listen(nil, {cert = "golden"})`:                                 "there is no kind",
		`smtp.listen():on("NOOP", 1)`:                                         "no profile",
		`smtp.listen(nil, {profile = "plain"}):accept()`:                      "answers by itself",
		`smtp.listen(nil, {profile = "plain"}):on("NOOP", {nht = 1}, 500)`:    "did you mean nth",
		`smtp.listen(nil, {profile = "plain"}):on("NOOP", {dorp = "before"})`: "did you mean drop",
		`smtp.listen(nil, {profile = "plain"}):on("NOOP", {sequence = {}})`:   "sequence is empty",

		`local s = smtp.listen(); s:serve(function(c) c:reply(220, "x"); ` +
			`c:expect("QUIT") end); smtp.connect(s):noop()`: "want QUIT, got \"NOOP\"",

		`local s = smtp.listen(nil, {timeout = "20ms"}); s:accept()`: "accept: timed out",

		`smtp.connect():play("X: what")`: "not a line of a dialogue",

		`smtp.connect():play("C: NOOP\nS: 550")`: "dialogue, line 2: want S: 550, got S: 250",

		`smtp.connect():on("nothing", print)`:  "must be",
		`json.decode("{")`:                     "json.decode",
		`json.encode({1, a = 2})`:              "numbers and names",
		`text.match("x", "(")`:                 "text.match",
		`exec.start("true")`:                   "may not start programs",
		`skip("no")`:                           "skip can only be called in a test",
		`check(1):equals(2); print("goes on")`: "want 2, got 1",
	} {
		if _, err := run(t, src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  %v, want %q", src, err, want)
		}
	}
}
