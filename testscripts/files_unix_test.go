//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package testscripts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is the time limit for a command, not a measurement.
const patience = 40 * time.Second

// fileCommand prepares a command in a folder with its own home. The line is run by sh, with
// $1 ... for the arguments.
func fileCommand(t *testing.T, dir, line string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", line, "sh"}, args...)...)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "HOME="+filepath.Join(dir, "home"), "XDG_STATE_HOME=", "SMTPSH_SERVER=sandbox:plain", "GITHUB_ACTIONS=",
		"SSLKEYLOGFILE=")
	return cmd
}

// run runs it and returns its output and exit status.
func run(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// picture describes everything below a folder by inode, permissions and content.
func picture(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %d %v", path, info.Sys().(*syscall.Stat_t).Ino, info.Mode())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", text)
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const failing = "it('fails', function() smtp.connect('sandbox:plain'); expect(1):equals(2) end)\n"

// TestFolderOfAnotherUser runs commands in a folder that another user has prepared with links
// to files of this user. Nothing outside may change, and the program reports what it did
// not write.
func TestFolderOfAnotherUser(t *testing.T) {
	link := func(name string, to string) func(dir, home string) error {
		return func(dir, home string) error {
			at := filepath.Join(dir, name)
			return errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(strings.ReplaceAll(to, "HOME", home), at))
		}
	}
	file := func(name, text string) func(dir, home string) error {
		return func(dir, _ string) error {
			at := filepath.Join(dir, name)
			return errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(text), 0o644))
		}
	}
	all := func(fs ...func(dir, home string) error) func(dir, home string) error {
		return func(dir, home string) error {
			var errs []error
			for _, f := range fs {
				errs = append(errs, f(dir, home))
			}
			return errors.Join(errs...)
		}
	}
	ours := "smtpsh test keeps the transcripts of failed tests here\n"
	for name, c := range map[string]struct {
		prepare func(dir, home string) error
		command string
		status  int
		want    string
	}{
		"smtpsh-out is a link": {link("smtpsh-out", "HOME"), "smtpsh test .", 2, "smtpsh-out: something that smtpsh " +
			"did not create is there"},
		"smtpsh-out is a link to nothing": {link("smtpsh-out", "HOME/new"), "smtpsh test .", 2, "something that smtpsh did not create is there"},
		"its mark is a link": {
			link("smtpsh-out/.smtpsh-out", "HOME/victim"), "smtpsh test .", 2,
			".smtpsh-out: something that smtpsh did not create is there",
		},
		"its mark is a link to a mark": {link("smtpsh-out/.smtpsh-out", "HOME/mark"), "smtpsh test .", 2, "something that smtpsh " +
			"did not create is there"},
		"its mark is a link to nothing": {link("smtpsh-out/.smtpsh-out", "HOME/new"), "smtpsh test .", 2, "something that smtpsh " +
			"did not create is there"},
		"its mark is another's file": {file("smtpsh-out/.smtpsh-out", "precious"), "smtpsh test .", 2, "something that smtpsh " +
			"did not create is there"},
		"a transcript is a link": {
			link("smtpsh-out/001-fails.test.txt", "HOME/victim"), "smtpsh test .", 1,
			"transcripts of failures and warnings are in smtpsh-out",
		},
		"an old transcript is a link": {
			all(file("smtpsh-out/.smtpsh-out", ours), link("smtpsh-out/001-x.test.txt", "HOME/victim")),
			"smtpsh test .", 1, "transcripts of failures and warnings are in smtpsh-out",
		},
		"the marked folder is a link": {link("smtpsh-out", "HOME/out"), "smtpsh test .", 2, "something that smtpsh did not create is there"},
		"a user's own link is followed": {
			link("linked", "HOME/out/../../dir/real"),
			"mkdir real; smtpsh test . --out linked && exit 7; ls real", 0,
			"001-fails.test.txt",
		},
		".smtpsh is a link":            {link(".smtpsh", "HOME"), "smtpsh init", 2, "something that smtpsh did not create is there"},
		".smtpsh is a link to nothing": {link(".smtpsh", "HOME/new"), "smtpsh init", 2, "something that smtpsh did not create is there"},
		"the definitions are a link": {link(".smtpsh/smtpsh.lua", "HOME/victim"), "smtpsh init", 2, "something that smtpsh " +
			"did not create is there"},
		"the definitions are another's": {file(".smtpsh/smtpsh.lua", "precious"), "smtpsh init", 2, "something that smtpsh did " +
			"not create is there"},
		"the definitions are of long ago": {file(".smtpsh/smtpsh.lua", "---@meta smtpsh\nold"), "smtpsh init", 0, "wrote  .smtpsh/smtpsh.lua"},
		"the editor's file is a link":     {link(".luarc.json", "HOME/victim"), "smtpsh init", 0, "kept   .luarc.json"},
		"the first test is a link":        {link("first_test.lua", "HOME/new"), "smtpsh init", 0, "kept   first_test.lua"},
		"a recorded test is a link": {
			all(link("out.smtp", "HOME/victim"), file("log", "S: 220 x\nC: QUIT\nS: 221 x\n")),
			"smtpsh record2test log -o out.smtp", 2, "out.smtp exists",
		},
		"a saved conversation is a link": {
			link("out.smtp", "HOME/new"),
			"printf 'NOOP\\n:save out.smtp\\n' | smtpsh sandbox:plain", 2,
			"out.smtp exists",
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir, home := filepath.Join(top, "dir"), filepath.Join(top, "home")
			for _, err := range []error{
				os.Mkdir(dir, 0o755), os.MkdirAll(filepath.Join(home, "out"), 0o755),
				os.WriteFile(filepath.Join(dir, "a_test.lua"), []byte(failing), 0o644),
				os.WriteFile(filepath.Join(home, "victim"), []byte("precious"), 0o644),
				os.WriteFile(filepath.Join(home, "mark"), []byte(ours), 0o644),
				os.WriteFile(filepath.Join(home, "out", ".smtpsh-out"), []byte(ours), 0o644),
				os.WriteFile(filepath.Join(home, "out", "001-old.test.txt"), []byte("precious"), 0o644),
				c.prepare(dir, home),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			before := picture(t, home)
			cmd := fileCommand(t, dir, c.command)
			out, status := run(t, cmd)
			if status != c.status || !strings.Contains(out, c.want) {
				t.Errorf("status %d, want %d and %q:\n%s", status, c.status, c.want, out)
			}
			if now := picture(t, home); now != before {
				t.Errorf("smtpsh changed a file outside of the folder:\n%s%s", before, now)
			}
		})
	}
}

