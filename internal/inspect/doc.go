// Package inspect lets other machines read the mailboxes and accounts of a sandbox. It has
// a [Server], which is a separate listener of the sandbox, and a [Client]. A request is one
// line over TLS, the answer is one JSON object. A client can change nothing, and without
// the token it gets no information. Begin with [Listen].
package inspect
