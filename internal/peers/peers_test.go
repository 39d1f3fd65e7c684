//go:build unix

package peers

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/cli"
	"smtpsh/transcript"
)

// one set of servers serves all tests of a run.
func TestRealServers(t *testing.T) {
	p := Start(t)
	t.Run("every verb", func(t *testing.T) { everyVerb(t, p) })
	t.Run("every mechanism", func(t *testing.T) { everyMechanism(t, p) })
	t.Run("Cyrus SASL", func(t *testing.T) { cyrus(t, p) })
	t.Run("mechanisms of curl", func(t *testing.T) { curlMechanisms(t, p) })
	t.Run("EXTERNAL", func(t *testing.T) { external(t, p) })
	t.Run("delivery", func(t *testing.T) { delivery(t, p) })
	t.Run("20 MiB", func(t *testing.T) { bigMessage(t, p) })
	t.Run("pipelining", func(t *testing.T) { pipelining(t, p) })
	t.Run("DSN", func(t *testing.T) { dsn(t, p) })
	t.Run("SMTPUTF8", func(t *testing.T) { smtputf8(t, p) })
	t.Run("LMTP", func(t *testing.T) { lmtp(t, p) })
	t.Run("TLS", func(t *testing.T) { tlsModes(t, p) })
	t.Run("bundled scripts", func(t *testing.T) { bundled(t, p) })
	t.Run("submission suite", func(t *testing.T) { submissionSuite(t, p) })
	t.Run("proxies", func(t *testing.T) { proxies(t, p) })
	t.Run("stated clients", func(t *testing.T) { statedClients(t, p) })
	t.Run("standard input", func(t *testing.T) { standardInput(t, p) })
}

type session struct {
	*engine.Session
	t   *testing.T
	log *transcript.Log
}

// open connects to an address, verifies the certificate with the server's name, and shows
// the transcript if the test fails.
func (p *Peers) open(t *testing.T, target string, change ...func(*engine.Options)) *session {
	t.Helper()
	tgt, err := engine.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	log := transcript.NewLog()
	opts := engine.Options{
		HELO: "client.example.org", Observer: log, Timeouts: engine.UniformTimeouts(60 * time.Second),
		TLS: engine.TLSOptions{RootCAs: p.Roots, ServerName: MX},
	}
	for _, c := range change {
		c(&opts)
	}
	s, err := engine.Dial(t.Context(), tgt, opts)
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	t.Cleanup(func() {
		s.Close()
		if t.Failed() {
			t.Logf("conversation with %s\n%s", target, log.Text(60, transcript.WithTimes))
		}
	})
	return &session{s, t, log}
}

// want checks the code and the error of a step.
func (s *session) want(codes string) func(*reply.Reply, error) *reply.Reply {
	return func(r *reply.Reply, err error) *reply.Reply {
		s.t.Helper()
		w, werr := reply.ParseWant(codes)
		if werr != nil {
			s.t.Fatal(werr)
		}
		if err != nil || !w.Match(r) {
			s.t.Fatalf("want %s, got %v, %v", codes, r, err)
		}
		if len(r.Defects) > 0 {
			s.t.Fatalf("defects in %v: %v", r, r.Defects)
		}
		return r
	}
}

// submission opens an encrypted session to one of the two services.
func (p *Peers) submission(t *testing.T, implicit bool, change ...func(*engine.Options)) *session {
	t.Helper()
	ctx := t.Context()
	if implicit {
		s := p.open(t, "smtps://"+p.SMTPS, change...)
		s.want("250")(s.Ehlo(ctx, ""))
		return s
	}
	s := p.open(t, p.Submission, change...)
	s.want("250")(s.Ehlo(ctx, ""))
	s.want("220")(s.StartTLS(ctx))
	s.want("250")(s.Ehlo(ctx, ""))
	return s
}

