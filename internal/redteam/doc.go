// Package redteam attacks the sandbox as a program on a network: it runs
// smtpsh sandbox, sends it all kinds of data, and checks the memory of the process,
// the console output and the files on disk. The soak test runs all attacks at once
// for some time and checks that the server still serves an ordinary client:
//
//	SOAK=10m go test -count=1 -v -timeout 30m -run Soak ./internal/redteam
//
// Without the variable the soak test takes a few seconds.
package redteam
