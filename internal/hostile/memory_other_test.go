//go:build !linux

package hostile_test

import "os"

// resident returns 0, because this system does not report it.
func resident(*os.ProcessState) int64 { return 0 }