func everyVerb(t *testing.T, p *Peers) {
	ctx := t.Context()
	s := p.open(t, p.MX)
	s.want("500|501|502|503")(s.Lhlo(ctx, "x"))
	s.want("250")(s.Helo(ctx, ""))
	s.want("250")(s.Ehlo(ctx, ""))
	s.want("250")(s.Noop(ctx, "x"))
	s.want("252")(s.Vrfy(ctx, Ann))
	s.want("550 5.1.1")(s.Vrfy(ctx, "nobody@example.test"))
	s.want("5xx")(s.Expn(ctx, "list"))
	s.want("5xx")(s.Help(ctx, ""))
	s.want("5xx")(s.Do(ctx, "XYZZY now"))
	s.want("503")(s.Data(ctx, strings.NewReader("x")))
	s.want("250 2.1.0")(s.Mail(ctx, "a@example.org", engine.Param{Key: "SIZE", Value: "1000"}, engine.Param{Key: "BODY", Value: "8BITMIME"}))
	s.want("550 5.1.1")(s.Rcpt(ctx, "nobody@example.test"))
	s.want("554 5.7.1")(s.Rcpt(ctx, "victim@elsewhere.test"))
	s.want("250 2.1.5")(s.Rcpt(ctx, Ann))
	s.want("250 2.0.0")(s.Rset(ctx))
	s.want("552 5.3.4")(s.Mail(ctx, "a@example.org", engine.Param{Key: "SIZE", Value: "999999999"}))
	s.want("555 5.5.4")(s.Mail(ctx, "a@example.org", engine.Param{Key: "BODY", Value: "BINARYMIME"}, engine.Param{Key: "X-NONSENSE"}))
	s.want("220")(s.StartTLS(ctx))
	if len(s.Capabilities()) != 0 {
		t.Error("capabilities from before STARTTLS were kept")
	}
	s.want("250")(s.Ehlo(ctx, ""))
	s.want("221 2.0.0")(s.Quit(ctx))
}

func everyMechanism(t *testing.T, p *Peers) {
	ctx := t.Context()
	tested := 0
	for _, m := range saslmech.Mechanisms() {
		if strings.HasSuffix(m.Name, "-PLUS") || m.Name == "EXTERNAL" || m.Name == "NTLM" {
			continue // this Dovecot does not support it; EXTERNAL and NTLM have their own tests
		}
		for _, implicit := range []bool{false, true} {
			for _, initial := range []engine.Initial{engine.InitialAuto, engine.InitialNever, engine.InitialAlways} {
				t.Run(fmt.Sprintf("%s implicit=%v initial=%v", m.Name, implicit, initial), func(t *testing.T) {
					s := p.submission(t, implicit)
					if !s.Capabilities().HasParam("AUTH", m.Name) {
						t.Fatalf("%s is not offered: %v", m.Name, s.Capabilities().Mechanisms())
					}
					creds := saslmech.Credentials{Username: Ann, Password: AnnPassword, Token: p.Token(Ann, time.Hour), Trace: Ann}
					s.want("235")(s.Auth(ctx, engine.AuthOptions{Mechanism: m.Name, Credentials: creds, Initial: initial}))
					s.want("250")(s.Mail(ctx, Ann))
					if m.Name != "ANONYMOUS" {
						s.want("250")(s.Rcpt(ctx, Ann))
					}
					s.want("221")(s.Quit(ctx))
				})
				tested++
			}
		}
	}
	if tested < 40 {
		t.Errorf("only %d ways were tested", tested)
	}
	for _, m := range saslmech.Mechanisms() {
		if strings.HasSuffix(m.Name, "-PLUS") || m.Name == "EXTERNAL" || m.Name == "ANONYMOUS" || m.Name == "NTLM" {
			continue
		}
		t.Run(m.Name+" refused", func(t *testing.T) {
			s := p.submission(t, true)
			bad := saslmech.Credentials{Username: Ann, Password: "wrong", Token: p.Token(Ann, -time.Hour)}
			s.want("535")(s.Auth(ctx, engine.AuthOptions{Mechanism: m.Name, Credentials: bad}))
			good := saslmech.Credentials{Username: "bob@example.test", Password: "secret bob, ünicode"}
			s.want("235")(s.Auth(ctx, engine.AuthOptions{Mechanism: "SCRAM-SHA-256", Credentials: good}))
			s.want("503")(s.Auth(ctx, engine.AuthOptions{Mechanism: "PLAIN", Credentials: good}))
		})
	}
	t.Run("strongest", func(t *testing.T) {
		s := p.submission(t, true)
		s.want("235")(s.Auth(ctx, engine.AuthOptions{Credentials: saslmech.Credentials{Username: Ann, Password: AnnPassword}}))
		if !strings.Contains(s.log.Text(0, transcript.WithoutTimes), "C: AUTH SCRAM-SHA-256 ********") {
			t.Error("the login did not use SCRAM-SHA-256")
		}
	})
	t.Run("by hand, canceled", func(t *testing.T) {
		s := p.submission(t, true)
		s.want("334")(s.Do(ctx, "AUTH LOGIN"))
		s.want("501")(s.Do(ctx, "*"))
		s.want("334")(s.AuthRaw(ctx, "PLAIN", ""))
		s.want("235")(s.Do(ctx, base64.StdEncoding.EncodeToString([]byte("\x00"+Ann+"\x00"+AnnPassword))))
		if text := s.log.Text(0, transcript.WithoutTimes); strings.Contains(text, "AGFu") {
			t.Errorf("a typed secret is in the transcript:\n%s", text)
		}
	})
}

