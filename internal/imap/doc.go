// Package imap looks by IMAP at what was delivered. It is the far end of a test
// of mail delivery, not a mail client: it logs in, finds one message, and leaves.
package imap
