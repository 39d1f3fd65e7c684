// Package dialer opens sessions according to the flags: it knows the default target, the
// connection options, and the sandbox of "sandbox:" targets. Scripts, the prompt and all
// commands use it. Begin with [Dialer].
package dialer
