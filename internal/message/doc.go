// Package message composes mail messages: header fields with RFC 2047 words,
// text and HTML as alternatives, attachments, Message-ID and Date. The MIME work
// is emersion/go-message's; what is ours is that nothing in a field can start
// another one.
package message
