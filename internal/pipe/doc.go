// Package pipe starts a program and speaks with it on its standard input and output, as inetd
// does: exim -bs, sendmail -bs, or a command that reaches a server, such as ssh HOST nc
// localhost 25. Begin with [Starter.Start].
package pipe
