package nearby

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Limits on reading a folder: the number of records, and the size of one in bytes.
const (
	maxRecords = 64
	maxRecord  = 64 << 10
)

// settled is the age that the time of a folder must have before it can show the next
// change, because the clocks of file systems are coarse.
const settled = 2 * time.Second

// ending is the file extension of records. A file without it is still being written.
const ending = ".sandbox"

// Finder finds records in a folder. The zero value finds none.
type Finder struct {
	Dir string // "" for none

	mu      sync.Mutex
	changed time.Time // time of the folder when the records were read
	records []*Record
}

// Find returns the record of the sandbox that listens on an address, nil if this user runs
// none there.
func (f *Finder) Find(host string, port int) *Record {
	if f == nil || f.Dir == "" {
		return nil
	}
	if !listed([]string{"127.0.0.1:1", "[::1]:1"}, host, 1) && !strings.HasPrefix(host, "127.") {
		return nil // not a loopback address: the folder need not be read
	}
	for _, r := range f.all() {
		if r.Serves(host, port) {
			return r
		}
	}
	return nil
}

// all returns the records, the newest first. It reads them again only if the folder has
// changed, because a load test opens many sessions each second.
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

// read reads a record and its time. It returns nil for a record that cannot be trusted.
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
