//go:build !race

package redteam_test

// raced says that the race detector is there, which takes several times the memory.
const raced = false