// TestPermissions checks the files that commands leave, with a umask of 0: only the owner
// can read files that can contain addresses or messages.
func TestPermissions(t *testing.T) {
	for file, c := range map[string]struct{ command, want string }{
		"junit.xml":                     {"smtpsh test . --report-junit junit.xml", "-rw-------"},
		"tap.txt":                       {"smtpsh test . --report-tap tap.txt", "-rw-------"},
		"test.json":                     {"smtpsh test . --report-json test.json", "-rw-------"},
		"smtpsh-out":                    {"smtpsh test .", "drwx------"},
		"smtpsh-out/.smtpsh-out":        {"smtpsh test .", "-rw-------"},
		"smtpsh-out/001-fails.test.txt": {"smtpsh test .", "-rw-------"},
		"own":                           {"smtpsh test . --out own", "drwx------"},
		"load.json":                     {"smtpsh load keep-alive --messages 1 --sessions 1 --report-json load.json", "-rw-------"},
		"load.html":                     {"smtpsh load keep-alive --messages 1 --sessions 1 --report-html load.html", "-rw-------"},
		"talk.log":                      {"smtpsh run hello.lua --log talk.log", "-rw-------"},
		"talk.jsonl":                    {"smtpsh run hello.lua --log talk.jsonl", "-rw-------"},
		"keys":                          {"echo QUIT | smtpsh sandbox:plain/465 --keylog keys", "-rw-------"},
		"made.smtp":                     {"smtpsh record2test log -o made.smtp", "-rw-------"},
		"saved.smtp":                    {"printf 'NOOP\\n:save saved.smtp\\n' | smtpsh sandbox:plain", "-rw-------"},
		"saved.html":                    {"printf 'NOOP\\n:save saved.html !\\n' | smtpsh sandbox:plain", "-rw-------"},
		"prompt.log":                    {"printf ':log prompt.log\\nNOOP\\n' | smtpsh sandbox:plain", "-rw-------"},
		"class.csv":                     {"smtpsh learn --export class.csv", "-rw-------"},
		"cpu":                           {"smtpsh version --cpuprofile cpu", "-rw-------"},
		"cert.pem":                      {"printf ':cert pem cert.pem\\n' | smtpsh sandbox:plain/465", "-rw-r--r--"},
		"dir/.smtpsh/smtpsh.lua":        {"smtpsh init dir", "-rw-r--r--"},
		"opened.xml":                    {": >opened.xml; chmod 644 opened.xml; smtpsh test . --report-junit opened.xml", "-rw-r--r--"},
		"open.log":                      {": >open.log; chmod 644 open.log; smtpsh run hello.lua --log open.log", "-rw-r--r--"},
	} {
		t.Run(strings.NewReplacer("/", "-").Replace(file), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{
				"a_test.lua": failing, "hello.lua": "smtp.connect():ehlo('me')\n", "log": "S: 220 x\nC: QUIT\nS: 221 x\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, _ := run(t, fileCommand(t, dir, "umask 0; "+c.command))
			info, err := os.Lstat(filepath.Join(dir, file))
			if err != nil || info.Mode().String() != c.want {
				t.Errorf("%v, %v, want %s:\n%s", info, err, c.want, out)
			}
		})
	}
}

