//go:build !race

package redteam_test

// raced tells that the race detector is active, which needs several times the memory.
const raced = false
