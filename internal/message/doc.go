// Package message composes and reads mail messages: header fields folded and encoded
// (RFC 5322, RFC 2047, RFC 2231), text and HTML as alternatives, attachments,
// Message-ID and Date. The header is written here, so that reading a field gives what
// was composed and nothing in a field can start another one; the parts are
// emersion/go-message's.
package message
