// Package redteam attacks the built-in server as a program on a network: it runs
// smtpsh sandbox, fills it with everything that a client can send, and measures the
// memory of the process, what the console shows, and what is on the disk. The soak
// attacks for a while on all sides and looks at how an ordinary client is served:
//
//	SOAK=10m go test -count=1 -v -timeout 30m -run Soak ./internal/redteam
//
// Without the variable it takes a few seconds.
package redteam
