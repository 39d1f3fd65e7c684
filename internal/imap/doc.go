// Package imap reads a delivered message by IMAP, for tests of mail delivery. It is not a
// mail client: it logs in, finds one message, and closes the connection. Begin reading at
// [Open].
package imap
