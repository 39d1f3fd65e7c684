// Package dialer opens sessions the way the program was told to: it knows the
// default target, the connection flags, and the built-in server behind
// "sandbox:" targets. Scripts, the prompt and the commands all go through it.
package dialer
