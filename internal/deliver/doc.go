// Package deliver sends a finished message in an open session as a careful client does. It
// checks what the message needs and what the server offers before MAIL, encodes the message
// again where that helps, adds the parameters of MAIL, and says for each recipient what
// happened. Begin with [Job.Send].
package deliver
