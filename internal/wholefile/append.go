package wholefile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// ErrNoReader is a FIFO that no program reads.
var ErrNoReader = errors.New("it is a FIFO that no program reads; start the reader first")

// errChanged is a name that led to something else a moment later.
var errChanged = errors.New("it was replaced while it was being opened")

// lastWrites is how long a stream may still take what is written to it after its context
// has ended.
const lastWrites = time.Second

// Append opens a file of the user's choice to write at its end; a new one has the
// permissions perm, one that is there keeps its own. A link is followed. It may be a
// pipe or a device: opening waits for no reader, a FIFO without one is [ErrNoReader], and
// a write that waits for a reader fails a second after ctx has ended. Errors are
// *fs.PathError. Close the file.
func Append(ctx context.Context, path string, perm fs.FileMode) (*os.File, error) {
	f, err := openStream(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, perm)
	if err != nil {
		return nil, named(path, err)
	}
	context.AfterFunc(ctx, func() {
		//mutant:a-log-that-nobody-takes-does-not-hold-up-the-end is "f.SetWriteDeadline(time.Now().Add(lastWrites))" "time.Now().Add(lastWrites)"
		f.SetWriteDeadline(time.Now().Add(lastWrites)) //nolint:errcheck // files have none, and need none
	})
	return f, nil
}

// openStream opens what may be a pipe without waiting for its reader. Writes wait as
// usual.
func openStream(path string, flag int, perm fs.FileMode) (*os.File, error) {
	//mutant:a-log-waits-for-no-reader-of-its-FIFO is "|nonblock" ""
	f, err := os.OpenFile(path, flag|nonblock, perm)
	if noReader(err) {
		if info, serr := os.Stat(path); serr == nil && info.Mode()&fs.ModeNamedPipe != 0 {
			return nil, ErrNoReader
		}
	}
	if err != nil {
		return nil, err
	}
	if errors.Is(f.SetWriteDeadline(time.Time{}), os.ErrNoDeadline) { // nobody waits for it then
		err = block(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
