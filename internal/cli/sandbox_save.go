package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"smtpsh/internal/sandbox"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

// saver writes the messages of a sandbox into a folder, each as N.eml with N.envelope.
// Existing files are kept.
type saver struct {
	dir    string
	folder fs.FileInfo // the folder as it was at the start
	sync   bool        // a message is on the disk before the client gets the reply
	// ahead is the difference between the numbers of files and of messages.
	ahead atomic.Int64

	mu    sync.Mutex
	lost  int
	first error // why the first lost message was lost
}

// newSaver makes the folder and finds the highest number in it.
func newSaver(dir string, sync bool) (*saver, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &saver{dir: dir, sync: sync}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.folder, err = f.Stat(); err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, wholefile.Named("read", dir, err)
	}
	for _, name := range names {
		if n := numberOf(name); n > s.ahead.Load() {
			s.ahead.Store(n)
		}
	}
	return s, nil
}

// numberOf returns the number in the name of a saved message, 0 for other files.
func numberOf(name string) int64 {
	base, ok := strings.CutSuffix(name, ".eml")
	if !ok {
		if base, ok = strings.CutSuffix(name, ".envelope"); !ok {
			return 0
		}
	}
	n, err := strconv.ParseInt(base, 10, 64)
	if err != nil || n > 1<<53 {
		return 0
	}
	return n
}

// save writes a message. The error names the message that was not saved, and the reason.
func (s *saver) save(m sandbox.Message) error {
	err := s.write(m)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost++; s.first == nil {
		s.first = err
	}
	return err
}

// write uses the number of the message plus ahead. If another program has put a file of
// this name there, it uses the next number.
func (s *saver) write(m sandbox.Message) error {
	//mutant:numbers-of-saved-mail-are-counted is " + s.ahead.Load()" ""
	for n := int64(m.ID) + s.ahead.Load(); ; n++ {
		err := s.writeAs(filepath.Join(s.dir, strconv.FormatInt(n, 10)), m)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		for {
			ahead := s.ahead.Load()
			if now := n - int64(m.ID); now <= ahead || s.ahead.CompareAndSwap(ahead, now) {
				return nil
			}
		}
	}
}

// writeAs writes both files or none. It writes the envelope first, so that a program that
// finds a message also finds its envelope.
func (s *saver) writeAs(base string, m sandbox.Message) error {
	envelope := base + ".envelope"
	// the folder was replaced by another folder or a link, which must not get the mail
	//mutant:saved-mail-goes-to-the-folder-of-the-start is "s.folder" "now"
	if now, err := os.Stat(s.dir); err == nil && !os.SameFile(now, s.folder) {
		return &fs.PathError{Op: "create", Path: envelope, Err: errors.New("the folder was replaced since the start")}
	}
	//mutant:saved-mail-writes-over-nothing is "(envelope," "(func() string { os.Remove(envelope); return envelope }(),"
	if err := wholefile.CreateFrom(envelope, strings.NewReader(m.Envelope()), 0o600, s.sync); err != nil {
		return err
	}
	err := wholefile.CreateFrom(base+".eml", m.Reader(), 0o600, s.sync)
	if err == nil && s.sync {
		if err = wholefile.SyncFolder(s.dir); err != nil {
			os.Remove(base + ".eml") //nolint:errcheck // report the first error
		}
	}
	if err != nil {
		os.Remove(envelope) //nolint:errcheck // report the first error
	}
	return err
}

// result returns an error about the messages that were lost, or nil.
func (s *saver) result() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == 0 {
		return nil
	}
	what := fmt.Sprintf("%d messages were not saved and were", s.lost)
	if s.lost == 1 {
		what = "1 message was not saved and was"
	}
	return &usageError{
		err:  fmt.Errorf("%s rejected with 452: %s", what, transcript.Escape(s.first.Error())),
		hint: "free disk space, or name another folder with --save; the clients will try again",
	}
}
