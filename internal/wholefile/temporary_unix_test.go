//go:build unix

package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Temporary names are long, never equal, and used only if they are free, also of a broken
// link: in a folder that everybody can write, another user could guess them.
func TestTemporaryNames(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for range 1000 {
		name := temporary()
		if seen[name] || len(name) < len(".new-")+26 { // 26 letters are 128 bits
			t.Fatalf("%s", name)
		}
		seen[name] = true
	}
	link, file := filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := errors.Join(os.Symlink("elsewhere", link), os.WriteFile(file, []byte("precious"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, file} {
		if f, err := os.OpenFile(path, newFile, 0o600); !errors.Is(err, fs.ErrExist) {
			f.Close()
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
