// Command limit is the least that a Go program can do to send mail: ready-made bytes,
// no parsing but of the first digit, no checks. It is the yardstick of the comparisons.
//
//	limit ADDRESS SESSIONS MESSAGES SIZE [pipelined|reconnect]
//	limit ADDRESS big FILE
package main
