package testrun

import "testing"

// Tests of files that name their own servers show nothing about the target of the run.
func TestNothingTriedOfTheTarget(t *testing.T) {
	for _, tt := range []struct {
		name                         string
		passed, untried              int
		ownPassed, ownUntried, warns int
		want                         bool
	}{
		{"nothing", 0, 0, 0, 0, 0, false},
		{"all passed", 2, 0, 0, 0, 0, false},
		{"none could be tried", 0, 2, 0, 0, 0, true},
		{"some could be tried", 1, 2, 0, 0, 0, false},
		{"only an own one passed", 1, 3, 1, 0, 0, true},
		{"an own one and another passed", 2, 3, 1, 0, 0, false},
		{"a warning", 1, 3, 1, 0, 1, false},
		{"only own ones, one not tried", 1, 1, 1, 1, 0, false},
		{"only own ones, none tried", 0, 2, 0, 2, 0, true},
	} {
		s := &Summary{Passed: tt.passed}
		s.Untried, s.ownPassed, s.ownUntried, s.Warned = tt.untried, tt.ownPassed, tt.ownUntried, tt.warns
		if got := s.NothingTried(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
