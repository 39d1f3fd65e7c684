package sandbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
)

// spillFloor is the minimum size that a temporary file counts for. So the limit on their
// size also limits their number.
const spillFloor = 2 << 20

// errDropped is the error of reading a message that was dropped.
var errDropped = errors.New("the message was dropped to make room for newer ones")

// spill is the content of a large message in a temporary file. Where the system allows it,
// the file has no name and disappears when the program ends, even if it is killed.
// Elsewhere it is removed when the message is dropped.
type spill struct {
	disk  *budget
	f     *os.File
	name  string // "" for a file without one
	size  int64
	taken int64 // bytes taken of disk
	once  sync.Once
}

// errNoDisk is the error of a message that exceeds the limit on temporary files.
var errNoDisk = errors.New("the limit on temporary files is reached")

// newSpill creates a temporary file in dir, or in the system's folder if dir is "".
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
	f, err := os.CreateTemp(dir, "smtpsh-message-*") // It is readable by this user only, and never follows a link.
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

// Write appends bytes. It fails with errNoDisk at the limit on temporary files.
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

// ReadAt reads a part. After close it fails with errDropped.
func (s *spill) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.f.ReadAt(p, at)
	if errors.Is(err, fs.ErrClosed) {
		err = errDropped
	}
	return n, err
}

// reader returns a reader from the beginning.
func (s *spill) reader() io.Reader { return io.NewSectionReader(s, 0, s.size) }

// close removes the file and gives its bytes back. A second call does nothing.
func (s *spill) close() {
	if s == nil {
		return
	}
	s.once.Do(func() {
		s.f.Close()
		if s.name != "" {
			os.Remove(s.name) //nolint:errcheck // Nothing can be done about an error.
		}
		s.disk.give(s.taken)
	})
}

// head returns the first maxHeader bytes, or nil if they cannot be read.
func (s *spill) head() []byte {
	b := make([]byte, min(s.size, maxHeader))
	if _, err := io.ReadFull(s.reader(), b); err != nil {
		return nil
	}
	return b
}
