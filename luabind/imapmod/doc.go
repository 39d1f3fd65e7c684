// Package imapmod is the Lua module for reading mailboxes with IMAP, to check what was
// delivered. Begin with [Module].
package imapmod
