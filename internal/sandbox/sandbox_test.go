package sandbox_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/sandbox"
)

// dialogues with the strict profile. Each begins after the greeting and EHLO.
var plainDialogues = []struct{ name, text string }{
	{"a message", `C: MAIL FROM:<a@example.org> SIZE=10 BODY=8BITMIME
		S: 250 2.1.0
		C: RCPT TO:<bob@sandbox.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@sandbox.test
		S: 250 2.1.5
		C: DATA
		S: 354
		C: Subject: x
		C:
		C: ..stuffed
		C: .
		S: 250 2.0.0
		C: QUIT
		S: 221
		S: closed`},
	{"commands in the wrong order", `C: RCPT TO:<bob@sandbox.test>
		S: 503 5.5.1
		C: DATA
		S: 503 5.5.1
		C: MAIL FROM:<a@example.org>
		S: 250
		C: MAIL FROM:<a@example.org>
		S: 503
		C: DATA
		S: 503
		C: RSET
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 503`},
	{"EHLO resets", `C: MAIL FROM:<a@example.org>
		S: 250
		C: EHLO x
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 503`},
	{"a rejected EHLO changes nothing", `C: MAIL FROM:<a@example.org>
		S: 250
		C: EHLO a b
		S: 501
		C: RCPT TO:<bob@sandbox.test>
		S: 250`},
	{"syntax", `C: MAIL FROM: <a@example.org>
		S: 501
		C: MAIL FROM:a@example.org
		S: 501
		C: MAIL TO:<a@example.org>
		S: 501
		C: MAIL FROM:<a@example.org>x
		S: 501
		C: MAIL FROM:<a..b@example.org>
		S: 501 5.1.7
		C: MAIL FROM:<"a b"@example.org>
		S: 250
		C: RCPT TO:<@x,@y:bob@sandbox.test>
		S: 250
		C: RCPT TO:<postmaster>
		S: 250
		C: RCPT TO:<bob@[127.0.0.1>
		S: 501
		C: RCPT TO:<bob@-sandbox.test>
		S: 501`},
	{"parameters", `C: MAIL FROM:<> FOO=1
		S: 555
		C: MAIL FROM:<> SIZE=x
		S: 501
		C: MAIL FROM:<> SIZE=99999999999
		S: 552
		C: MAIL FROM:<> BODY=9BIT
		S: 501
		C: MAIL FROM:<> RET=HDRS ENVID=a+2Bb
		S: 250
		C: RCPT TO:<bob@sandbox.test> NOTIFY=NEVER,SUCCESS
		S: 501
		C: RCPT TO:<bob@sandbox.test> ORCPT=bob
		S: 501`},
	{"SMTPUTF8", `C: MAIL FROM:<a@example.org>
		S: 250
		C: RCPT TO:<dörte@sandbox.test>
		S: 553 5.6.7
		C: RSET
		S: 250
		C: MAIL FROM:<jürgen@example.org> SMTPUTF8
		S: 250
		C: RCPT TO:<dörte@sandbox.test>
		S: 250`},
	{"chunks", `C: MAIL FROM:<a@example.org> BODY=BINARYMIME
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 250
		C: DATA
		S: 503
		C: BDAT 5
		C> ab\r\n.
		S: 250
		C: DATA
		S: 503
		C: BDAT 0 LAST
		S: 250 2.0.0`},
	{"a rejected chunk is read to its end", `C: BDAT 7
		C> QUIT\r\nX
		S: 503
		C: NOOP
		S: 250`},
	{"smuggling: LF dot LF does not end DATA", `C: MAIL FROM:<a@example.org>
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 250
		C: DATA
		S: 354
		C> x\n.\nMAIL FROM:<evil@example.org>\r\n.\n\r.\r\nx\r\n.\r\n
		S: 554 5.6.0
		C: NOOP
		S: 250`},
	{"unknown and missing", `C: FOO
		S: 500
		C:
		S: 500
		C: NOOP anything
		S: 250
		C: RSET now
		S: 501
		C: QUIT now
		S: 501
		C> NOOP\n
		S: 500
		C: HELP
		S: 214
		C: LHLO x
		S: 500`},
	{"VRFY and EXPN", `C: VRFY ann
		S: 250 2.1.5 <ann@sandbox.test>
		C: VRFY nobody
		S: 252
		C: VRFY
		S: 501
		C: EXPN everybody
		S: 250-2.1.5 <ann@sandbox.test>
		C: EXPN others
		S: 550`},
	{"relaying", `C: MAIL FROM:<a@example.org>
		S: 250
		C: RCPT TO:<victim@example.com>
		S: 550 5.7.1`},
	{"STARTTLS and AUTH", `C: AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==
		S: 538
		C: STARTTLS now
		S: 501
		C: STARTTLS!
		C: MAIL FROM:<a@example.org>
		S: 503
		C: EHLO x
		S: 250-sandbox.test
		C: STARTTLS
		S: 503
		C: AUTH NTLM
		S: 504
		C: AUTH PLAIN !!!
		S: 501
		C: AUTH PLAIN
		S: 334 
		C: *
		S: 501
		C: AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=
		S: 535
		C: AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==
		S: 235
		C: AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==
		S: 503
		C: MAIL FROM:<ann@sandbox.test>
		S: 250
		C: RCPT TO:<anybody@example.com>
		S: 250`},
	{"commands pipelined after STARTTLS are dropped", `C> STARTTLS\r\nNOOP\r\n
		S: 501 5.5.0
		C: QUIT
		S: 221`},
	{"pipelined", `C> MAIL FROM:<a@example.org>\r\nRCPT TO:<bob@sandbox.test>\r\nRCPT TO:<unknown-user@sandbox.test>\r\nDATA\r\n
		S: 250 2.1.0
		S: 250 2.1.5
		S: 550 5.1.1
		S: 354
		C> .\r\nRSET\r\nQUIT\r\n
		S: 250 2.0.0
		S: 250
		S: 221`},
}

