// Package imap reads a delivered message with IMAP, for tests of mail delivery. It is not a
// mail client: it logs in, finds one message, and closes the connection. Begin with [Open].
package imap
