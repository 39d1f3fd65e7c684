// Package deliver sends a finished message in an open session as a careful client does. It
// checks what the message needs and what the server offers before MAIL, encodes the message
// differently where that helps, adds the parameters of MAIL, and reports what happened for each
// recipient. Begin with [Job.Send].
package deliver
