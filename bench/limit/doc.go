// Command limit is a minimal Go client: it sends prepared bytes, reads only the first
// digit of replies, and checks nothing else. The comparisons use it as the reference.
//
//	limit ADDRESS SESSIONS MESSAGES SIZE [pipelined|reconnect]
//	limit ADDRESS big FILE
package main
