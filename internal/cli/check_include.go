package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
)

// maxIncluded is the largest number of files that the check of a dialogue reads.
const maxIncluded = 100

// includeChecker checks the files that a dialogue includes, with the same rules as when it
// is played: they must exist, be in its folder, have no mistakes, and not include each
// other.
type includeChecker struct {
	ctx   context.Context
	root  *os.Root
	read  int
	known map[string]bool // files that were checked and have no mistakes
}

// checkIncludes returns the first mistake as findings, or nil.
func checkIncludes(ctx context.Context, path, name string, src []byte) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil //nolint:nilerr // the dialogue comes from standard input
	}
	defer root.Close()
	x := &includeChecker{ctx: ctx, root: root, known: map[string]bool{}}
	return x.check(name, string(src), []string{filepath.Base(path)})
}

// check checks the files of one dialogue. chain contains the files that led to it.
func (x *includeChecker) check(name, text string, chain []string) error {
	script, err := dialogue.Parse(name, text)
	if err != nil {
		return nil //nolint:nilerr // its mistakes were reported before
	}
	for _, st := range script.Steps {
		if st.Kind != dialogue.Directive || st.Text != "include" || len(st.Args) != 1 || strings.Contains(st.Args[0], "{") {
			continue
		}
		file := filepath.Clean(st.Args[0])
		errorAt := func(format string, args ...any) error {
			return &findings{
				[]string{brief(fmt.Sprintf("%s:%d: %s", name, st.Line, fmt.Sprintf(format, args...))), "  " + quote(":include "+st.Args[0])},
			}
		}
		for _, above := range chain {
			if above == file {
				return errorAt("the files include each other in a loop")
			}
		}
		if x.known[file] {
			continue
		}
		if x.read++; x.read > maxIncluded {
			return errorAt("more than %d files are included", maxIncluded)
		}
		b, err := readfile.In(x.ctx, x.root, file, maxScript)
		if err != nil {
			var pe *os.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			return errorAt("%s: %v", st.Args[0], err)
		}
		var wrong *dialogue.ParseError
		if _, err := dialogue.Parse(file, string(b)); errors.As(err, &wrong) { // the file that includes it can define what it captures
			return &findings{[]string{brief(wrong.Error()), "  " + quote(wrong.Source)}}
		}
		if err := x.check(file, string(b), append(chain[:len(chain):len(chain)], file)); err != nil {
			return err
		}
		x.known[file] = true
	}
	return nil
}
