package nearby

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Limits on what is read of a folder.
const (
	maxRecords = 64
	maxRecord  = 64 << 10
)

// settled is how long ago a folder must have changed for its time to tell of the next
// change: clocks of file systems are coarse.
const settled = 2 * time.Second

// ending is that of the files; one without it is being written.
const ending = ".sandbox"

// Finder finds the records in a folder. The zero value finds nothing.
type Finder struct {
	Dir string // "" for none

	mu      sync.Mutex
	changed time.Time // of the folder, when the records were read
	records []*Record
}

// Find returns the record of the sandbox that listens on an address, nil when there is
// none of this user's.
func (f *Finder) Find(host string, port int) *Record {
	if f == nil || f.Dir == "" {
		return nil
	}
	if !listed([]string{"127.0.0.1:1", "[::1]:1"}, host, 1) && !strings.HasPrefix(host, "127.") {
		return nil // not of this machine: the folder need not be looked at
	}
	for _, r := range f.all() {
		if r.Serves(host, port) {
			return r
		}
	}
	return nil
}

// all reads the records, the newest first. They are read again only when the folder has
// changed: a load opens many sessions a second.
func (f *Finder) all() []*Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Lstat(f.Dir)
	if err != nil || !info.IsDir() || !ours(info) || info.Mode().Perm()&0o022 != 0 {
		return nil
	}
	if info.ModTime().Equal(f.changed) && len(f.records) > 0 {
		return f.records
	}
	f.changed, f.records = info.ModTime(), nil
	if time.Since(f.changed) < settled { // a second change could have the same time
		f.changed = time.Time{}
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil
	}
	var times []time.Time
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ending) || len(f.records) == maxRecords {
			continue
		}
		r, modified := read(filepath.Join(f.Dir, e.Name()))
		if r == nil {
			continue
		}
		n := len(times)
		for n > 0 && times[n-1].Before(modified) {
			n--
		}
		times = append(times[:n], append([]time.Time{modified}, times[n:]...)...)
		f.records = append(f.records[:n], append([]*Record{r}, f.records[n:]...)...)
	}
	return f.records
}

// read reads a record, nil when it is not to be believed.
func read(path string) (*Record, time.Time) {
	before, err := os.Lstat(path)
	if err != nil || !before.Mode().IsRegular() { // a link or a FIFO is not opened
		return nil, time.Time{}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}
	}
	defer f.Close()
	info, err := f.Stat()
	//mutant:no-other-user-plants-an-authority is "!ours(info) || info.Mode().Perm()&0o077 != 0" "info.Mode().Perm()&0o077 > 0o777"
	//mutant:a-dead-sandbox-vouches-for-nobody is "!isLocked(f)" "isLocked(f) && false"
	if err != nil || !os.SameFile(info, before) || !ours(info) || info.Mode().Perm()&0o077 != 0 || info.Size() > maxRecord || !isLocked(f) {
		return nil, time.Time{}
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, time.Time{}
	}
	r := &Record{}
	if json.Unmarshal(b, r) != nil {
		return nil, time.Time{}
	}
	return r, info.ModTime()
}
