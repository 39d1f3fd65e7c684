package testrun_test

import (
	"os"
	"path/filepath"
	"testing"

	"smtpsh/internal/testrun"
)

// TestTranscriptsTakeFreeNames runs the same failing tests three times: the second run
// removes the files of the first, and a concurrent run overwrites nothing.
func TestTranscriptsTakeFreeNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	names := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, "*.test.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range found {
			found[i] = filepath.Base(found[i])
		}
		return found
	}
	run := func(clean bool) *testrun.Keeper {
		k := &testrun.Keeper{Dir: dir}
		if clean {
			k.Clean()
		}
		if _, err := testrun.Run(t.Context(), []*testrun.File{file("a_test.lua", "it('fails', function() expect(1):equals(2) end)")}, options(t),
			k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	run(true)
	if got := names(); len(got) != 1 || got[0] != "001-fails.test.txt" {
		t.Fatalf("%v", got)
	}
	first := filepath.Join(dir, "001-fails.test.txt")
	if err := os.WriteFile(first, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	beside := run(false)
	if got := names(); len(got) != 2 || len(beside.Kept) != 1 || filepath.Base(beside.Kept[0]) != "002-fails.test.txt" {
		t.Errorf("%v, kept %v", got, beside.Kept)
	}
	if b, err := os.ReadFile(first); err != nil || string(b) != "changed" {
		t.Errorf("the file was overwritten: %q, %v", b, err)
	}
	run(true)
	if got := names(); len(got) != 1 {
		t.Errorf("the files of the earlier run remain: %v", got)
	}
}
