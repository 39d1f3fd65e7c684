// Command bench compares whole programs side by side, in one run on one machine:
// smtpsh, existing tools, and a minimal Go client that sends prepared bytes and
// shows the lowest possible cost.
//
//	go run ./bench
//
// builds smtpsh's programs, starts the servers, and runs every contestant of a job
// in turn for -n rounds. It writes medians, their spread and ratios to
// docs/performance.md. It takes the ratios round by round, so that changes in the
// machine's speed do not distort them. It lists tools that are not installed and
// leaves them out.
package main
