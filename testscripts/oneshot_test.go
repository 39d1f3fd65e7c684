package testscripts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/sandbox"
)

// oneshot runs smtpsh send and returns its exit status and what it printed.
func oneshot(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = cli.Main(cli.World{
		Args: append([]string{"send", "--timeout", "20s"}, args...), Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string {
			return map[string]string{"PASS": "abcdefghijklmnop", "ANN": "ann-secret"}[name]
		},
		Terminal: func(any) bool { return false },
	})
	return status, out.String(), errs.String()
}

// TestSendOutcomes plays servers that accept, reject and vanish, and checks the exit status,
// the lines about the recipients, and the outcome of --json.
func TestSendOutcomes(t *testing.T) {
	const (
		hi   = "S: 220 hi\nC: EHLO\nS: 250 x\n"
		ok   = "S: 250 ok\n"
		mail = "C: MAIL FROM:<a@x.org>\n" + ok
		bob  = "C: RCPT TO:<b@x.org>\n" + ok
		eve  = "C: RCPT TO:<e@x.org>\nS: 550 5.1.1 nobody\n"
		data = "C: DATA\nS: 354 go\nC* .\n"
		quit = "C: QUIT\nS: 221 bye\nEOF"
		rset = "C: RSET\n" + ok
	)
	for _, tt := range []struct {
		name, script string
		flags        string
		status       int
		outcome      string
		want         string // in the output or in the error
	}{
		{"accepted", hi + mail + bob + data + ok + quit, "", 0, "accepted", "accepted: b@x.org (250 ok)"},
		{"QUIT is rejected", hi + mail + bob + data + ok + "C: QUIT\nCLOSE", "", 0, "accepted", "accepted: b@x.org"},
		{"one of two", hi + mail + bob + eve + data + ok + quit, "--to e@x.org", 9, "partly accepted", "rejected: e@x.org (550 5.1.1 nobody)"},
		{"all or nothing", hi + mail + bob + eve + quit, "--to e@x.org --all-or-nothing", 9, "rejected", "not sent: b@x.org"},
		{"none", hi + mail + "C: RCPT\nS: 450 4.7.1 later\n" + quit, "", 8, "rejected", "rejected: b@x.org (450 4.7.1 later)"},
		{"the message is rejected", hi + mail + bob + data + "S: 554 5.7.1 spam\n" + quit, "", 9, "rejected",
			"rejected: b@x.org (554 5.7.1 spam)"},
		{"lost after the end", hi + mail + bob + data + "CLOSE", "", 10, "unknown", "unknown: b@x.org"},
		{"lost before the end", hi + mail + bob + "C: DATA\nCLOSE", "", 6, "not sent", "not sent: b@x.org"},
		{"a second reply", hi + mail + bob + data + `S> 250 ok\r\n452 disk full\r\n` + "\nHANG", "", 10, "unknown", "it is not known whether"},
		{"a second reply, not looked for",
			hi + mail + bob + data + `S> 250 ok\r\n452 disk full\r\n` + "\nHANG", "--ignore second-reply", 10, "unknown",
			"it is not known whether"},
		{"250 to DATA", hi + mail + bob + "C: DATA\n" + ok + "EOF", "", 6, "not sent", "not sent: b@x.org"},
		{"a greeting of 554", "S: 554 no\nC: QUIT\nS: 221 bye\nEOF", "", 9, "rejected", "greeting: rejected by the server: 554 no"},
		{"a greeting of 250", "S: 250 hi\nC: QUIT\nS: 221 bye\nEOF", "", 6, "not sent", "where only 220"},
		{"a greeting of 250, ignored", "S: 250 hi\nC: EHLO\nS: 250 x\n" + mail + bob + data + ok + quit, "--ignore codes", 0, "accepted",
			"continues although the greeting has the code 250"},
		{"a greeting of 554, not ignored", "S: 554 no\nC: QUIT\nS: 221 bye\nEOF", "--ignore codes", 9, "rejected", "554 no"},
		{"220 to EHLO", "S: 220 hi\nC: EHLO\nS: 220 x\n" + quit, "", 6, "not sent", "where only 250"},
		{"220 to EHLO, ignored", "S: 220 hi\nC: EHLO\nS: 220 x\n" + mail + bob + data + ok + quit, "--ignore codes", 0, "accepted",
			"the reply to EHLO has the code 220"},
		{"220 to MAIL", hi + "C: MAIL FROM:<a@x.org>\nS: 220 ok\n" + quit, "", 6, "not sent", "where only 250, 251 or 252"},
		{"220 to RCPT, pipelined", "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 PIPELINING\nC: MAIL\nC: RCPT\nS: 250 ok\nS: 220 ok\n" + quit,
			"--pipeline", 6, "not sent", "where only 250, 251 or 252"},
		{"252 to RCPT", hi + mail + "C: RCPT\nS: 252 perhaps\n" + data + ok + quit, "", 0, "accepted", ""},
		{"220 to the message", hi + mail + bob + data + "S: 220 ok\n" + quit, "", 10, "unknown", "where only 250"},
		{"220 for one recipient of PRDR", "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 PRDR\nC: MAIL\n" + ok + bob + "C: RCPT\n" + ok + data +
			"S: 353 wait\nS: 250 ok\nS: 220 odd\nS: 250 all\n" + quit, "--prdr --to e@x.org", 10, "unknown", "where only 250"},
		{"220 to the message, ignored", hi + mail + bob + data + "S: 220 ok\n" + quit, "--ignore codes", 0, "accepted", ""},
		{"a CR in the greeting", `S> 220 hi\rthere\r\n` + "\nC: QUIT\nS: 221 bye\nEOF", "", 6, "not sent", "has a CR in the middle"},
		{"a CR in the greeting, ignored", `S> 220 hi\rthere\r\n` + "\nC: EHLO\nS: 250 x\n" + mail + bob + data + ok + quit, "--ignore bare-cr", 0,
			"accepted", "continues although line 1"},
		{"a mechanism that is not offered", hi + quit, "--user ann --secret pass=@env:PASS --mech plain", 2, "not sent",
			"does not offer the mechanism"},
		{"a mechanism that is not offered, ignored", hi + "C: AUTH PLAIN\nS: 235 ok\n" + mail + bob + data + ok + quit,
			"--user ann --secret pass=@env:PASS --mech plain --ignore mechanism", 0, "accepted", "continues although the server does not offer"},
		{"TLS is required", hi + quit, "--tls require", 5, "not sent", "does not offer STARTTLS"},
		{"stop after connect", "S: 220 hi\n" + quit, "--stop-after connect", 0, "stopped", "stopped after connect, no message was sent"},
		{"stop after ehlo", hi + quit, "--stop-after ehlo", 0, "stopped", "stopped after ehlo"},
		{"stop after starttls, which is missing", hi + quit, "--stop-after starttls", 5, "not sent", "does not offer STARTTLS"},
		{"stop after mail", hi + mail + quit, "--stop-after mail", 0, "stopped", "stopped after mail"},
		{"stop after rcpt", hi + mail + bob + quit, "--stop-after rcpt", 0, "stopped", "accepted by RCPT: b@x.org"},
		{"stop after rcpt, rejected", hi + mail + bob + eve + quit, "--stop-after rcpt --to e@x.org", 9, "stopped", "rejected: e@x.org"},
		{"stop after data", hi + mail + bob + "C: DATA\nS: 354 go\nEOF", "--stop-after data", 0, "stopped", "stopped after data"},
		{"DSN is missing", hi + quit, "--dsn never", 2, "not sent", "does not offer DSN"},
		{"parameters", hi + "C: MAIL FROM:<a@x.org> X=1\n" + ok + "C: RCPT TO:<b@x.org> NOTIFY=NEVER\n" + ok + data + ok + quit,
			"--mail-param X=1 --rcpt-param NOTIFY=NEVER", 0, "accepted", ""},
		{"the null reverse-path", hi + "C: MAIL FROM:<>\n" + ok + bob + data + ok + quit, "--envelope-from <>", 0, "accepted", ""},
		{"too large", "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 10\n" + quit, "", 2, "not sent",
			"hint: --ignore size sends the message as it is"},
		{"two messages, the first one rejected", hi + "C: MAIL FROM:<a@x.org>\n" + ok + "C: RCPT\nS: 550 no\n" + rset + mail + bob + data + ok +
			quit,
			"--count 2", 9, "mixed", "message 1: rejected: b@x.org (550 no)"},
		{"two messages", hi + mail + bob + data + ok + mail + bob + data + "S: 554 no\n" + quit, "--count 2", 9, "mixed",
			"1 of 2 messages accepted, 1 rejected"},
	} {
		for _, form := range []string{"", "--json"} {
			t.Run(strings.TrimSpace(tt.name+" "+form), func(t *testing.T) {
				addr := fakeserver.Script(t, tt.script)
				args := append([]string{"--server", addr.String(), "--helo", "me.example", "--from", "a@x.org", "--to", "b@x.org", "--subject", "hi"},
					strings.Fields(tt.flags+" "+form)...)
				status, stdout, stderr := oneshot(t, "", args...)
				if status != tt.status {
					t.Errorf("status %d, want %d\n%s%s", status, tt.status, stdout, stderr)
				}
				if form == "" {
					if !strings.Contains(stdout+stderr, tt.want) {
						t.Errorf("no %q in\n%s%s", tt.want, stdout, stderr)
					}
					return
				}
				var got cli.SendReport
				if err := json.Unmarshal([]byte(stdout), &got); err != nil {
					t.Fatalf("%v\n%s", err, stdout)
				}
				if got.Outcome != tt.outcome || got.Status != tt.status || (got.Error != nil) != (tt.status != 0) {
					t.Errorf("outcome %q, want %q; status %d, error %v", got.Outcome, tt.outcome, got.Status, got.Error)
				}
			})
		}
	}
}