func external(t *testing.T, p *Peers) {
	ctx := t.Context()
	for _, initial := range []engine.Initial{engine.InitialAuto, engine.InitialNever} {
		s := p.open(t, p.External, func(o *engine.Options) { o.TLS.Certificates = []tls.Certificate{p.Client} })
		s.want("250")(s.Ehlo(ctx, ""))
		s.want("220")(s.StartTLS(ctx))
		s.want("250")(s.Ehlo(ctx, ""))
		s.want("235")(s.Auth(ctx, engine.AuthOptions{Mechanism: "EXTERNAL", Initial: initial}))
	}
}

// arrived checks that the delivered message is the one that was sent, after the trace
// fields of the servers.
func arrived(t *testing.T, got []byte, sent string) {
	t.Helper()
	want := strings.ReplaceAll(sent, "\r\n", "\n")
	if !strings.HasSuffix(want, "\n") {
		want += "\n"
	}
	head, ok := bytes.CutSuffix(got, []byte(want))
	if !ok {
		t.Fatalf("the message was changed on its way\n got %d bytes, ending %.200q\nwant %d bytes, ending %.200q", len(got), end(got),
			len(want), end([]byte(want)))
	}
	for l := range strings.Lines(string(head)) {
		name, _, _ := strings.Cut(l, ":")
		if l[0] != '\t' && l[0] != ' ' && name != "Return-Path" && name != "X-Original-To" && name != "Delivered-To" && name != "Received" {
			t.Fatalf("unexpected line before the message: %q", l)
		}
	}
}

func end(b []byte) []byte { return b[max(0, len(b)-200):] }

// tricky contains what servers and clients often change.
const tricky = "Subject: test\r\nFrom: <a@example.org>\r\n\r\n.\r\n..\r\n.dot\r\n\r\n\ttab and \x80\xff bytes\r\nFrom here\r\n" +
	" leading space and trailing \r\n\r\n.\r\nend\r\n"