func TestPlainDialogues(t *testing.T) {
	for _, d := range plainDialogues {
		t.Run(d.name, func(t *testing.T) {
			s := start(t, "plain")
			dial(t, s, "submission").dialogue(s, "S: 220\nC: EHLO client.example.org\nS: 250\n"+d.text)
		})
	}
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	s := start(t, "lmtp")
	dial(t, s, "").dialogue(s, `S: 220
		C: EHLO x
		S: 500
		C: LHLO x
		S: 250
		C: MAIL FROM:<a@example.org>
		S: 250
		C: DATA
		S: 503
		C: RCPT TO:<ann@sandbox.test>
		S: 250
		C: RCPT TO:<over-quota@sandbox.test>
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 250
		C: DATA
		S: 354
		C: .
		S: 250 2.0.0
		S: 452 4.2.2
		S: 250 2.0.0
		C: QUIT
		S: 221`)
	m := s.Messages()
	if len(m) != 1 || len(m[0].Rcpts) != 2 {
		t.Fatalf("kept %+v, want one message for two recipients", m)
	}
}

func TestMessagesAreKeptExactly(t *testing.T) {
	s := start(t, "plain")
	c := dial(t, s, "mx")
	c.dialogue(s, `S: 220
		C: EHLO me.example.org
		S: 250
		C: MAIL FROM:<a@example.org> SIZE=100
		S: 250
		C: RCPT TO:<bob@sandbox.test>
		S: 250
		C: DATA
		S: 354
		C> Subject: x\r\n\r\n..\r\n..dot\r\n\0\xff end\r\n.\r\n
		S: 250`)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	msgs, err := s.WaitMessages(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	m := msgs[0]
	if want := "Subject: x\r\n\r\n.\r\n.dot\r\n\x00\\xff end\r\n"; string(m.Data) != want {
		t.Errorf("data %q, want %q", m.Data, want)
	}
	if m.From != "a@example.org" || m.Rcpts[0].Address != "bob@sandbox.test" || m.HELO != "me.example.org" || m.Service != "mx" || m.TLS ||
		m.MailParams[0] != "SIZE=100" {
		t.Errorf("envelope %+v", m)
	}
}

func TestStoreDropsTheOldest(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{Profile: "plain", Memory: sandbox.ConnCost + 2600, Forget: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
	for range 5 {
		c.dialogue(s, "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: BDAT 400 LAST\nC> "+strings.Repeat("x", 400)+"\nS: 250")
	}
	m := s.Messages()
	if len(m) != 2 || m[1].ID != 5 {
		t.Fatalf("%d messages are kept, the last is number %d", len(m), m[len(m)-1].ID)
	}
}

func TestEverySituationIsWellFormed(t *testing.T) {
	names, summaries := sandbox.ProfileNames()
	if len(names) == 0 {
		t.Fatal("no profiles")
	}
	for i, name := range names {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		if summaries[i] == "" || len(p.Services) == 0 {
			t.Errorf("profile %s has no summary or no services", name)
		}
		seen := map[string]bool{}
		for _, s := range p.Situations() {
			if seen[s.Key] {
				t.Errorf("%s: %s is in the table twice", name, s.Key)
			}
			seen[s.Key] = true
			if s.Code() < 200 || s.Code() > 599 || s.Stage == "" {
				t.Errorf("%s: %s has code %d and stage %q", name, s.Key, s.Code(), s.Stage)
			}
			if strings.HasPrefix(name, "gmail") && s.Evidence == "" {
				t.Errorf("%s: %s has no evidence", name, s.Key)
			}
			for l := range strings.SplitSeq(s.Reply, "\n") {
				if len(l) > 510-30 || strings.ContainsAny(l, "\r\t") {
					t.Errorf("%s: %s has a bad line %q", name, s.Key, l)
				}
			}
		}
	}
}

// TestSituationsCanBeCaused causes every rejection of Gmail's table with an address or a user
// name, at its stage.
func TestSituationsCanBeCaused(t *testing.T) {
	p, err := sandbox.LookupProfile("gmail")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, "gmail")
	met := 0
	for _, sit := range p.Situations() {
		if sit.Code() < 400 || sit.Stage == "starttls" || sit.Stage == "hello" || sit.Stage == "connect" || sit.Stage == "bdat" {
			continue
		}
		t.Run(sit.Key, func(t *testing.T) {
			first, _, _ := strings.Cut(sit.Reply, "{")
			first, _, _ = strings.Cut(first, "\n")
			c := dial(t, s, "submissions")
			c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
			if sit.Stage == "auth" {
				c.dialogue(s, "C: AUTH PLAIN "+b64("\x00"+sit.Key+"@gmail.com\x00any")+"\nS: "+first)
				return
			}
			c.dialogue(s, login)
			from, to := "alice@gmail.com", sit.Key+"@gmail.com"
			switch sit.Stage {
			case "mail", "any":
				c.dialogue(s, "C: MAIL FROM:<"+to+">\nS: "+first)
				return
			}
			c.dialogue(s, "C: MAIL FROM:<"+from+">\nS: 250")
			if sit.Stage == "rcpt" {
				c.dialogue(s, "C: RCPT TO:<"+to+">\nS: "+first)
				return
			}
			c.dialogue(s, "C: RCPT TO:<"+to+">\nS: 250")
			if sit.Stage == "data" {
				c.dialogue(s, "C: DATA\nS: "+first)
				return
			}
			c.dialogue(s, "C: DATA\nS: 354\nC: .\nS: "+first)
		})
		met++
	}
	if met < 55 {
		t.Errorf("only %d situations were met", met)
	}
}

func TestGmailAccounts(t *testing.T) {
	s := start(t, "gmail")
	plain := func(user, password string) string { return "C: AUTH PLAIN " + b64("\x00"+user+"\x00"+password) }
	token := func(user, token string) string {
		return "C: AUTH XOAUTH2 " + b64("user="+user+"\x01auth=Bearer "+token+"\x01\x01")
	}
	for _, tt := range []struct{ name, text string }{
		{"app password", plain("alice@gmail.com", "abcdefghijklmnop") + "\nS: 235 2.7.0 Accepted"},
		{"app password in groups", plain("ALICE@gmail.com", "abcd efgh ijkl mnop") + "\nS: 235"},
		{"wrong password", plain("alice@gmail.com", "x") + "\nS: 535-5.7.8"},
		{"unknown user", plain("nobody@gmail.com", "x") + "\nS: 535-5.7.8"},
		{"ordinary password", plain("bob@gmail.com", "bob-ordinary") + "\nS: 534-5.7.9 Application-specific password required"},
		{"his app password", plain("bob@gmail.com", "bbbbccccddddeeee") + "\nS: 235"},
		{"good token", token("carol@gmail.com", "ya29.carol-good") + "\nS: 235"},
		{"expired token", token("dave@gmail.com", "ya29.dave-expired") + "\nS: 334 eyJzdGF0dXMi\nC: \nS: 535-5.7.8"},
		{"bearer", "C: AUTH OAUTHBEARER " + b64("n,a=carol@gmail.com,\x01auth=Bearer ya29.carol-good\x01\x01") + "\nS: 235"},
		{"browser login", plain("erin@gmail.com", "eeeeffffgggghhhh") + "\nS: 534-5.7.9 Please log in with your web browser"},
		{
			"daily limit",
			plain("frank@gmail.com", "ffffgggghhhhiiii") + "\nS: 235\nC: MAIL FROM:<frank@gmail.com>\nS: 250\nC: RCPT TO:<a@example.com>\nS: " +
				"250\nC: DATA\nS: 354\nC: .\nS: 550-5.4.5",
		},
		{"too many logins", plain("grace@gmail.com", "gggghhhhiiiijjjj") + "\nS: 454-4.7.0 Too many login attempts"},
		{"dead mechanism", "C: AUTH XOAUTH abc\nS: 504 5.7.4 XOAUTH is no longer supported"},
		{"unknown mechanism", "C: AUTH CRAM-MD5\nS: 504 5.7.4 Unrecognized"},
		{"not base64", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: QUIT\nS: 501 5.5.2"},
		{"MAIL first", "C: MAIL FROM:<a@b>\nS: 530-5.7.0 Authentication Required"},
		{
			"too many recipients",
			login + "\nC: MAIL FROM:<a@example.com>\nS: 250\n" + strings.Repeat("C: RCPT TO:<a@example.com>\nS: 250\n", 100) +
				"C: RCPT TO:<a@example.com>\nS: 452-4.5.3",
		},
		{"too big", login + "\nC: MAIL FROM:<a@example.com> SIZE=35882578\nS: 552-5.3.4"},
		{
			"two subjects",
			login + "\nC: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<a@example.com>\nS: 250\nC: DATA\nS: 354\nC: Subject: a\nC: Subject: b\n" +
				"C: .\nS: 550-5.7.1 This message is not RFC 5322 compliant",
		},
		{
			"mail loop",
			login + "\nC: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<a@example.com>\nS: 250\nC: DATA\nS: 354\n" +
				strings.Repeat("C: Received: x\n",
					51) + "C: .\nS: 554 5.4.6",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dial(t, s, "submissions").dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+tt.text)
		})
	}
}

