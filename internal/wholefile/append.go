package wholefile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// ErrNoReader is the error for a FIFO that no program reads.
var ErrNoReader = errors.New("it is a FIFO that no program reads; start the reader first")

// errChanged is the error for a name that led to another file a moment later.
var errChanged = errors.New("it was replaced while it was being opened")

// lastWrites is the time for writes to a stream after the end of its context.
const lastWrites = time.Second

// Append opens a file that the user named, to write at its end. A new file has the
// permissions perm; an existing one keeps its own. Links are followed. The file can be a
// pipe or a device: opening does not wait for a reader, a FIFO without a reader is
// [ErrNoReader], and a write that waits for a reader fails one second after the end of ctx.
// Errors are *fs.PathError. Close the file.
func Append(ctx context.Context, path string, perm fs.FileMode) (*os.File, error) {
	f, err := openStream(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, perm)
	if err != nil {
		return nil, named(path, err)
	}
	context.AfterFunc(ctx, func() {
		//mutant:a-log-that-nobody-takes-does-not-hold-up-the-end is "f.SetWriteDeadline(time.Now().Add(lastWrites))" "time.Now().Add(lastWrites)"
		f.SetWriteDeadline(time.Now().Add(lastWrites)) //nolint:errcheck // regular files support no deadlines and need none
	})
	return f, nil
}

// openStream opens a pipe without waiting for its reader. Writes wait as usual.
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
	if errors.Is(f.SetWriteDeadline(time.Time{}), os.ErrNoDeadline) { // then no program waits for it
		err = block(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
