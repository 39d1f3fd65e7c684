// Package message composes and reads mail messages: header fields folded and encoded
// (RFC 5322, RFC 2047, RFC 2231), text and HTML as alternatives, attachments,
// Message-ID and Date. Begin with [Build] and [Parse].
//
// This package writes the header itself, so that a field reads back as it was composed and
// no value can start another field. emersion/go-message writes the MIME parts.
package message
