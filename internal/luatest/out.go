package luatest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
)

// OutDir is where the transcripts of failed tests are kept.
const OutDir = "smtpsh-out"

// mark is a file in the folder that tells that it is ours to clean.
const mark = ".smtpsh-out"

// Keeper keeps a transcript of each failed test.
type Keeper struct {
	nothing
	Dir  string
	Kept []string // the files that were written
	err  error
	n    int
}

// Clean removes what an earlier run has left. A folder that is not ours stays as
// it is.
func (k *Keeper) Clean() {
	if _, err := os.Stat(filepath.Join(k.Dir, mark)); err != nil {
		return
	}
	old, _ := filepath.Glob(filepath.Join(k.Dir, "[0-9][0-9][0-9]-*.test.txt"))
	for _, f := range old {
		os.Remove(f) //nolint:errcheck // it will be written over, or stay
	}
}

// Done keeps a failed test's transcript.
func (k *Keeper) Done(f *File, r *luabind.Result) {
	if !hasFindings(r) || k.err != nil {
		return
	}
	if err := os.MkdirAll(k.Dir, 0o755); err != nil {
		k.err = err
		return
	}
	if k.err = os.WriteFile(filepath.Join(k.Dir, mark), []byte("smtpsh test keeps the transcripts of failed tests here\n"), 0o644); k.err != nil {
		return
	}
	k.n++
	path := filepath.Join(k.Dir, fmt.Sprintf("%03d-%s.test.txt", k.n, slug(r.Test.Full())))
	text := xmlText(r.Test.Full()) + "\n" + strings.Join(failureText(f, r, 0), "\n") + "\n"
	if len(r.Output) > 0 {
		text += "printed\n  " + xmlText(strings.Join(r.Output, "\n  ")) + "\n"
	}
	if k.err = wholefile.Replace(path, []byte(text), 0o600); k.err == nil {
		k.Kept = append(k.Kept, path)
	}
}

// End tells of a failure to write.
func (k *Keeper) End(*Summary) error {
	if k.err != nil {
		return &ReportError{k.Dir, k.err}
	}
	return nil
}

// slug makes a file name of a test's name.
func slug(s string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() > 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
