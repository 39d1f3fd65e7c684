// Package sandbox is the built-in SMTP server: what sessions talk to when there
// is no network, and what other programs can be pointed at.
//
// It answers like smtp.gmail.com (profile gmail, from recorded replies), like
// the Gmail of 2015 (gmail-2015), like a small strict RFC 5321 server with every
// extension that smtpsh speaks (plain), or like an LMTP server (lmtp).
//
// A [Server] listens on one port for each [Service] of its profile: submission with
// STARTTLS, submission with implicit TLS, MX, and for Gmail the Workspace
// relay. Its certificates come from a throw-away authority made at start. What it
// receives stays in memory, with its envelope and its exact bytes
// ([Server.Messages]).
//
// # How a reply is chosen
//
// The protocol code decides on a situation, such as "mail-before-auth" or
// "data-ok"; the profile's table has the reply for it. Every situation of the
// table can be met on purpose, because an address whose local part is the
// situation's key brings it about: RCPT TO:<mailbox-full@gmail.com> is answered
// as a full mailbox is, and a message to dmarc-reject@gmail.com is refused after
// its final dot. AUTH situations are met by logging in as such a user.
//
// The server shares only the engine's leaf packages with the client, and has its
// own command parser and its own strict reader of message data: a server that
// shares the client's opinions cannot catch its faults.
package sandbox
