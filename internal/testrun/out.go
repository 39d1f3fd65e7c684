package testrun

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/wholefile"
)

// OutDir is where the transcripts of failed tests are kept.
const OutDir = "smtpsh-out"

// mark is a file in the folder that tells that it is ours to clean, and begins with made.
const (
	mark = ".smtpsh-out"
	made = "smtpsh test keeps the transcripts of failed tests here\n"
)

// Keeper keeps a transcript of each failed test. The folder may be in a place that
// somebody else has prepared: what is there and not of an earlier run stays.
type Keeper struct {
	nothing
	Dir string
	// Chosen reports that the user has named the folder: a link in its place is followed
	// then. Else it is a name that a stranger's folder of tests could lead elsewhere.
	Chosen bool
	Kept   []string // the files that were written
	err    error
	n      int
}

// absent says what happens where there is no such folder.
type absent bool

const (
	makeAbsent absent = true
	keepAbsent absent = false
)

// open opens the folder; with create it makes it.
func (k *Keeper) open(create absent) (*wholefile.Folder, error) {
	if k.Chosen {
		if create {
			if err := os.MkdirAll(k.Dir, 0o700); err != nil {
				return nil, err
			}
		}
		return wholefile.OpenFolder(k.Dir)
	}
	around, err := wholefile.OpenFolder(filepath.Dir(k.Dir))
	if err != nil {
		return nil, err
	}
	defer around.Close()
	if create {
		return around.Make(filepath.Base(k.Dir), 0o700)
	}
	return around.Open(filepath.Base(k.Dir))
}

// Clean removes what an earlier run has left. A folder that is not ours stays as
// it is.
func (k *Keeper) Clean() {
	f, err := k.open(keepAbsent)
	if err != nil {
		return // if something must be kept, the reason shows then
	}
	defer f.Close()
	if f.Made(mark, made) {
		f.Clear("[0-9][0-9][0-9]-*.test.txt")
	}
}

// Done keeps a failed test's transcript.
func (k *Keeper) Done(f *File, r *Result) {
	if !hasFindings(r) || k.err != nil {
		return
	}
	text := xmlText(r.Test.Full()) + "\n" + strings.Join(failureText(f, r, 0), "\n") + "\n"
	if len(r.Output) > 0 {
		text += "printed\n  " + xmlText(strings.Join(r.Output, "\n  ")) + "\n"
	}
	k.err = k.keep(slug(r.Test.Full()), text)
}

// keep writes a transcript under the next number whose name is free: another run may
// write beside this one.
func (k *Keeper) keep(name, text string) error {
	f, err := k.open(makeAbsent)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Replace(mark, made, []byte(made), 0o600); err != nil {
		return err
	}
	for {
		k.n++
		file := fmt.Sprintf("%03d-%s.test.txt", k.n, name)
		err := f.Create(file, []byte(text), 0o600)
		if errors.Is(err, fs.ErrExist) { //mutant:a-transcript-takes-a-free-name never
			continue
		}
		if err == nil {
			k.Kept = append(k.Kept, f.Path(file))
		}
		return err
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
