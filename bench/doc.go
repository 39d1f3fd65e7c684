// Command bench compares whole programs side by side, in one run on one machine:
// smtpsh, the tools that people use today, and a minimal Go client that says
// ready-made bytes, which is the limit of what can be reached.
//
//	go run ./bench
//
// builds what is ours, starts the servers, runs every contestant of a job in turn, as
// often as -n says, and writes docs/performance.md: medians, their spread, and ratios
// that were taken round by round, so that a machine whose speed drifts does not spoil
// them. Tools that are not installed are named and left out.
package main