func delivery(t *testing.T, p *Peers) {
	ctx := t.Context()
	n := map[string]int{}
	for _, box := range []struct{ rcpt, dir string }{{Ann, "ann"}, {Cat, "lmtp/" + Cat + "/Maildir"}} {
		for _, how := range []string{"DATA", "DATA from LF", "BDAT", "BDAT in chunks", "raw DATA"} {
			t.Run(box.rcpt+" "+how, func(t *testing.T) {
				s := p.open(t, p.MX)
				s.want("250")(s.Ehlo(ctx, ""))
				s.want("250")(s.Mail(ctx, "a@example.org", engine.Param{Key: "BODY", Value: "8BITMIME"}))
				s.want("250")(s.Rcpt(ctx, box.rcpt))
				switch how {
				case "DATA":
					s.want("250 2.0.0")(s.Data(ctx, strings.NewReader(tricky)))
				case "DATA from LF":
					s.want("250 2.0.0")(s.Data(ctx, strings.NewReader(strings.ReplaceAll(tricky, "\r\n", "\n"))))
				case "BDAT":
					s.want("250 2.0.0")(s.Bdat(ctx, engine.Chunk{Data: []byte(tricky), Last: true}))
				case "BDAT in chunks":
					s.want("250 2.0.0")(s.BdatAll(ctx, strings.NewReader(strings.ReplaceAll(tricky, "\r\n", "\n")), engine.ChunkOptions{Size: 7,
						Text: true}))
				case "raw DATA":
					s.want("354")(s.Do(ctx, "DATA"))
					stuffed := strings.ReplaceAll(tricky, "\r\n.", "\r\n..") + ".\r\n"
					if err := s.Write(ctx, []byte(stuffed)); err != nil {
						t.Fatal(err)
					}
					s.want("250 2.0.0")(s.ReadReply(ctx, 0))
				}
				s.want("221")(s.Quit(ctx))
				n[box.dir]++
				arrived(t, p.Maildir(t, box.dir, n[box.dir]), tricky)
			})
		}
	}
	t.Run("a lone LF is refused, and no more", func(t *testing.T) {
		s := p.open(t, p.MX)
		s.want("250")(s.Ehlo(ctx, ""))
		s.want("250")(s.Mail(ctx, "a@example.org"))
		s.want("250")(s.Rcpt(ctx, Ann))
		s.want("354")(s.Do(ctx, "DATA"))
		if err := s.Write(ctx, []byte("Subject: x\r\n\r\nbody\n.\nMAIL FROM:<evil@example.org>\r\n.\r\n")); err != nil {
			t.Fatal(err)
		}
		s.want("550 5.5.2")(s.ReadReply(ctx, 0))
		s.want("250")(s.Noop(ctx, ""))
	})
}

func bigMessage(t *testing.T, p *Peers) {
	ctx := t.Context()
	raw := make([]byte, 16<<20)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("Subject: big\n\n")
	for text := base64.StdEncoding.EncodeToString(raw); text != ""; text = text[min(76, len(text)):] {
		b.WriteString("." + text[:min(76, len(text))] + "\n")
	}
	sent := b.String()
	if len(sent) < 20<<20 {
		t.Fatalf("only %d bytes", len(sent))
	}
	for i, how := range []string{"DATA", "BDAT"} {
		t.Run(how, func(t *testing.T) {
			s := p.submission(t, i == 0)
			s.want("235")(s.Auth(ctx, engine.AuthOptions{Credentials: saslmech.Credentials{Username: Ann, Password: AnnPassword}}))
			s.want("250")(s.Mail(ctx, Ann, engine.Param{Key: "SIZE", Value: fmt.Sprint(len(sent) + 1<<20)}))
			s.want("250")(s.Rcpt(ctx, "bob@example.test"))
			if how == "DATA" {
				s.want("250")(s.Data(ctx, strings.NewReader(sent)))
			} else {
				s.want("250")(s.BdatAll(ctx, strings.NewReader(sent), engine.ChunkOptions{Text: true}))
			}
			got := p.Maildir(t, "bob", i+1)
			if !bytes.HasSuffix(got, []byte(sent)) {
				t.Fatalf("%d bytes were sent, %d arrived changed", len(sent), len(got))
			}
		})
	}
}

