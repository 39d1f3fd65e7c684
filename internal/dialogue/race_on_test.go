//go:build race

package dialogue_test

const raceEnabled = true