// TestEndlessInputs gives each reader an endless device, a FIFO without a writer, and a
// command that does not end. Each ends with an error that names the reason.
func TestEndlessInputs(t *testing.T) {
	const larger, pipe, device = "is larger than", "is not a regular file: it is a pipe", "is not a regular file: it is a device"
	for command, c := range map[string]struct {
		status int
		want   string
	}{
		"smtpsh run /dev/zero":                                  {2, "script /dev/zero " + larger + " 4194304 bytes"},
		"smtpsh run - </dev/zero":                               {2, "the script on standard input " + larger},
		"smtpsh check - </dev/zero":                             {2, "the script on standard input " + larger},
		"smtpsh load /dev/zero":                                 {2, "script /dev/zero " + larger},
		"smtpsh check /dev/zero":                                {2, "script /dev/zero " + larger},
		"smtpsh sandbox --script /dev/zero":                     {2, "script /dev/zero " + larger},
		"smtpsh test /dev/zero":                                 {2, "/dev/zero " + device},
		"smtpsh test fifo":                                      {2, "fifo " + pipe},
		"mkdir d; mkfifo d/x_test.lua; smtpsh test d":           {2, "x_test.lua " + pipe},
		"smtpsh test d*_test.lua":                               {2, "dev_test.lua " + device},
		"smtpsh learn /dev/zero":                                {2, "/dev/zero " + device},
		"smtpsh learn fifo":                                     {2, "fifo " + pipe},
		"smtpsh record2test /dev/zero":                          {2, "/dev/zero " + larger},
		"smtpsh record2test - </dev/zero":                       {2, ""},
		"smtpsh version --vars-file /dev/zero":                  {2, "/dev/zero " + larger + " 1048576 bytes"},
		"smtpsh version --ca /dev/zero":                         {2, "/dev/zero " + larger + " 16777216 bytes"},
		"smtpsh version --cert /dev/zero":                       {2, "/dev/zero " + larger},
		"smtpsh version --cert hello.lua --key /dev/zero":       {2, "/dev/zero " + larger},
		"smtpsh run secret.lua --secret s=@file:/dev/zero":      {2, "/dev/zero " + larger + " 65536 bytes: this is not a secret"},
		"smtpsh run secret.lua --secret s=@cmd:yes":             {2, "more than 65536 bytes: this is not a secret"},
		"smtpsh run secret.lua --secret 's=@cmd:cat /dev/zero'": {2, "more than 65536 bytes: this is not a secret"},
		"smtpsh run secret.lua --secret 's=@cmd:echo hidden; sleep 90 2>/dev/null &'": {0, "read"},
		"smtpsh run secret.lua --deadline 1s --secret 's=@cmd:sleep 600'":             {6, "the time limit of the run has passed"},
		"smtpsh run secret.lua --deadline 1s --secret s=@file:fifo":                   {6, "the time limit of the run has passed"},
		"smtpsh run fifo --deadline 1s":                                               {6, "the time limit of the run has passed"},
		"smtpsh load fifo --deadline 1s":                                              {6, "the time limit of the run has passed"},
		"smtpsh check fifo --deadline 1s":                                             {6, "the time limit of the run has passed"},
		"smtpsh record2test fifo --deadline 1s":                                       {6, "the time limit of the run has passed"},
		"smtpsh version --vars-file fifo --deadline 1s":                               {6, "the time limit of the run has passed"},
		"smtpsh version --ca fifo --deadline 1s":                                      {6, "the time limit of the run has passed"},
		"smtpsh version --cert fifo --deadline 1s":                                    {6, "the time limit of the run has passed"},
		"smtpsh run hello.lua --log fifo": {
			2, "--log: write fifo: it is a FIFO that no program reads",
		},
		"smtpsh run hello.lua --keylog fifo": {
			2, "--keylog: write fifo: it is a FIFO that no program reads",
		},
		"SSLKEYLOGFILE=fifo smtpsh run hello.lua": {
			2, "SSLKEYLOGFILE: write fifo: it is a FIFO that no program reads",
		},
		"smtpsh test a_test.lua --report-json fifo":                               {2, "it is a FIFO that no program reads"},
		"printf ':send fifo\\n' | smtpsh sandbox:plain":                           {2, "fifo " + pipe},
		"printf ':login PLAIN a@sandbox.test @cmd:yes\\n' | smtpsh sandbox:plain": {2, "more than 65536 bytes: this is not a secret"},
		"printf ':reconnect --ca /dev/zero\\n' | smtpsh sandbox:plain":            {2, "/dev/zero " + device},
		"smtpsh run ca.lua":    {3, "fifo " + pipe},
		"smtpsh run play.smtp": {3, "not a regular file"},
	} {
		t.Run(strings.NewReplacer("/", "-", " ", "_").Replace(command), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{
				"a_test.lua": failing, "hello.lua": "smtp.connect():ehlo('me')\n", "secret.lua": "print(vars.secret('s') and 'read')\n",
				"ca.lua": "smtp.connect('sandbox:plain', {ca = 'fifo'})\n", "play.smtp": "S: 220 ...\n:include fifo\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600), os.Symlink("/dev/zero", filepath.Join(dir,
				"dev_test.lua"))); err != nil {
				t.Fatal(err)
			}
			cmd := fileCommand(t, dir, command)
			out, status := run(t, cmd)
			if status != c.status || !strings.Contains(out, c.want) {
				t.Errorf("status %d, want %d and %q:\n%.500s", status, c.status, c.want, out)
			}
		})
	}
}