// TestSendMessages sends messages of every kind to a sandbox and compares what arrived.
func TestSendMessages(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	eml := write("m.eml", "From: ann@x.org\nTo: bob@sandbox.test\nBcc: eve@sandbox.test\nSubject: hi\n\n.dot\n")
	bare := write("bare.eml", "From: ann@x.org\nTo: bob@sandbox.test\n\nx\n")
	for _, tt := range []struct {
		name, stdin string
		args        []string
		rcpts       string
		want        []string // in the message
		not         string
	}{
		{"a file", "", []string{eml}, "bob@sandbox.test eve@sandbox.test", []string{"Subject: hi\r\n\r\n.dot\r\n"}, "Bcc:"},
		{"a file, Bcc kept", "", []string{eml, "--keep-bcc"}, "bob@sandbox.test eve@sandbox.test", []string{"Bcc: eve@sandbox.test\r\n"}, ""},
		{"a file with --to", "", []string{eml, "--to", "carol@sandbox.test"}, "carol@sandbox.test", []string{"Bcc: eve@sandbox.test\r\n"}, ""},
		{"a file with --to, Bcc removed", "", []string{eml, "--to", "carol@sandbox.test", "--remove-bcc"}, "carol@sandbox.test",
			[]string{"Subject: hi"}, "Bcc:"},
		{"fields that are missing", "", []string{bare, "--add-headers"}, "bob@sandbox.test", []string{"Date: ", "Message-ID: <", "@x.org>\r\n"},
			""},
		{"standard input", "From: ann@x.org\nTo: bob@sandbox.test\n\nfrom a pipe\n", []string{"-"}, "bob@sandbox.test",
			[]string{"from a pipe\r\n"}, ""},
		{"flags", "", []string{"--from", "Ann <ann@x.org>", "--to", "bob@sandbox.test, Carol <carol@sandbox.test>", "--cc", "dan@sandbox.test",
			"--bcc",
			"eve@sandbox.test", "--subject", "grün", "--text", "plain", "--html", "<p>rich", "--header", "X-Test: 1", "--reply-to", "list@x.org",
			"--attach", bare}, "bob@sandbox.test carol@sandbox.test dan@sandbox.test eve@sandbox.test",
			[]string{"Subject: =?utf-8?", "text/plain", "<p>rich", "X-Test: 1", "Cc: <dan@sandbox.test>", "Reply-To: <list@x.org>",
				"filename=bare.eml"},
			"eve@"},
		{"a body from a file", "", []string{"--from", "ann@x.org", "--to", "bob@sandbox.test", "--body-file", write("b.html", "<b>bold</b>")},
			"bob@sandbox.test", []string{"text/html", "<b>bold</b>"}, ""},
		{"a body from standard input", "typed\n", []string{"--from", "ann@x.org", "--to", "bob@sandbox.test", "--body-file", "-"},
			"bob@sandbox.test", []string{"\r\ntyped\r\n"}, ""},
		{"recipients from a file", "", []string{"--from", "ann@x.org", "--subject", "x", "--to-file",
			write("to.txt", "# the team\nbob@sandbox.test\n\nCarol <carol@sandbox.test>\n")}, "bob@sandbox.test carol@sandbox.test",
			[]string{"Subject: x"}, "carol@"},
		{"chunks", "", []string{eml, "--bdat=7"}, "bob@sandbox.test eve@sandbox.test", []string{"\r\n.dot\r\n"}, "Bcc:"},
		{"pipelined", "", []string{eml, "--pipeline"}, "bob@sandbox.test eve@sandbox.test", []string{"\r\n.dot\r\n"}, ""},
		{"a NUL that is allowed", "Subject: x\n\na\x00b\n", []string{"-", "--from", "ann@x.org", "--to", "bob@sandbox.test", "--ignore", "nul"},
			"bob@sandbox.test", []string{"Subject: x"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			ca := write("ca.pem", string(srv.CA()))
			status, stdout, stderr := oneshot(t, tt.stdin, append([]string{"--server", srv.Addr("mx"), "--sni", "sandbox.test", "--ca", ca},
				tt.args...)...)
			if status != 0 {
				t.Fatalf("status %d\n%s%s", status, stdout, stderr)
			}
			got := srv.Messages()
			if len(got) != 1 {
				t.Fatalf("%d messages arrived", len(got))
			}
			var rcpts []string
			for _, r := range got[0].Rcpts {
				rcpts = append(rcpts, r.Address)
			}
			text := string(got[0].Data)
			if fmt.Sprint(rcpts) != fmt.Sprint(strings.Fields(tt.rcpts)) {
				t.Errorf("recipients %v, want %s", rcpts, tt.rcpts)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if tt.not != "" && strings.Contains(text, tt.not) {
				t.Errorf("%q is in\n%s", tt.not, text)
			}
		})
	}
}

// TestSendRefusesNUL: a message with a NUL is not sent, and no server is connected to.
func TestSendRefusesNUL(t *testing.T) {
	status, stdout, stderr := oneshot(t, "Subject: x\n\na\x00b\n", "-", "--server", "127.0.0.1:1", "--from", "ann@x.org", "--to", "bob@x.org")
	if status != 2 || stdout != "" || !strings.Contains(stderr, "-: line 3 has a NUL byte") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// TestSendSessions: --count and --sessions send each message once, each with a Message-ID of
// its own.
func TestSendSessions(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	status, stdout, stderr := oneshot(t, "", "--server", srv.Addr("mx"), "--insecure", "--from", "ann@x.org", "--to", "bob@sandbox.test",
		"--subject", "x", "--count", "12", "--sessions", "3")
	if status != 0 || !strings.Contains(stdout, "12 of 12 messages accepted") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	ids, sessions := map[string]bool{}, map[string]bool{}
	for _, m := range srv.Messages() {
		_, id, _ := strings.Cut(string(m.Data), "Message-ID: ")
		id, _, _ = strings.Cut(id, "\r\n")
		ids[id] = true
	}
	for line := range strings.Lines(stdout) {
		if label, _, ok := strings.Cut(line, "  connected to"); ok {
			sessions[label] = true
		}
	}
	if len(ids) != 12 || len(sessions) != 3 {
		t.Errorf("%d identifiers in %d sessions\n%s", len(ids), len(sessions), stdout)
	}
}

// TestSendToMX: the hosts of a domain are tried in the order of their preference, and each
// domain gets the message for its own recipients.
func TestSendToMX(t *testing.T) {
	const (
		hi   = "S: 220 hi\nC: EHLO\nS: 250 x\n"
		ok   = "S: 250 ok\n"
		mail = "C: MAIL FROM:<a@x.org>\n" + ok
		rcpt = "C: RCPT TO:<b@one.example>\n" + ok
		data = "C: DATA\nS: 354 go\nC* .\n" + ok + "C: QUIT\nS: 221 bye\nEOF"
		bye  = "C: QUIT\nS: 221 bye\nEOF"
	)
	dns := fakeserver.DNS(t, fakeserver.Zone{
		"one.example":    {"20 second.example.", "10 first.example."},
		"two.example":    {"-"},
		"null.example":   {"0 ."},
		"broken.example": {"!"},
	})
	for _, tt := range []struct {
		name   string
		to     string
		hosts  map[string]string // the script of each host; a host without one refuses connections
		flags  string
		status int
		want   []string
	}{
		{"the first host", "b@one.example", map[string]string{"first.example": hi + mail + rcpt + data}, "", 0,
			[]string{"MX records of one.example: 10 first.example, 20 second.example", "accepted: b@one.example"}},
		{"the first host refuses connections", "b@one.example", map[string]string{"second.example": hi + mail + rcpt + data}, "", 0,
			[]string{"first.example cannot be used; the next host is second.example", "accepted: b@one.example"}},
		{"the first host greets with 554", "b@one.example",
			map[string]string{"first.example": "S: 554 no\n" + bye, "second.example": hi + mail + rcpt + data}, "", 0,
			[]string{"accepted: b@one.example"}},
		{"the first host rejects the recipient", "b@one.example",
			map[string]string{"first.example": hi + mail + "C: RCPT\nS: 550 5.1.1 nobody\n" + bye}, "", 9,
			[]string{"rejected: b@one.example (550 5.1.1 nobody)"}},
		{"no host", "b@one.example", nil, "", 4, []string{"not sent: b@one.example",
			"no mail server of one.example could be used; first.example: "}},
		{"two domains", "b@one.example,c@two.example", map[string]string{
			"first.example": hi + mail + rcpt + data, "two.example": hi + mail + "C: RCPT TO:<c@two.example>\n" + ok + data,
		}, "", 0, []string{"two.example has no MX records", "accepted: b@one.example", "accepted: c@two.example"}},
		{"a domain without mail", "b@one.example,d@null.example", map[string]string{"first.example": hi + mail + rcpt + data}, "", 9,
			[]string{"accepted: b@one.example", "not sent: d@null.example", "null.example accepts no mail"}},
		{"a name server that fails", "e@broken.example", nil, "", 4, []string{"MX records of broken.example: the name server reports"}},
		{"stop after rcpt", "b@one.example", map[string]string{"first.example": hi + mail + rcpt + bye}, "--stop-after rcpt", 0,
			[]string{"accepted by RCPT: b@one.example"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"--mx", "--dns", dns, "--helo", "me.example", "--from", "a@x.org", "--to", tt.to, "--subject", "hi"}
			for _, host := range []string{"first.example", "second.example", "two.example"} {
				to := "127.0.0.1:1"
				if script, ok := tt.hosts[host]; ok {
					to = fakeserver.Script(t, script).String()
				}
				args = append(args, "--connect-to", host+":25="+to)
			}
			status, stdout, stderr := oneshot(t, "", append(args, strings.Fields(tt.flags)...)...)
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("no %q", want)
				}
			}
			if t.Failed() {
				t.Logf("%s%s", stdout, stderr)
			}
		})
	}
}

