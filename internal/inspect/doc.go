// Package inspect lets other machines read the mailboxes and accounts of a sandbox: a
// listener beside those of the profile, whose replies stay as they are, and the client
// for it. A request is a line over TLS, the answer one JSON object; nothing can be
// changed, and whoever has no token learns nothing.
package inspect
