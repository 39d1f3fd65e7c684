// Package imapmod is the Lua module of mailboxes that are read by IMAP, to see what was
// delivered: imap.open and what it gives.
package imapmod