// TestSendThroughProxy: the proxy gets the name of the server, and the session works with
// STARTTLS. A password goes through a proxy only inside TLS.
func TestSendThroughProxy(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	named := make(chan string, 10)
	at := fakeserver.Loop(t, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		named <- r.Host
		s, err := net.Dial("tcp", srv.Addr("submission"))
		if err != nil {
			return
		}
		defer s.Close()
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n") //nolint:errcheck // the client may be gone
		go func() { io.Copy(s, c); s.Close() }()     //nolint:errcheck // until one side ends
		io.Copy(c, s)                                //nolint:errcheck // until one side ends
	}).String()
	login := []string{
		"--proxy", "http://" + at, "--server", "mx.example.org:2525", "--sni", "sandbox.test", "--ca", ca, "--user", "ann@sandbox.test",
		"--secret", "pass=@env:ANN", "--to", "bob@sandbox.test", "--subject", "x",
	}
	t.Run("with TLS", func(t *testing.T) {
		status, stdout, stderr := oneshot(t, "", login...)
		if status != 0 || !strings.Contains(stdout, "through the proxy http://"+at) || <-named != "mx.example.org:2525" {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	})
	t.Run("without TLS", func(t *testing.T) {
		status, stdout, stderr := oneshot(t, "", append(login, "--tls", "none")...)
		if status != 2 || strings.Contains(stdout, "C: AUTH") {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	})
	for _, tt := range []struct{ flags, want string }{
		{"--tls none --server smtps://127.0.0.1:1", "--tls none and smtps:// cannot be combined"},
		{"--server=", "--server is empty"},
		{"--server 127.0.0.1:1 --user ann --secret passs=@env:ANN", "did you mean --secret pass=...?"},
		{"--bdat=0 --server 127.0.0.1:1", "--bdat: 0 is not a size"},
		{"--proxy ftp://x", "the scheme must be socks5, http or https"},
		{"--proxy http://ann:hidden@", "--proxy: it is not a proxy address"},
		{"--proxy env", "ALL_PROXY is not set"},
		{"--proxy http://127.0.0.1:1 --server sandbox:plain", "no proxy leads to it"},
		{"--proxy http://127.0.0.1:1 --server mx.example.org:25", "the proxy http://127.0.0.1:1: "},
		{"--proxy http://127.0.0.1:1 --bind 127.0.0.1 --server mx.example.org:25", "cannot be combined"},
	} {
		status, stdout, stderr := oneshot(t, "", append(strings.Fields(tt.flags), "--from", "a@x.org", "--to", "b@x.org", "--text", "x")...)
		if status == 0 || !strings.Contains(stderr, tt.want) || strings.Contains(stdout+stderr, "hidden") {
			t.Errorf("%s: status %d\n%s%s", tt.flags, status, stdout, stderr)
		}
	}
}

// TestCommandsOfTheGuide runs each command line of the guide about send as it is written, with
// a sandbox in place of the servers.
func TestCommandsOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/guide/sending.md")
	if err != nil {
		t.Fatal(err)
	}
	srv := commandFolder(t, map[string]string{
		"body.html": "<p>hello", "report.pdf": "%PDF",
		"message.eml": "From: ann@example.org\nTo: bob@sandbox.test\nSubject: hi\n\nhello\n",
	})
	ran := 0
	for block := range strings.SplitSeq(string(text), "```sh\n") {
		block, _, found := strings.Cut(block, "\n```")
		if !found || !strings.HasPrefix(block, "smtpsh ") {
			continue
		}
		for line := range strings.Lines(block) {
			ran++
			command, file, _ := strings.Cut(strings.TrimSpace(line), " < ")
			stdin := ""
			if file != "" {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				stdin = string(content)
			}
			args := []string{
				"--ca", "ca.pem", "--sni", "sandbox.test", "--connect-to", "mx.example.org:25=" + srv.Addr("mx"),
				"--connect-to", "smtp.example.org:587=" + srv.Addr("submission"), "--connect-to", "smtp.example.org:465=" + srv.Addr("submissions"),
			}
			words := strings.Fields(strings.ReplaceAll(command, "@env:PASS", "@env:ANN"))
			status, stdout, stderr := oneshot(t, stdin, append(words[2:], args...)...)
			if status != 0 || stdout == "" {
				t.Errorf("%s: status %d\n%s%s", command, status, stdout, stderr)
			}
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands", ran)
	}
}