func TestSessionIDStaysTheSame(t *testing.T) {
	s := start(t, "gmail")
	c := dial(t, s, "submission")
	greeting := strings.Fields(c.reply())
	id := greeting[3]
	if !strings.Contains(id, "sm") {
		t.Errorf("submission id %q has no sm", id)
	}
	c.dialogue(s, "C: STARTTLS!")
	c.write("NOOP\r\n")
	if r := c.reply(); !strings.Contains(r, id) {
		t.Errorf("%q does not have the id %s of the greeting", r, id)
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{Profile: "gmail", Idle: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dial(t, s, "mx").dialogue(s, "S: 220\nS: 451-4.4.2 Timeout - closing connection.\nS: closed")
}

func TestBigMessages(t *testing.T) {
	s := start(t, "plain")
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 354")
	line := strings.Repeat("x", 998) + "\r\n"
	block := strings.Repeat(line, 1000)
	for range 66 { // 66 MB: more than the 64 MiB of the profile is not kept
		c.write(block)
	}
	c.write(strings.Repeat(line, 2000))
	c.dialogue(s, "C: .\nS: 552 5.3.4\nC: NOOP\nS: 250")
	if n := len(s.Messages()); n != 0 {
		t.Fatalf("%d messages are kept", n)
	}
}

func TestListenErrors(t *testing.T) {
	for _, opts := range []sandbox.Options{{Profile: "exim"}, {Listen: "127.0.0.1:x"}, {Listen: "192.0.2.1:25"}} {
		if s, err := sandbox.Start(opts); err == nil {
			s.Close()
			t.Errorf("%+v started", opts)
		}
	}
}

// FuzzConversation sends arbitrary bytes to a server. It must answer or close the connection,
// and still serve the next client.
func FuzzConversation(f *testing.F) {
	f.Add("plain", []byte("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<bob@sandbox.test>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"))
	f.Add("plain", []byte("EHLO x\r\nBDAT 3 LAST\r\nabcBDAT x\r\n"))
	f.Add("gmail", []byte("HELO x\r\nHELP\r\nVRFY a\r\nmail from: zzz\r\n"))
	f.Add("lmtp", []byte("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann@sandbox.test>\r\nDATA\r\n.\r\n"))
	f.Add("plain", []byte("STARTTLS\r\n\x16\x03\x01\x00\x05"))
	f.Add("plain", []byte("EHLO "+strings.Repeat("x", 3000)+"\r\nEHLO \xff\xfe\r\nMAIL FROM:<"+strings.Repeat("x", 5000)+"@b>\r\n"))
	f.Add("gmail", []byte("EHLO "+strings.Repeat("x.", 6000)+"\r\n"))
	f.Add("plain", []byte("\x00\xff\r\r\n\n\nAUTH\r\nEHLO\r\n"))
	servers := map[string]*sandbox.Server{}
	for _, p := range []string{"plain", "gmail", "lmtp"} {
		servers[p] = start(f, p)
	}
	f.Fuzz(func(t *testing.T, profile string, in []byte) {
		s := servers[profile]
		if s == nil {
			s = servers["plain"]
		}
		service := "mx"
		if profile == "lmtp" {
			service = "lmtp"
		}
		c := dial(t, s, service)
		go func() {
			c.nc.Write(in) //nolint:errcheck // The server may close the connection.
			c.nc.(interface{ CloseWrite() error }).CloseWrite()
		}()
		for n := 0; ; n++ {
			l, err := c.r.ReadString('\n')
			if err != nil {
				break
			}
			if len(l) > 512 || !strings.HasSuffix(l, "\r\n") {
				t.Fatalf("bad line %q", l)
			}
		}
	})
}

func BenchmarkMessages(b *testing.B) {
	s := start(b, "plain")
	c := dial(b, s, "mx")
	c.nc.SetDeadline(time.Time{})
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
	body := make([]byte, 700)
	rand.Read(body)
	text := fmt.Sprintf("MAIL FROM:<a@example.org>\r\nRCPT TO:<bob@sandbox.test>\r\nDATA\r\n%x\r\n.\r\n", body)
	for b.Loop() {
		c.write(text)
		for range 4 {
			c.reply()
		}
	}
}