func pipelining(t *testing.T, p *Peers) {
	ctx := t.Context()
	s := p.open(t, p.MX)
	s.want("250")(s.Ehlo(ctx, ""))
	got, err := s.Pipeline(ctx, "MAIL FROM:<a@example.org>", "RCPT TO:<"+Ann+">", "RCPT TO:<nobody@example.test>", "DATA")
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range []int{250, 250, 550, 354} {
		if got[i].Reply.Code != code {
			t.Fatalf("%s: %v, want %d", got[i].Line, got[i].Reply, code)
		}
	}
	s.want("250")(s.Content(ctx, strings.NewReader("Subject: pipelined\n\nx\n")))
	many := make([]string, 2000)
	for i := range many {
		many[i] = "NOOP"
	}
	if got, err = s.Pipeline(ctx, many...); err != nil || got[len(many)-1].Reply.Code != 250 {
		t.Fatalf("%v", err)
	}
}

func dsn(t *testing.T, p *Peers) {
	ctx := t.Context()
	s := p.submission(t, true)
	if !s.Has("DSN") {
		t.Fatal("DSN is not offered")
	}
	s.want("235")(s.Auth(ctx, engine.AuthOptions{Credentials: saslmech.Credentials{Username: "bob@example.test",
		Password: "secret bob, ünicode"}}))
	s.want("250")(s.Mail(ctx, "postmaster@example.test", engine.Param{Key: "RET", Value: "HDRS"}, engine.Param{Key: "ENVID",
		Value: "abc+2Bdef"}))
	s.want("250")(s.Rcpt(ctx, "joe@remote.test", engine.Param{Key: "NOTIFY", Value: "SUCCESS"}, engine.Param{Key: "ORCPT",
		Value: "rfc822;joe@orig.test"}))
	s.want("250")(s.Data(ctx, strings.NewReader("Subject: dsn\n\nx\n")))
	report := string(p.Maildir(t, "postmaster", 1))
	for _, want := range []string{"Original-Envelope-Id: abc+def", "Original-Recipient: rfc822;joe@orig.test", "Action: "} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func smtputf8(t *testing.T, p *Peers) {
	ctx := t.Context()
	s := p.open(t, p.MX)
	s.want("250")(s.Ehlo(ctx, ""))
	r := s.want("250")(s.Mail(ctx, "jürgen@example.test"))
	if !strings.HasSuffix(r.Command, " SMTPUTF8") {
		t.Errorf("sent %q", r.Command)
	}
	s.want("250")(s.Rcpt(ctx, Doerte))
	s.want("250")(s.Data(ctx, strings.NewReader("Subject: Grüße\nTo: "+Doerte+"\n\nschön\n")))
	got := p.Maildir(t, "doerte", 1)
	if !bytes.Contains(got, []byte("Return-Path: <jürgen@example.test>")) ||
		!bytes.HasSuffix(got, []byte("Subject: Grüße\nTo: "+Doerte+"\n\nschön\n")) {
		t.Errorf("arrived as\n%s", got)
	}
	s.want("553 5.6.7")(s.Do(ctx, "MAIL FROM:<jürgen@example.test>"))
}

func lmtp(t *testing.T, p *Peers) {
	ctx := t.Context()
	for i, target := range []string{"lmtp://" + p.LMTP, "lmtp+unix:" + p.LMTPSocket} {
		s := p.open(t, target)
		s.want("5xx")(s.Ehlo(ctx, ""))
		s.want("250")(s.Hello(ctx, ""))
		s.want("250")(s.Mail(ctx, "a@example.org"))
		s.want("250")(s.Rcpt(ctx, Dan))
		s.want("550 5.1.1")(s.Rcpt(ctx, "nobody@lmtp.test"))
		s.want("250")(s.Rcpt(ctx, Cat))
		s.want("250")(s.Data(ctx, strings.NewReader(tricky)))
		if d := s.Deliveries(); len(d) != 2 || d[0].Recipient != Dan || d[1].Recipient != Cat || d[1].Reply.Code != 250 {
			t.Fatalf("deliveries %v", d)
		}
		arrived(t, p.Maildir(t, "lmtp/"+Dan+"/Maildir", 2*i+1), tricky)
		s.want("250")(s.Mail(ctx, "a@example.org"))
		s.want("250")(s.Rcpt(ctx, Dan))
		s.want("250")(s.Rcpt(ctx, Cat))
		s.want("250")(s.Bdat(ctx, engine.Chunk{Data: []byte(tricky), Last: true}))
		if n := len(s.Deliveries()); n != 2 {
			t.Fatalf("%d replies to BDAT LAST", n)
		}
		arrived(t, p.Maildir(t, "lmtp/"+Dan+"/Maildir", 2*i+2), tricky)
		s.want("221")(s.Quit(ctx))
	}
}

func tlsModes(t *testing.T, p *Peers) {
	ctx := t.Context()
	for _, implicit := range []bool{false, true} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			s := p.submission(t, implicit, func(o *engine.Options) { o.TLS.MinVersion, o.TLS.MaxVersion = version, version })
			info := s.TLS()
			if info.Version != tls.VersionName(version) || !info.Verified || info.ServerName != MX {
				t.Errorf("implicit=%v: %+v", implicit, info)
			}
			s.want("221")(s.Quit(ctx))
		}
	}
	target, _ := engine.ParseTarget("smtps://" + p.SMTPS)
	if _, err := engine.Dial(ctx, target, engine.Options{}); engine.KindOf(err) != "tls" {
		t.Errorf("an unknown CA: %v", err)
	}
}

