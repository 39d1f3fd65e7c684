//go:build unix

package peers

import (
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtpsh/internal/authority"
)

//go:embed templates/*.in
var templates embed.FS

// Accounts of the servers.
const (
	Ann         = "ann@example.test" // delivered by Postfix itself
	AnnPassword = "secret-ann"
	Cat         = "cat@lmtp.test" // delivered by Dovecot
	Dan         = "dan@lmtp.test"
	Doerte      = "dörte@example.test" // an address that needs SMTPUTF8
)

// MX is the host name of the servers.
const MX = "mx.example.test"

// Peers is a running set of servers.
type Peers struct {
	Dir        string
	Submission string // host:port, STARTTLS and login
	SMTPS      string // implicit TLS and login
	MX         string // no login
	XClient    string // accepts XCLIENT and XFORWARD; rejects the client 198.51.100.13
	Proxied    string // expects a PROXY protocol header; rejects the client 198.51.100.13
	Cyrus      string // STARTTLS, and a login that Cyrus SASL checks
	Relay      string // TLS required, relays for every client of this machine
	LMTP       string
	LMTPSocket string
	IMAPS      string // Dovecot's mailboxes
	External   string // Dovecot's submission service, with EXTERNAL
	Roots      *x509.CertPool
	Client     tls.Certificate // ann's, for EXTERNAL
	tokenKey   []byte
}

const masterProgram = "/usr/lib/postfix/sbin/master"

// missing returns why the servers cannot run here, or "".
func missing() string {
	for _, p := range []string{
		masterProgram, "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp",
		"/usr/lib/dovecot/submission", "/usr/lib/dovecot/imap", "/usr/sbin/saslpasswd2",
	} {
		if _, err := os.Stat(p); err != nil {
			return p + " is not installed (packages postfix, dovecot-core, dovecot-lmtpd, dovecot-submissiond, dovecot-imapd, " +
				"sasl2-bin, libsasl2-modules)"
		}
	}
	if os.Geteuid() != 0 {
		return "Postfix has to be started by root"
	}
	return ""
}

// Start runs the servers for a test, or skips it if they cannot run.
func Start(t testing.TB) *Peers {
	t.Helper()
	if why := missing(); why != "" {
		if os.Getenv("SMTPSH_PEERS") == "required" {
			t.Fatalf("real servers are required: %s", why)
		}
		t.Skipf("real servers cannot run here: %s", why)
	}
	// a short path: those of sockets are limited to 108 bytes; and not in t.TempDir, whose
	// parents other users may not enter
	dir, err := os.MkdirTemp("/tmp", "smtpsh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &Peers{Dir: dir, tokenKey: []byte("jwt-hmac-secret")}
	if err := p.prepare(); err != nil {
		t.Fatalf("real servers: %v", err)
	}
	p.run(t)
	return p
}

// prepare makes directories, certificates and configuration.
func (p *Peers) prepare() error {
	ports, err := freePorts(10)
	if err != nil {
		return err
	}
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	p.Submission, p.SMTPS, p.MX, p.LMTP, p.External, p.IMAPS, p.Relay = at(0), at(1), at(2), at(3), at(4), at(5), at(6)
	p.XClient, p.Proxied, p.Cyrus = at(7), at(8), at(9)
	p.LMTPSocket = p.Dir + "/dc/lmtp.sock"
	if err := p.layout(); err != nil {
		return err
	}
	if err := p.certificates(); err != nil {
		return err
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	fill := strings.NewReplacer(
		"{dir}", p.Dir, "{submission}", strconv.Itoa(ports[0]), "{smtps}", strconv.Itoa(ports[1]), "{mx}", strconv.Itoa(ports[2]), "{relay}",
		strconv.Itoa(ports[6]), "{xclient}", strconv.Itoa(ports[7]), "{proxied}", strconv.Itoa(ports[8]),
		"{cyrus}", strconv.Itoa(ports[9]),
		"{lmtp}", strconv.Itoa(ports[3]), "{external}", strconv.Itoa(ports[4]), "{imaps}", strconv.Itoa(ports[5]), "{uid}", nobody.Uid, "{gid}",
		nobody.Gid,
		"{instance}", filepath.Base(p.Dir), "{bare_newline}", "reject", "{replace_stray}", "no", "{tls_auth_only}", "yes")
	for name, path := range map[string]string{
		"main.cf": "pf/etc/main.cf", "master.cf": "pf/etc/master.cf", "vmailbox": "pf/etc/vmailbox", "transport": "pf/etc/transport",
		"dovecot.conf": "dc/dovecot.conf", "users": "dc/users", "oauth2.conf": "dc/oauth2.conf",
		"cyrus.conf": "pf/etc/sasl/cyrus.conf",
	} {
		text, err := templates.ReadFile("templates/" + name + ".in")
		if err != nil {
			return err
		}
		path = filepath.Join(p.Dir, path)
		if err := os.WriteFile(path, []byte(fill.Replace(string(text))), 0o644); err != nil {
			return err
		}
		// Postfix waits until a new file is some seconds old
		past := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, past, past); err != nil {
			return err
		}
	}
	add := exec.Command("/usr/sbin/saslpasswd2", "-p", "-c", "-f", p.Dir+"/pf/etc/sasl/sasldb2", "-u", "example.test", "ann")
	add.Stdin = strings.NewReader(AnnPassword)
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("saslpasswd2: %w: %s", err, out)
	}
	if err := chown(p.Dir+"/pf/etc/sasl/sasldb2", "postfix"); err != nil {
		return err
	}
	key := base64.StdEncoding.EncodeToString(p.tokenKey)
	return os.WriteFile(p.Dir+"/dc/jwt/default/HS256/default", []byte(key+"\n"), 0o644)
}

