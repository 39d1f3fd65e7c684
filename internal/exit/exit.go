package exit

import "errors"

// The exit statuses. They are part of the program's interface.
const (
	OK          = 0
	Failed      = 1 // an expectation was not met
	Usage       = 2 // flags, arguments, a missing variable
	Script      = 3 // a script has an error
	Dial        = 4 // cannot connect
	TLS         = 5
	Lost        = 6   // connection lost, timeout or protocol violation
	Auth        = 7   // AUTH was refused
	Temporary   = 8   // 4yz
	Permanent   = 9   // 5yz
	Unknown     = 10  // it is not known whether the message was accepted
	Interrupted = 130 // ^C
)

// Stater is an error that states its exit status.
type Stater interface {
	error
	// ExitStatus returns one of the constants of this package.
	ExitStatus() int
}

// Stated returns the exit status that an error states, or otherwise if it states none.
func Stated(err error, otherwise int) int {
	var stated Stater
	if errors.As(err, &stated) {
		return stated.ExitStatus()
	}
	return otherwise
}

// kinds has the statuses of the names of engine.KindOf, except "reply".
var kinds = map[string]int{
	"dial": Dial, "tls": TLS, "timeout": Lost, "closed": Lost, "protocol": Lost, "canceled": Interrupted, "usage": Usage,
}

// OfKind returns the exit status of a kind of failure, as named by engine.KindOf. It
// returns false for "reply", whose status depends on the reply, and for other words.
func OfKind(kind string) (status int, ok bool) {
	status, ok = kinds[kind]
	return status, ok
}