// bundled runs the bundled scripts against the servers.
func bundled(t *testing.T, p *Peers) {
	ca := p.Dir + "/tls/client-ca.pem"
	run := func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := cli.Main(cli.World{
			Args: append(args, "--ca", ca, "--sni", MX), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Getenv: func(name string) string { return map[string]string{"PASS": AnnPassword}[name] }, Terminal: func(any) bool { return false },
		})
		return code, out.String() + errs.String()
	}
	login := []string{"--var", "user=" + Ann, "--secret", "pass=@env:PASS"}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{append([]string{"run", "gmail-send", "--server", p.Submission}, login...), "accepted: <"},
		{append([]string{"run", "gmail-send", "--server", "smtps://" + p.SMTPS}, login...), "accepted: <"},
		{append([]string{"run", "capabilities", "--quiet", "--server", p.Submission}, login...), "    + AUTH PLAIN LOGIN"},
		{[]string{"run", "open-relay", "--quiet", "--server", p.MX, "--var", "domain=example.test"}, "no open relay found"},
		{[]string{"run", "tls-report", "--quiet", "--server", p.Submission}, "verified     yes, as " + MX},
		{append([]string{"run", "auth-methods", "--quiet", "--server", p.Submission}, login...), "SCRAM-SHA-256        works 235"},
	} {
		if code, out := run(tt.args...); code != 0 || !strings.Contains(out, tt.want) {
			t.Errorf("smtpsh %s: status %d, want %q in\n%s", strings.Join(tt.args, " "), code, tt.want, out)
		}
	}
	// a relay that requires TLS, and one that trusts this machine
	if code, out := run("run", "open-relay", "--quiet", "--server", p.Relay, "--var", "domain=example.test", "--var",
		"victim=joe@remote.test"); code != 1 ||
		!strings.Contains(out, "this server relays for strangers: plain, null sender") || !strings.Contains(out,
		"note: this client runs on the server's machine") {
		t.Errorf("a relay behind required TLS: status %d\n%s", code, out)
	}
	if code, out := run("run", "gmail-send", "--server", p.Submission, "--var", "user="+Ann, "--var", "x=y", "--secret",
		"pass=@cmd:echo wrong"); code != 7 {
		t.Errorf("a wrong password: status %d\n%s", code, out)
	}
}
