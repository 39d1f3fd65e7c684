package lessons

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/readfile"
	"smtpsh/luabind"
	"smtpsh/luabind/lessonmod"
)

//go:embed course/*.lua
var files embed.FS

// Entry is a lesson of the course.
type Entry struct {
	Number int    // from 1
	Name   string // "first-hello"
	Title  string
	Source []byte
}

var (
	numbered  = lazyregexp.New(`^(\d+)-(.+)\.lua$`)
	titleLine = lazyregexp.New(`(?m)^\s*title\s*=\s*"([^"]*)"`)
)

// Entries returns the lessons of the course in their order.
func Entries() []Entry {
	list, err := fs.Glob(files, "course/*.lua")
	if err != nil {
		panic("lessons: " + err.Error()) // the constant pattern is valid
	}
	var out []Entry
	for _, f := range list {
		src, err := files.ReadFile(f)
		m := numbered().FindStringSubmatch(path.Base(f))
		if err != nil || m == nil {
			panic("lessons: " + f)
		}
		n, _ := strconv.Atoi(m[1])
		e := Entry{Number: n, Name: m[2], Source: src}
		if t := titleLine().FindSubmatch(src); t != nil {
			e.Title = string(t[1])
		}
		out = append(out, e)
	}
	return out
}

// School opens lessons and stores the progress.
type School struct {
	Progress *Progress
	// VM creates the Lua VM of a lesson. dir is the folder of the lesson file, or "" for
	// a lesson of the course.
	VM func(dir string) *luabind.VM
}

// Find returns the lesson of the course with a number or name.
func Find(what string) (Entry, bool) {
	for _, e := range Entries() {
		if strings.EqualFold(what, e.Name) || what == strconv.Itoa(e.Number) {
			return e, true
		}
	}
	return Entry{}, false
}

// ErrNoLesson is wrapped by the error of [School.Open] if neither a lesson nor a file has
// the given name.
var ErrNoLesson = errors.New("lesson not found")

// Open loads a lesson by its number, name or file. The caller must close the course.
func (s *School) Open(ctx context.Context, what string) (*Course, error) {
	if e, ok := Find(what); ok {
		return s.load(ctx, e, e.Name+".lua", "")
	}
	src, err := readLesson(ctx, what)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(what), ".lua")
	return s.load(ctx, Entry{Name: name, Source: src}, what, filepath.Dir(what))
}

// maxLesson limits the size of a lesson file in bytes.
const maxLesson = 1 << 20

func readLesson(ctx context.Context, path string) ([]byte, error) {
	src, err := readfile.Read(ctx, path, readfile.Rule{Limit: maxLesson})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s", ErrNoLesson, path)
	case errors.As(err, new(*readfile.SizeError)):
		return nil, fmt.Errorf("%w: this is probably not a lesson file", err)
	}
	return src, err
}

func (s *School) load(ctx context.Context, e Entry, file, dir string) (*Course, error) {
	vm := s.VM(dir)
	l, err := lessonmod.LoadLesson(ctx, vm, file, e.Source)
	if err != nil {
		vm.Close()
		return nil, err
	}
	e.Title = l.Title
	c := &Course{Entry: e, Lesson: l, vm: vm, school: s}
	c.Begin(nil)
	return c, nil
}

// Next returns the name of the first unfinished lesson with a number above after. If there
// is none, it returns the first unfinished lesson, or "" when all are finished.
func (s *School) Next(after int) string {
	first := ""
	for _, e := range Entries() {
		if s.Progress.Done(e.Name) {
			continue
		}
		if e.Number > after {
			return e.Name
		}
		if first == "" {
			first = e.Name
		}
	}
	return first
}

// List returns the list of lessons. Finished ones have the mark [x].
func (s *School) List() string {
	var b strings.Builder
	done := 0
	all := Entries()
	for _, e := range all {
		mark := " "
		if s.Progress.Done(e.Name) {
			mark = "x"
			done++
		}
		fmt.Fprintf(&b, "  [%s] %2d  %-19s %s\n", mark, e.Number, e.Name, e.Title)
	}
	fmt.Fprintf(&b, "  %d of %d finished\n", done, len(all))
	return b.String()
}
