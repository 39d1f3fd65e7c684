// Package sandbox is the built-in SMTP server (sandbox). smtpsh uses it without a
// network, and other programs can connect to it. Begin reading at [Start].
//
// A profile selects the behaviour: like smtp.gmail.com (gmail, from recorded
// replies), like the Gmail of a past year (gmail-2015), like a small RFC 5321
// server with every extension that smtpsh supports (plain, strict), or like an
// LMTP server (lmtp).
//
// A [Server] has one listener for each [Service] of its profile: submission with
// STARTTLS, submission with implicit TLS, MX, and for Gmail the Workspace relay.
// It makes a temporary certificate authority (CA) when it starts. It keeps the
// received messages in memory, with their envelopes and their exact bytes
// ([Server.Messages]).
//
// # How a reply is chosen
//
// The protocol code decides which situation applies, such as "mail-before-auth" or
// "data-ok". The profile's table has the reply for this situation. An address
// whose local part is the key of a rejection causes it: RCPT TO:<mailbox-full@gmail.com>
// gets the reply for a full mailbox, and a message to dmarc-reject@gmail.com is
// rejected after its final dot. A login with such a user name causes the
// rejections of AUTH.
//
// The server shares only the engine's leaf packages with the client. It has its
// own command parser and its own strict reader of message data. With shared code
// the server would repeat the client's mistakes instead of finding them.
package sandbox
