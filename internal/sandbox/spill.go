package sandbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
)

// spillFloor is what a temporary file takes of the limit on files at least, however
// small it is: so the limit bounds their number too.
const spillFloor = 2 << 20

// errDropped is reading a message that was dropped to make room.
var errDropped = errors.New("the message was dropped to make room for newer ones")

// spill is the content of a large message in a temporary file. On systems that allow it
// the file has no name: it is gone when the program is, however that ends. Elsewhere it
// is removed when the message is dropped.
type spill struct {
	disk  *budget
	f     *os.File
	name  string // "" for a file without one
	size  int64
	taken int64 // of the budget
	once  sync.Once
}

// errNoDisk is a message for which the limit on temporary files leaves no room.
var errNoDisk = errors.New("the limit on temporary files is reached")

// newSpill makes a file in the folder for temporary files; dir "" is the system's.
func newSpill(disk *budget, dir string) (*spill, error) {
	if !disk.take(spillFloor) { //mutant:temporary-files-are-bounded never
		return nil, errNoDisk
	}
	if dir == "" {
		dir = os.TempDir()
	}
	s := &spill{disk: disk, taken: spillFloor}
	var err error
	if s.f, err = unnamed(dir); err == nil {
		return s, nil
	}
	f, err := os.CreateTemp(dir, "smtpsh-message-*") // for this user alone, and never through a link
	if err != nil {
		disk.give(spillFloor)
		return nil, err
	}
	s.f = f
	if os.Remove(f.Name()) != nil {
		s.name = f.Name()
	}
	return s, nil
}

// Write appends.
func (s *spill) Write(p []byte) (int, error) {
	for s.size+int64(len(p)) > s.taken {
		if !s.disk.take(spillFloor) {
			return 0, errNoDisk
		}
		s.taken += spillFloor
	}
	n, err := s.f.WriteAt(p, s.size)
	s.size += int64(n)
	return n, err
}

// ReadAt reads a part. After close the error is that the message was dropped.
func (s *spill) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.f.ReadAt(p, at)
	if errors.Is(err, fs.ErrClosed) {
		err = errDropped
	}
	return n, err
}

// reader reads it from its beginning.
func (s *spill) reader() io.Reader { return io.NewSectionReader(s, 0, s.size) }

// close removes the file and gives its room back; a second call does nothing.
func (s *spill) close() {
	if s == nil {
		return
	}
	s.once.Do(func() {
		s.f.Close()
		if s.name != "" {
			os.Remove(s.name) //nolint:errcheck // there is nothing more to be done
		}
		s.disk.give(s.taken)
	})
}

// head is its beginning, as much as a header may have; nil if it cannot be read.
func (s *spill) head() []byte {
	b := make([]byte, min(s.size, maxHeader))
	if _, err := io.ReadFull(s.reader(), b); err != nil {
		return nil
	}
	return b
}