// layout makes the directories with the owners that both servers require.
func (p *Peers) layout() error {
	dirs := []struct {
		path  string
		mode  os.FileMode
		owner string
	}{
		{"", 0o755, ""}, {"tls", 0o755, ""}, {"pf", 0o755, ""}, {"pf/etc", 0o755, ""}, {"pf/spool", 0o755, ""}, {"pf/spool/pid", 0o755, ""},
		{"pf/data", 0o700, "postfix"}, {"pf/spool/maildrop", 0o730, "postfix:postdrop"}, {"pf/spool/public", 0o710, "postfix:postdrop"},
		{"pf/etc/sasl", 0o755, ""}, {"dc", 0o755, ""}, {"dc/run", 0o755, ""}, {"dc/state", 0o755, ""}, {"dc/jwt/default/HS256", 0o755, ""},
		{"mail", 0o755, "nobody:nogroup"}, {"mail/lmtp", 0o755, "nobody:nogroup"},
	}
	for _, q := range strings.Fields("active bounce corrupt defer deferred flush hold incoming private saved trace") {
		dirs = append(dirs, struct {
			path  string
			mode  os.FileMode
			owner string
		}{"pf/spool/" + q, 0o700, "postfix"})
	}
	for _, d := range dirs {
		path := filepath.Join(p.Dir, d.path)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, d.mode); err != nil {
			return err
		}
		if d.owner != "" {
			if err := chown(path, d.owner); err != nil {
				return err
			}
		}
	}
	return nil
}

func chown(path, owner string) error {
	name, group, _ := strings.Cut(owner, ":")
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid := -1
	if group != "" {
		g, err := user.LookupGroup(group)
		if err != nil {
			return err
		}
		gid, _ = strconv.Atoi(g.Gid)
	}
	return os.Chown(path, uid, gid)
}

func (p *Peers) certificates() error {
	ca, err := authority.New("smtpsh test CA")
	if err != nil {
		return err
	}
	server, err := ca.Issue(authority.Leaf{Names: []string{MX, "localhost", "127.0.0.1"}})
	if err != nil {
		return err
	}
	// Dovecot uses the common name as user name
	if p.Client, err = ca.Issue(authority.Leaf{Names: []string{Ann}, Client: true}); err != nil {
		return err
	}
	p.Roots = ca.Pool()
	key, err := authority.KeyPEM(server)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"cert.pem": authority.CertPEM(server), "key.pem": key, "client-ca.pem": ca.PEM()} {
		if err := os.WriteFile(p.Dir+"/tls/"+name, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// freePorts finds free ports. Neither server can choose one itself.
func freePorts(n int) ([]int, error) {
	var out []int
	for range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer ln.Close() // all at once, so that none is returned twice
		out = append(out, ln.Addr().(*net.TCPAddr).Port)
	}
	return out, nil
}

// run starts Dovecot, then Postfix, whose smtpd needs Dovecot's socket.
func (p *Peers) run(t testing.TB) {
	t.Helper()
	p.spawn(t, "dovecot", p.Dir+"/dc/stdout", "/usr/sbin/dovecot", "-F", "-c", p.Dir+"/dc/dovecot.conf")
	p.await(t, "unix", p.Dir+"/pf/spool/private/auth")
	p.await(t, "tcp", p.LMTP)
	p.await(t, "tcp", p.External)
	p.await(t, "tcp", p.IMAPS)
	p.spawn(t, "postfix", p.Dir+"/pf/stdout", masterProgram, "-c", p.Dir+"/pf/etc", "-s")
	for _, a := range []string{p.Submission, p.SMTPS, p.MX, p.Relay} {
		p.await(t, "tcp", a)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, f := range []string{"pf/maillog", "pf/stdout", "dc/log", "dc/stdout"} {
				if b, err := os.ReadFile(filepath.Join(p.Dir, f)); err == nil {
					t.Logf("%s:\n%s", f, tail(b, 4000))
				}
			}
		}
	})
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}

// spawn starts a server in its own process group and stops the group at the end of the
// test.
func (p *Peers) spawn(t testing.TB, name, logFile string, argv ...string) {
	t.Helper()
	out, err := os.Create(logFile)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() {
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(300 * time.Millisecond): // Dovecot is slow to end if it has just started
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-done
		}
		out.Close()
	})
}

// await connects until a server answers.
func (p *Peers) await(t testing.TB, network, addr string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		c, err := net.DialTimeout(network, addr, time.Second)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %v", addr, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Maildir waits for the n-th message of a mailbox, given as its directory below the mail
// directory, and returns its bytes.
func (p *Peers) Maildir(t testing.TB, box string, n int) []byte {
	t.Helper()
	dir := filepath.Join(p.Dir, "mail", box, "new")
	deadline := time.Now().Add(60 * time.Second)
	for {
		if files, err := os.ReadDir(dir); err == nil && len(files) >= n {
			newest := files[0]
			for _, f := range files {
				fi, _ := f.Info()
				ni, _ := newest.Info()
				if fi != nil && ni != nil && fi.ModTime().After(ni.ModTime()) {
					newest = f
				}
			}
			if len(files) > n {
				t.Fatalf("%s has %d messages, want %d", box, len(files), n)
			}
			b, err := os.ReadFile(filepath.Join(dir, newest.Name()))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if time.Now().After(deadline) {
			t.Fatal(fmt.Errorf("message %d has not arrived in %s", n, box))
		}
		time.Sleep(20 * time.Millisecond)
	}
}