// TestInterruptEndsReading sends ^C to a program that reads from a FIFO without data.
// The test waits until the program has opened the FIFO. The program must end itself: the
// watch that ends a blocked program prints a message.
func TestInterruptEndsReading(t *testing.T) {
	for _, command := range []string{
		"exec smtpsh run fifo", "exec smtpsh check fifo", "exec smtpsh load fifo",
		"exec smtpsh record2test fifo", "exec smtpsh sandbox --script fifo",
		"exec smtpsh version --vars-file fifo", "exec smtpsh version --ca fifo",
		"exec smtpsh version --cert fifo",
		"exec smtpsh run secret.lua --secret s=@file:fifo",
		"exec smtpsh run secret.lua --secret 's=@cmd:exec cat fifo'",
	} {
		t.Run(strings.NewReplacer("/", "-", " ", "_").Replace(command), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			fifo := filepath.Join(dir, "fifo")
			if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.WriteFile(filepath.Join(dir, "secret.lua"), []byte("vars.secret('s')\n"),
				0o644)); err != nil {
				t.Fatal(err)
			}
			cmd := fileCommand(t, dir, command)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			w := reached(t, fifo)
			defer w.Close()
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			cmd.Wait() //nolint:errcheck // the exit status shows it
			if status := cmd.ProcessState.ExitCode(); status != 130 || !strings.Contains(out.String(), "smtpsh: interrupted\n") {
				t.Errorf("status %d: %s", status, out.String())
			}
		})
	}
}

// reached waits until a program opens a FIFO to read, and returns the file for writing.
func reached(t *testing.T, fifo string) *os.File {
	t.Helper()
	got := make(chan *os.File, 1)
	go func() {
		w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // waits for a reader
		if err == nil {
			got <- w
		}
	}()
	select {
	case w := <-got:
		return w
	case <-time.After(patience):
		t.Fatal("no process opened the FIFO")
		return nil
	}
}
