package dialogue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/dialogue"
)

// logs are sessions in the output of other programs. Those of curl 7.88, Python 3.11,
// OpenSSL 3.0 and swaks are real, with the sandbox; the others follow the documentation of
// the programs.
var logs = map[string]struct {
	target                        string // where the resulting test must pass; "" for nowhere
	sends, logins, messages, hear int
}{
	"curl.txt":              {"sandbox:plain/submission", 6, 1, 1, 9},
	"curl-refused.txt":      {"sandbox:plain/mx", 4, 0, 0, 5},
	"smtplib-1.txt":         {"sandbox:plain/submission", 7, 1, 1, 10},
	"smtplib-2.txt":         {"sandbox:plain/submission", 7, 1, 1, 10},
	"s_client-starttls.txt": {"sandbox:plain/submission", 4, 1, 0, 6},
	"s_client.txt":          {"sandbox:plain/submissions", 2, 0, 0, 3},
	"s_client-quiet.txt":    {"sandbox:plain/submissions", 3, 0, 0, 4},
	"swaks.txt":             {"sandbox:plain/mx", 5, 0, 1, 7},
	"telnet.txt":            {"", 5, 1, 1, 8},
	"phpmailer.txt":         {"sandbox:plain/submission", 7, 1, 1, 10},
	"phpmailer-html.txt":    {"sandbox:plain/submission", 7, 1, 1, 10},
	"phpmailer-old.txt":     {"sandbox:plain/submission", 7, 1, 1, 10},
	"rfc821.txt":            {"sandbox:plain/submission", 7, 1, 1, 10},
	"received-sent.txt":     {"sandbox:plain/submission", 7, 1, 1, 10},
	"angles.txt":            {"sandbox:plain/submission", 7, 1, 1, 10},
	"arrows-client.txt":     {"sandbox:plain/submission", 7, 1, 1, 10},
	"arrows-server.txt":     {"sandbox:plain/submission", 7, 1, 1, 10},
	"stamped.txt":           {"sandbox:plain/submission", 7, 1, 1, 10},
	"postfix-notice.txt":    {"sandbox:plain/submission", 7, 1, 1, 10},
	"sendmail-v.txt":        {"sandbox:plain/submission", 7, 1, 1, 10},
	"console.txt":           {"sandbox:plain/submission", 7, 1, 1, 10},
}

func TestLogsOfOtherPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/logs/*.txt")
	if err != nil || len(files) != len(logs) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := logs[filepath.Base(file)]
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rec, err := dialogue.Read(t.Context(), bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, it := range rec.Items {
				got[it.Kind]++
			}
			if got["send"] != want.sends || got["login"] != want.logins || got["content"] != want.messages || got["reply"] != want.hear ||
				len(rec.Sessions) != 1 {
				t.Errorf("%v in %d sessions", got, len(rec.Sessions))
			}
			text, lua := rec.WriteDialogue("x"), rec.WriteLua("x")
			for _, secret := range []string{"ann-secret", "YW5uLXNlY3JldA", "AGFub", "YW5uQHNh"} {
				if strings.Contains(text, secret) || strings.Contains(lua, secret) {
					t.Errorf("%s is in the test:\n%s", secret, text)
				}
			}
			script, err := dialogue.Parse(file, text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if want.target == "" {
				return
			}
			if _, err := script.Play(t.Context(), env(t, want.target)); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}

func TestLogsThatCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"prose":                   {"hello\nworld", "line 1"},
		"prose around C and S":    {"S: 220 mx\nC: NOOP\nthen it said\nS: 250", "line 3"},
		"a part of a line":        {"S: 220 mx\nC: NO  (no line end)\nC: OP\nS: 250", "line 2"},
		"a line with a bare LF":   {"S: 220 mx\nC: NOOP\\n\nS: 250", "line 2"},
		"a line that was cut":     {"S: 220 mx\nC: DATA\nS: 354 go\nC: xxx... (3000 bytes)\nC: .\nS: 250", "line 4"},
		"a line within a session": {"*  connection closed\nS: 220 mx\nnoise\nC: NOOP\nS: 250", "line 3"},
		"S without a code": {
			"S: 220 mx\nC: NOOP\nS: fine",
			`line 3: a line of the server must begin with a reply code: "fine"`,
		},
		"a code that goes on":         {"S: 220 mx\nC: NOOP\nS: 2500 x", "line 3"},
		"another code within a reply": {"S: 220-mx\nS: 250 x", "line 2"},
		"a command within a reply":    {"S: 220-mx\nC: NOOP\nS: 250", "line 2"},
		"an open reply":               {"S: 220 mx\nC: EHLO x\nS: 250-mx", "the last line of a reply is missing"},
		"commands alone":              {"C: EHLO x\nC: NOOP", "no reply"},
		"a reply that was cut": {
			"S: 220 mx\nC: HELP\nS: 214-x\n*  12 more lines, 3000 bytes of the reply are not shown\nS: 214 y",
			"line 4",
		},
		"a reply that was cut, in today's words": {
			"S: 220 mx\nC: HELP\nS: 214-x\n*  12 further lines of the reply are not shown (3000 bytes)\nS: 214 y",
			"line 4",
		},
		"a message that was cut": {
			"S: 220 mx\nC: DATA\nS: 354 go\nC: x\n*  900 more bytes of the message are not shown\nC: .\nS: 250",
			"line 5",
		},
		"arrows with a stray line": {"<-- 220 mx\n--> EHLO me\nwhat is this\n<-- 250 mx", "line 3"},
		"arrows without a code":    {"<-- 220 mx\n--> EHLO me\n<-- yes\n--> QUIT", "line 3"},
		"telnet with a stray line": {
			"Trying 192.0.2.1...\nConnected to mx.\n220 mx\nEHLO me\nnothing came for a minute\n250 mx",
			"line 5",
		},
		"telnet with a mark":                {"220 mx\n<EHLO me\n250 mx", "line 2"},
		"curl with a stray line":            {"* Connected to x\n< 220 mx\n> EHLO me\nwhat is this\n< 250 mx", "line 4"},
		"smtplib with a stray line":         {"reply: b'220 mx\\r\\n'\nsend: 'ehlo me\\r\\n'\nwhat is this\nreply: b'250 mx\\r\\n'", "line 3"},
		"smtplib with a string that is cut": {"reply: b'220 mx\\r\\n'\nsend: 'ehlo me\\r\\n\nreply: b'250 mx\\r\\n'", "line 2"},
		"PHPMailer with a stray line": {
			"SERVER -> CLIENT: 220 mx\nCLIENT -> SERVER: EHLO me\nwhat is this\nSERVER -> CLIENT: 250 mx",
			"line 3",
		},
		"PHPMailer's commands alone":  {"CLIENT -> SERVER: EHLO me\nCLIENT -> SERVER: QUIT", "no reply"},
		"R without a code":            {"R: 220 mx\nS: EHLO me\nR: welcome", "line 3"},
		"a log of a web server":       {`127.0.0.1 - - [26/Nov/2026:01:00:00 +0000] "GET / HTTP/1.1" 200 12`, "line 1"},
		"JSON that is none of smtpsh": {`{"event":"line-received","data":`, "line 1"},
	} {
		rec, err := dialogue.Read(t.Context(), strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			text := ""
			if err == nil {
				text = rec.WriteDialogue("x")
			}
			t.Errorf("%s: want %q, got %v\n%s", name, tt.want, err, text)
		}
	}
}

// Credentials never get into a test, whatever the result of the login.
func TestCredentialsInLogs(t *testing.T) {
	const plain, user, pass = "AGFubgBnZWhlaW0xMjM=", "YW5uQGV4YW1wbGUub3Jn", "Z2VoZWltMTIz"
	head := "S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN\n"
	for name, text := range map[string]string{
		"initial response":  head + "C: AUTH PLAIN " + plain + "\nS: 235 ok\n",
		"small letters":     head + "C: auth plain " + plain + "\nS: 535 no\n",
		"a blank before it": head + "C:   AUTH PLAIN " + plain + "\nS: 535 no\n",
		"LOGIN": head + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + pass +
			"\nS: 235 ok\n",
		"LOGIN with the name": head + "C: AUTH LOGIN " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + pass + "\nS: 535 no\n",
		"given up": head + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + pass +
			"\nS: 334 again\nC: *\nS: 501 ok\n",
		"refused, and gone on": head + "C: AUTH LOGIN\nS: 530 TLS first\nC: " + user + "\nS: 500 what\nC: " + pass +
			"\nS: 500 what\nC: QUIT\nS: 221 bye\n",
		"misspelt":                  head + "C: AUHT PLAIN " + plain + "\nS: 500 what\n",
		"without the mechanism":     head + "C: AUTH " + plain + "\nS: 504 what\n",
		"in the wrong place":        head + "C: NOOP " + plain + "\nS: 250 ok\n",
		"repeated by the server":    head + "C: AUTH PLAIN " + plain + "\nS: 535 cannot use " + plain + "\nC: QUIT\nS: 221 bye\n",
		"the end of the log":        head + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + pass + "\n",
		"a connection that is lost": head + "C: AUTH PLAIN " + plain + "\n",
		"telnet": "220 mx\nEHLO me\n250 mx\nAUTH LOGIN\n334 VXNlcm5hbWU6\n" + user + "\n334 UGFzc3dvcmQ6\n" + pass +
			"\n235 ok\n",
		"smtplib": "reply: b'220 mx\\r\\n'\nsend: 'AUTH PLAIN " + plain + "\\r\\n'\nreply: b'235 ok\\r\\n'\n",
		"curl":    "< 220 mx\n> AUTH PLAIN\n< 334 \n> " + plain + "\n< 235 ok\n",
		"PHPMailer that hides less": "SERVER -> CLIENT: 220 mx\nCLIENT -> SERVER: AUTH LOGIN\nSERVER -> CLIENT: 334 VXNlcm5hbWU6\nCLIENT " +
			"-> SERVER: " + user + "\nSERVER -> CLIENT: 334 UGFzc3dvcmQ6\nCLIENT -> SERVER: " + pass + "\nSERVER -> CLIENT: 235 ok\n",
		"two lines that are masked":  head + "C: AUTH LOGIN ********\nS: 334 x\nC: ********\nS: 235 ok\n",
		"an error, masked, in a log": head + "C: AUTHX ********\nS: 500 ******** what\nC: QUIT\nS: 221 bye\n",
	} {
		rec, err := dialogue.Read(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		smtp, lua := rec.WriteDialogue("x"), rec.WriteLua("x")
		for _, secret := range []string{plain, user, pass, "geheim123"} {
			if strings.Contains(smtp, secret) || strings.Contains(lua, secret) {
				t.Errorf("%s: %s is in the test:\n%s\n%s", name, secret, smtp, lua)
			}
		}
		if _, err := dialogue.Parse("x", smtp); err != nil {
			t.Errorf("%s: %v\n%s", name, err, smtp)
		}
	}
}

// A log of two sessions makes two connections.
func TestLogsOfSeveralSessions(t *testing.T) {
	for name, text := range map[string]string{
		"ours": "*  connected to 127.0.0.1:25\nS: 220 mx\nC: QUIT\nS: 221 bye\n*  connection closed after QUIT\n*  connected to " +
			"127.0.0.1:25\nS: 220 mx\nC: QUIT\nS: 221 bye\n",
		"telnet": "Trying 192.0.2.1...\n220 mx\nQUIT\n221 bye\nConnection closed by foreign host.\n$ telnet mx 25\nTrying 192.0.2.1...\n" +
			"220 mx\nQUIT\n221 bye\n",
		"curl": "*   Trying 127.0.0.1:25...\n< 220 mx\n> QUIT\n< 221 bye\n*   Trying 127.0.0.1:25...\n< 220 mx\n> QUIT\n< 221 bye\n",
		"smtplib": "connect: to ('x', 25) None\nreply: b'220 mx\\r\\n'\nsend: 'quit\\r\\n'\nreply: b'221 bye\\r\\n'\nconnect: to ('x', " +
			"25) None\nreply: b'220 mx\\r\\n'\nsend: 'quit\\r\\n'\nreply: b'221 bye\\r\\n'\n",
		"PHPMailer": "Connection: opening to x\nSERVER -> CLIENT: 220 mx\nCLIENT -> SERVER: QUIT\nSERVER -> CLIENT: 221 bye\nConnection: " +
			"opening to x\nSERVER -> CLIENT: 220 mx\nCLIENT -> SERVER: QUIT\nSERVER -> CLIENT: 221 bye\n",
	} {
		rec, err := dialogue.Read(t.Context(), strings.NewReader(text))
		if err != nil || len(rec.Sessions) != 2 || len(rec.Items) != 6 {
			t.Errorf("%s: %+v, %v", name, rec, err)
			continue
		}
		script, err := dialogue.Parse("x", rec.WriteDialogue("x"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := script.Play(t.Context(), dialogue.Env{Open: playEnv(scripted(t, []string{"220 mx\r\n", "221 bye\r\n"})).Open}); err != nil {
			t.Errorf("%s: %v\n%s", name, err, rec.WriteDialogue("x"))
		}
	}
}

func FuzzReadLogs(f *testing.F) {
	files, _ := filepath.Glob("testdata/logs/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec, err := dialogue.Read(t.Context(), strings.NewReader(text))
		if err != nil {
			return
		}
		rec.WriteLua("x")
		if _, err := dialogue.Parse("x", rec.WriteDialogue("x")); err != nil {
			t.Errorf("%q: the written dialogue cannot be read: %v\n%s", text, err, rec.WriteDialogue("x"))
		}
	})
}
