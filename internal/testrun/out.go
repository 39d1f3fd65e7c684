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

// OutDir is the folder for the transcripts of failed tests.
const OutDir = "smtpsh-out"

// mark is a file that marks the folder as one that smtpsh may clean. It begins with made.
const (
	mark = ".smtpsh-out"
	made = "smtpsh test keeps the transcripts of failed tests here\n"
)

// Keeper writes a transcript of each failed test. It never removes files that an earlier
// run did not write.
type Keeper struct {
	nothing
	Dir string
	// Chosen reports that the user named the folder. Only then is a symbolic link followed:
	// an untrusted folder of tests could contain a link to another place.
	Chosen bool
	Kept   []string // the files that were written
	err    error
	n      int
}

// absent says what open does if the folder does not exist.
type absent bool

const (
	makeAbsent absent = true
	keepAbsent absent = false
)

// open opens the folder, and creates it if create is makeAbsent.
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

// Clean removes the files of an earlier run. A folder without smtpsh's mark is not changed.
func (k *Keeper) Clean() {
	f, err := k.open(keepAbsent)
	if err != nil {
		return // writing a transcript reports the error
	}
	defer f.Close()
	if f.Made(mark, made) {
		f.Clear("[0-9][0-9][0-9]-*.test.txt")
	}
}

// Done writes the transcript of a failed test.
func (k *Keeper) Done(f *File, r *Result) {
	if !hasFindings(r) || k.err != nil {
		return
	}
	text := xmlText(r.Test.Full()) + "\n" + strings.Join(failureText(f, r, 0), "\n") + "\n"
	if len(r.Output) > 0 {
		text += "output\n  " + xmlText(strings.Join(r.Output, "\n  ")) + "\n"
	}
	k.err = k.keep(slug(r.Test.Full()), text)
}

// keep writes a transcript under the next free number, because another run may write to
// the same folder.
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

// End returns the first error of writing a transcript.
func (k *Keeper) End(*Summary) error {
	if k.err != nil {
		return &ReportError{k.Dir, k.err}
	}
	return nil
}

// slug derives a file name from a test's name.
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
